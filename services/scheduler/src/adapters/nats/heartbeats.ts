/**
 * Heartbeats as keys with a time to live. A key that is not repeated is removed by the server, whose mark of that a push consumer hears
 * like any change. The consumer's end goes unnoticed by nobody: after a reconnect, or when its own heartbeats stop, it is made anew and
 * begins with everything that is there.
 *
 * That a key is there is not believed for ever: a server that was killed may bring keys back that had expired before its last orderly end,
 * and never removes them again (2.15.1). So their age counts when they are come across, by the server's clock, and from then on by ours.
 */

import type { Names } from "@carillon/contracts";
import type { ConsumerInfo } from "@nats-io/jetstream";
import { createInbox, type Msg } from "@nats-io/nats-core";
import { type Cancel, type Clock, type Heartbeats, Refused } from "../../app/ports.ts";
import { type ServerClock, serverClock } from "../../app/server-clock.ts";
import type { Tell } from "../../app/signals.ts";
import type { EpochMs } from "../../domain/instant.ts";
import type { Link } from "./connection.ts";
import { readDelivery } from "./delivery.ts";
import { encodeHeaders } from "./encoded-headers.ts";
import type { JsApi } from "./js-api.ts";
import { readAnswer } from "./pub-ack.ts";
import { streamInfo } from "./stream-questions.ts";
import { TTL_HEADER, ttlHeader, ttlMsOf } from "./time-to-live.ts";

type Deps = { clock: Clock; tell: Tell; link: Link; api: JsApi; names: Names; inboxPrefix: string };
type Heard = (worker: string, heartbeat: string | null) => void;

const NANOS_PER_MS = 1_000_000;
/** One attempt waits so long for its confirmation; a heartbeat that comes later is the next one. */
const BEAT_MS_MAX = 1_000;
/** A worker that ended leaves a mark for so long, for those who were away. */
const GONE_MS = 10_000;
/** The server removes what has expired a moment later. */
const REMOVAL_MS_MAX = 1_000;
const IDLE_HEARTBEAT_MS = 1_000;
const SILENCE_MS_MAX = 3_000;
const INACTIVE_MS = 10_000;
const STATUS_CONTROL = 100;

export class NatsHeartbeats implements Heartbeats {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  beat(worker: string, heartbeat: string, ttlMs: number): Promise<boolean> {
    return this.#write(worker, heartbeat, ttlHeader(ttlMs));
  }

  async end(worker: string): Promise<void> {
    await this.#write(worker, "", { ...ttlHeader(GONE_MS), "KV-Operation": "DEL" });
  }

  async watch(heard: Heard): Promise<Cancel> {
    const watch = new Watch(this.#deps, heard);
    await watch.listen();
    return () => watch.close();
  }

  async #write(worker: string, data: string, headers: Record<string, string>): Promise<boolean> {
    const { names, api } = this.#deps;
    const subject = names.keys.subject(names.buckets.workers, names.keys.worker.build({ workerId: worker }));
    try {
      const reply = await api.request(subject, data, encodeHeaders(null, headers), BEAT_MS_MAX);
      return readAnswer(reply).kind === "stored";
    } catch {
      return false;
    }
  }
}

class Watch {
  readonly #deps: Deps;
  readonly #heard: Heard;
  readonly #prefix: string;
  readonly #forgetReconnect: Cancel;
  /** Workers that were told and are there; each with how to call off that it is forgotten. */
  readonly #there = new Map<string, Cancel>();
  /** While a pass goes on, since others may have set the server's clock by the next one. */
  #serverNow: ServerClock = () => Number.NEGATIVE_INFINITY;
  /** What a pass from the beginning has not come across yet; null: there is no such pass. */
  #unseen: Set<string> | null = null;
  /** Messages that the pass still has to come by; null: not known. */
  #left: number | null = null;
  #arrived = 0;
  #whenTold: () => void = () => {};
  #stopListening: Cancel = () => {};
  #listening = false;
  #closed = false;
  #heardAtMs = 0;

  constructor(deps: Deps, heard: Heard) {
    const { keys, buckets } = deps.names;
    this.#deps = deps;
    this.#heard = heard;
    this.#prefix = keys.subject(buckets.workers, "");
    this.#forgetReconnect = deps.link.onReconnect(() => this.#again());
  }

  /** Resolves once everything that is there was told. */
  listen(): Promise<void> {
    const told = new Promise<void>((resolve) => {
      this.#whenTold = resolve;
    });
    this.#again();
    return told;
  }

  close(): void {
    this.#closed = true;
    this.#forgetReconnect();
    this.#stopListening();
    this.#believeAll();
    this.#whenTold();
  }

  /** While nothing is heard, nothing tells who is gone. */
  #believeAll(): void {
    for (const callOff of this.#there.values()) callOff();
  }

