/**
 * Pulls from one consumer and watches that its deliveries are complete: each must carry the next number and be a
 * first delivery. It reports the first thing that is not in order, once, and is then spent; whoever owns it makes
 * a fresh consumer. Pull requests run out after a few seconds, so a server that lost them is noticed soon.
 */

import { createInbox, type Msg } from "@nats-io/nats-core";
import type { Cancel, Clock } from "../../app/ports.ts";
import type { Link } from "./connection.ts";
import { type Delivery, readDelivery } from "./delivery.ts";

type Deps = { clock: Clock; link: Link; inboxPrefix: string };

/** Messages asked for in advance. Each that waits in memory is begun work, which outlives collections: with four times as many a flood is slower. */
const BATCH = 128;
/** Below so many, more are asked for. */
const BATCH_LOW = 64;
const EXPIRES_MS = 5_000;
const HEARTBEAT_MS = 1_000;
/** Neither message nor heartbeat for so long: the request is lost. */
const SILENCE_MS_MAX = 3_000;
const NANOS_PER_MS = 1_000_000;
const HEARTBEAT = 100;
const EXPIRED = 408;

export class PullReader {
  readonly #deps: Deps;
  readonly #request: string;
  readonly #deliver: (message: Msg, delivery: Delivery) => void;
  readonly #broken: (reason: string) => void;
  readonly #inbox: string;
  readonly #stopListening: Cancel;
  #stopWatching: Cancel;
  #outstanding = 0;
  #received = 0;
  #heardAtMs: number;
  #closed = false;

  constructor(
    deps: Deps,
    consumer: { stream: string; name: string },
    calls: { deliver: (message: Msg, delivery: Delivery) => void; broken: (reason: string) => void },
  ) {
    this.#deps = deps;
    this.#deliver = calls.deliver;
    this.#broken = calls.broken;
    this.#request = `$JS.API.CONSUMER.MSG.NEXT.${consumer.stream}.${consumer.name}`;
    this.#inbox = createInbox(deps.inboxPrefix);
    this.#heardAtMs = deps.clock.monotonicMs();
    this.#stopListening = deps.link.listen(
      this.#inbox,
      (message) => this.#receive(message),
      () => this.#break("subscription refused"),
    );
    this.#stopWatching = deps.clock.after(SILENCE_MS_MAX, this.#watch);
    this.#pull();
  }

  /** No delivery after this. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatching();
    this.#stopListening();
  }

  #pull(): void {
    const batch = BATCH - this.#outstanding;
    const body = { batch, expires: EXPIRES_MS * NANOS_PER_MS, idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS };
    if (!this.#deps.link.up()) return;
    this.#outstanding += batch;
    this.#deps.link.nc.publish(this.#request, JSON.stringify(body), { reply: this.#inbox });
  }

  #receive(message: Msg): void {
    if (this.#closed) return;
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    const delivery = readDelivery(message.reply);
    if (delivery === null) {
      this.#onStatus(message);
      return;
    }
    if (delivery.deliveries !== 1) {
      this.#break("a message was delivered again");
      return;
    }
    if (delivery.consumerSequence !== this.#received + 1) {
      this.#break("a delivery is missing");
      return;
    }
    this.#received++;
    this.#outstanding--;
    this.#deliver(message, delivery);
    if (this.#outstanding < BATCH_LOW && !this.#closed) this.#pull();
  }

  #onStatus({ headers }: Msg): void {
    switch (headers?.code) {
      case HEARTBEAT:
        return;
      case EXPIRED:
        this.#outstanding = Math.max(0, this.#outstanding - Number(headers.get("Nats-Pending-Messages")));
        this.#pull();
        return;
      default:
        // Deleted, moved to another leader, or not there at all.
        this.#break(headers?.status ?? "an unknown status");
    }
  }

  readonly #watch = (): void => {
    if (this.#deps.clock.monotonicMs() - this.#heardAtMs > SILENCE_MS_MAX) {
      this.#break("silence");
      return;
    }
    this.#stopWatching = this.#deps.clock.after(SILENCE_MS_MAX, this.#watch);
  };

  #break(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#broken(reason);
  }
}
