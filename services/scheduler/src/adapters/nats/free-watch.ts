/**
 * Tells when a key of the leases was deleted or has expired. An expiry is written by the server itself and reaches
 * no ordinary subscriber, so a push consumer listens. Its end goes unnoticed by nobody: after a reconnect, or when
 * its heartbeats stop, it is made anew, and the key counts as perhaps free.
 */

import { createInbox, type Msg } from "@nats-io/nats-core";
import type { Cancel, Clock } from "../../app/ports.ts";
import type { Link } from "./connection.ts";
import type { JsApi } from "./js-api.ts";

type Deps = { clock: Clock; link: Link; api: JsApi; inboxPrefix: string };

const NANOS_PER_MS = 1_000_000;
const HEARTBEAT_MS = 1_000;
const SILENCE_MS_MAX = 3_000;
const INACTIVE_MS = 10_000;
const STATUS_CONTROL = 100;

export async function watchFree(
  deps: Deps,
  key: { stream: string; subject: string },
  freed: () => void,
): Promise<Cancel> {
  const watch = new FreeWatch(deps, key, freed);
  await watch.listen();
  return () => watch.close();
}

class FreeWatch {
  readonly #deps: Deps;
  readonly #key: { stream: string; subject: string };
  readonly #freed: () => void;
  readonly #forgetReconnect: Cancel;
  #stopListening: Cancel = () => {};
  #listening = false;
  #closed = false;
  #heardAtMs = 0;

  constructor(deps: Deps, key: { stream: string; subject: string }, freed: () => void) {
    this.#deps = deps;
    this.#key = key;
    this.#freed = freed;
    this.#forgetReconnect = deps.link.onReconnect(() => this.#again());
  }

  async listen(): Promise<void> {
    if (this.#listening) return;
    this.#listening = true;
    const { link, api, clock } = this.#deps;
    const inbox = createInbox(this.#deps.inboxPrefix);
    const name = inbox.slice(inbox.lastIndexOf(".") + 1);
    const stopHearing = link.listen(inbox, (message) => this.#receive(message));
    this.#heardAtMs = clock.monotonicMs();
    let stopWatching: Cancel = () => {};
    const look = (): void => {
      if (clock.monotonicMs() - this.#heardAtMs > SILENCE_MS_MAX) {
        this.#again();
        return;
      }
      stopWatching = clock.after(SILENCE_MS_MAX, look);
    };
    this.#stopListening = () => {
      stopWatching();
      stopHearing();
    };
    try {
      await api.ask(
        `CONSUMER.CREATE.${this.#key.stream}.${name}`,
        this.#request(name, inbox),
        () => !this.#closed,
      );
      this.#heardAtMs = clock.monotonicMs();
      if (!this.#closed) look();
    } finally {
      this.#listening = false;
      if (this.#closed) this.#stopListening();
    }
  }

  close(): void {
    this.#closed = true;
    this.#forgetReconnect();
    this.#stopListening();
  }

  #request(name: string, inbox: string): object {
    const config = {
      name,
      deliver_subject: inbox,
      deliver_policy: "last",
      filter_subject: this.#key.subject,
      ack_policy: "none",
      max_deliver: 1,
      idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS,
      inactive_threshold: INACTIVE_MS * NANOS_PER_MS,
      mem_storage: true,
      num_replicas: 1,
    };
    return { stream_name: this.#key.stream, config, action: "create" };
  }

  #receive({ headers }: Msg): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    if (this.#closed || headers?.code === STATUS_CONTROL) return;
    if (headers?.has("KV-Operation") === true || headers?.has("Nats-Marker-Reason") === true) this.#freed();
  }

  #again(): void {
    if (this.#closed || this.#listening) return;
    this.#stopListening();
    // What fails here is repeated by polling, which stays necessary with any watch.
    this.listen().catch(() => {});
    this.#freed();
  }
}