  #again(): void {
    if (this.#closed || this.#listening || this.#deps.link.closed()) return;
    this.#stopListening();
    this.#believeAll();
    this.#listening = true;
    void this.#open().finally(() => {
      this.#listening = false;
      if (this.#closed) this.#stopListening();
    });
  }

  async #open(): Promise<void> {
    const { link, api, clock, names } = this.#deps;
    const inbox = createInbox(this.#deps.inboxPrefix);
    const name = inbox.slice(inbox.lastIndexOf(".") + 1);
    this.#unseen = new Set(this.#there.keys());
    this.#left = null;
    this.#arrived = 0;
    this.#heardAtMs = clock.monotonicMs();
    const stopHearing = link.listen(inbox, (message) => this.#receive(message));
    let stopWatching: Cancel = () => {};
    const look = (): void => {
      if (clock.monotonicMs() - this.#heardAtMs > SILENCE_MS_MAX) this.#again();
      else stopWatching = clock.after(SILENCE_MS_MAX, look);
    };
    this.#stopListening = () => {
      stopWatching();
      stopHearing();
    };
    const config = configOf(name, inbox, `${this.#prefix}>`);
    const question = `CONSUMER.CREATE.${names.keys.stream(names.buckets.workers)}.${name}`;
    const body = {
      stream_name: names.keys.stream(names.buckets.workers),
      config,
      action: "create",
    };
    try {
      this.#serverNow = await serverClock({ clock, store: { serverNow: () => this.#askTime() } });
      const info = await api.ask<ConsumerInfo>(question, body, () => !this.#closed);
      // Where the filter takes everything, this number can be relied on.
      this.#left = info.num_pending + (info.delivered?.consumer_seq ?? 0);
      this.#heardAtMs = clock.monotonicMs();
      this.#endPass();
      if (!this.#closed) look();
    } catch (error) {
      // Not allowed: whoever waits must not wait for ever, and leases still keep workers apart.
      if (error instanceof Refused) this.#deps.tell({ kind: "warning", message: error.message });
      this.#whenTold();
      if (!this.#closed) stopWatching = clock.after(SILENCE_MS_MAX, look);
    }
  }

  #receive(message: Msg): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    const { headers } = message;
    if (this.#closed || headers?.code === STATUS_CONTROL) return;
    this.#arrived++;
    const key = message.subject.slice(this.#prefix.length);
    const worker = this.#deps.names.keys.worker.parse(key)?.workerId;
    if (worker !== undefined) {
      const gone = headers?.has("KV-Operation") === true || headers?.has("Nats-Marker-Reason") === true;
      const left = gone ? 0 : this.#leftMs(message);
      this.#unseen?.delete(worker);
      if (left <= 0) this.#forget(worker);
      else {
        this.#believe(worker, left);
        this.#heard(worker, message.string());
      }
    }
    this.#endPass();
  }

  /** What a pass from the beginning did not come across is gone. */
  #endPass(): void {
    if (this.#unseen === null || this.#left === null || this.#arrived < this.#left) return;
    const gone = this.#unseen;
    this.#unseen = null;
    for (const worker of gone) this.#forget(worker);
    this.#whenTold();
  }

  /** How long it lives unless it is repeated. */
  #leftMs(message: Msg): number {
    const keptMs = ttlMsOf(message.headers?.get(TTL_HEADER)) ?? Number.POSITIVE_INFINITY;
    const storedAt = readDelivery(message.reply)?.storedAt;
    if (this.#unseen === null || storedAt === undefined) return keptMs;
    return keptMs - Math.max(0, this.#serverNow() - storedAt);
  }

  #believe(worker: string, leftMs: number): void {
    this.#there.get(worker)?.();
    const { clock, link } = this.#deps;
    const outlived = (): void => {
      // Else the pass that follows finds out.
      if (link.up() && this.#unseen === null) this.#forget(worker);
    };
    this.#there.set(worker, clock.after(leftMs + REMOVAL_MS_MAX, outlived));
  }

  #forget(worker: string): void {
    this.#there.get(worker)?.();
    if (this.#there.delete(worker)) this.#heard(worker, null);
  }

  async #askTime(): Promise<EpochMs> {
    const { api, names } = this.#deps;
    const info = await streamInfo(api, names.keys.stream(names.buckets.workers));
    return Date.parse(info?.ts ?? "");
  }
}

const configOf = (name: string, inbox: string, subject: string): object => ({
  name,
  deliver_subject: inbox,
  deliver_policy: "last_per_subject",
  filter_subject: subject,
  ack_policy: "none",
  max_deliver: 1,
  idle_heartbeat: IDLE_HEARTBEAT_MS * NANOS_PER_MS,
  inactive_threshold: INACTIVE_MS * NANOS_PER_MS,
  mem_storage: true,
  num_replicas: 1,
});
