/**
 * The pipeline of everything that must be acknowledged. One subscription receives all answers; the last token of
 * its subject says whose. A message stays open until an answer comes that counts: it is sent again, byte for byte,
 * after silence, after a passing error and after every reconnect, and its guard is asked before each send.
 *
 *   waiting ─(place)─► sent ─► stored | refused | stale
 *                      │  ▲
 *                      └──┘ silence, passing error, reconnect      patience over → unknown      guard false → Abandoned
 */

import { createInbox, InvalidArgumentError, type Msg, PermissionViolationError } from "@nats-io/nats-core";
import { Abandoned, type Cancel, type Clock, OWN_LANE, type StreamFacts } from "../../app/ports.ts";
import { ApiCode, isPassing, refusalCode } from "./api-codes.ts";
import type { Link } from "./connection.ts";
import { heardHeaders } from "./heard-headers.ts";
import { Lanes } from "./lanes.ts";
import { OpenTable } from "./open-table.ts";
import { type Answer, readAnswer } from "./pub-ack.ts";
import { type Order, type Outcome, refused, Shipment } from "./shipment.ts";
import type { Frame } from "./wire.ts";

type Deps = {
  clock: Clock;
  link: Link;
  /** Who captures a subject; `fresh` asks the server. */
  streamOf: (subject: string, fresh: boolean) => Promise<StreamFacts | null>;
};

/** How often what is open is looked through, while anything is. */
const SWEEP_MS = 50;
/** Resends after a passing error: doubled from the first to the second. */
const RESEND_MS_MIN = 50;
const RESEND_MS_MAX = 2_000;
/** Silence for so long means that the answer is lost, and the message is sent again. */
const SILENCE_MS_MAX = RESEND_MS_MAX;
/** Questions for a capturing stream at once; above it a silent message is only sent again, and asks at the next silence. */
const ASKING_MAX = 32;

export class AckInbox {
  readonly #deps: Deps;
  readonly #lanes: Lanes<Shipment>;
  readonly #open = new OpenTable<Shipment>();
  readonly #prefix: string;
  readonly #endings: Cancel[];
  /** Begun and written in this turn of the event loop, and sent together at its end: one write to the socket for all of them. */
  #outgoing: Shipment[] = [];
  #asking = 0;
  #sweeping: Cancel | null = null;
  #closed = false;

  constructor(deps: Deps, settings: { poolSize: number; inboxPrefix: string }) {
    this.#deps = deps;
    this.#lanes = new Lanes(settings.poolSize);
    this.#prefix = `${createInbox(settings.inboxPrefix)}.`;
    const { link } = deps;
    this.#endings = [
      link.listen(`${this.#prefix}*`, (message) => this.#onReply(message)),
      link.onReconnect(() => this.#resendAll()),
      link.onError((error) => this.#onError(error)),
    ];
  }

  room(lane: string): number {
    return this.#lanes.room(lane);
  }

  /** Messages sent and not yet answered. */
  inflight(): number {
    return this.#lanes.open();
  }

  /** Rejects with Abandoned when the order's guard turned false, or the inbox was closed, before the answer. */
  ship(order: Order): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const shipment = new Shipment(order, resolve, reject);
      if (this.#closed) this.#abandon(shipment);
      else if (!this.#fits(order)) resolve(refused("too_large", "larger than the server's max_payload"));
      else if (this.#lanes.take(order.lane, shipment)) this.#begin(shipment);
    });
  }

  /** Abandons everything open. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#endings) end();
    this.#sweeping?.();
    for (const shipment of [...this.#open.values(), ...this.#lanes.abandon()]) this.#abandon(shipment);
    this.#open.clear();
  }

  #fits({ data, headers }: Order): boolean {
    const max = this.#deps.link.maxPayload();
    // A UTF-16 unit is at most three bytes, so most texts need not be measured.
    if ((data.length + headers.length) * 3 <= max) return true;
    return Buffer.byteLength(data) + Buffer.byteLength(headers) <= max;
  }

  #begin(shipment: Shipment): void {
    this.#open.add(shipment);
    this.#sweeping ??= this.#deps.clock.after(SWEEP_MS, this.#sweep);
    if (this.#deps.link.up() && this.#written(shipment) === null) return;
    if (this.#outgoing.push(shipment) === 1) setImmediate(this.#sendBegun);
  }

  readonly #sendBegun = (): void => {
    const begun = this.#outgoing;
    this.#outgoing = [];
    const nowMs = this.#deps.clock.monotonicMs();
    // A reconnect may have sent it already, or its sender may be gone.
    for (const shipment of begun)
      if (shipment.firstSentAtMs < 0 && this.#open.has(shipment)) this.#send(shipment, nowMs);
  };

  #send(shipment: Shipment, nowMs: number): void {
    const { link } = this.#deps;
    if (!shipment.guard()) {
      this.#fail(shipment, new Abandoned(`may not speak any more: ${shipment.subject}`));
      return;
    }
    const first = shipment.firstSentAtMs < 0;
    if (first) shipment.firstSentAtMs = nowMs;
    else if (shipment.silent) shipment.doubtful = true;
    shipment.dueAtMs = nowMs + SILENCE_MS_MAX;
    shipment.silent = true;
    // Sent over a broken link, a message would only be dropped at the reconnect, which sends everything anyway.
    const frame = link.up() ? this.#written(shipment) : null;
    if (frame === null) return;
    try {
      if (first) link.wire.send(frame);
      else shipment.frame = link.wire.again(frame);
    } catch (error) {
      this.#onFault(shipment, error);
    }
  }

  /** As bytes, so that its text need not be kept. Null: it cannot be sent, and that is settled. */
  #written(shipment: Shipment): Frame | null {
    const { unwritten, subject, token } = shipment;
    if (unwritten === null) return shipment.frame;
    const { headers, data } = unwritten;
    try {
      const frame = this.#deps.link.wire.write(subject, this.#prefix + token, headers, data);
      shipment.frame = frame;
      shipment.unwritten = null;
      return frame;
    } catch (error) {
      this.#onFault(shipment, error);
      return null;
    }
  }

  /** Thrown by the client. */
  #onFault(shipment: Shipment, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    if (this.#deps.link.closed()) {
      this.#fail(shipment, new Abandoned("the connection is closed", { cause }));
      return;
    }
    const code = cause instanceof InvalidArgumentError ? "too_large" : "refused";
    this.#settle(shipment, refused(code, cause.message));
  }

  #onReply(message: Msg): void {
    const shipment = this.#open.get(Number(message.subject.slice(this.#prefix.length)));
    if (shipment === undefined) return;
    const answer = readAnswer({ data: message.data, headers: heardHeaders(message) });
    const own = shipment.lane === OWN_LANE;
    switch (answer.kind) {
      case "stored":
        this.#answered(shipment, answer);
        return;
      case "error":
        this.#onApiError(shipment, answer);
        return;
      case "nobody":
        this.#again(shipment);
        // Our own streams are known to exist: only their leader can be missing.
        if (!own) this.#ask(shipment, true);
        return;
      case "foreign":
        if (!own) this.#ask(shipment, false);
    }
  }

  #onApiError(shipment: Shipment, error: Extract<Answer, { kind: "error" }>): void {
    if (isPassing(error.apiCode, error.httpCode)) {
      this.#again(shipment);
      return;
    }
    if (error.apiCode === ApiCode.wrongLastSequence) {
      this.#answered(shipment, { kind: "stale" });
      return;
    }
    this.#answered(shipment, refused(refusalCode(error.apiCode), `${error.description} (${error.apiCode})`));
  }

  /** The server names the subject only, so everything open on it is refused: all of it is denied alike. */
  #onError(error: Error): void {
    if (!(error instanceof PermissionViolationError) || error.operation !== "publish") return;
    for (const shipment of this.#open.values()) {
      if (shipment.subject === error.subject) this.#settle(shipment, refused("permission", error.message));
    }
  }

  #again(shipment: Shipment): void {
    shipment.silent = false;
    shipment.waitMs = Math.min(Math.max(RESEND_MS_MIN, shipment.waitMs * 2), RESEND_MS_MAX);
    shipment.dueAtMs = this.#deps.clock.monotonicMs() + shipment.waitMs;
  }

  /** Somebody or nobody answered for a target, but no stream did: is there one? */
  #ask(shipment: Shipment, fresh: boolean): void {
    if (shipment.asking || this.#asking >= ASKING_MAX) return;
    shipment.asking = true;
    this.#asking++;
    const { subject } = shipment;
    const done = (): void => {
      shipment.asking = false;
      this.#asking--;
    };
    this.#deps.streamOf(subject, fresh).then((stream) => {
      done();
      if (stream !== null || !this.#open.has(shipment)) return;
      // A remembered "none" may be outdated.
      if (fresh) this.#settle(shipment, refused("no_stream", `no stream captures ${subject}`));
      else this.#ask(shipment, true);
    }, done);
  }

  readonly #sweep = (): void => {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const shipment of this.#open.values()) {
      const { patienceMs, lane } = shipment;
      if (shipment.firstSentAtMs < 0) continue;
      if (patienceMs !== null && nowMs - shipment.firstSentAtMs >= patienceMs) {
        this.#settle(shipment, { kind: "unknown" });
      } else if (nowMs >= shipment.dueAtMs) {
        if (lane !== OWN_LANE && shipment.silent && this.#deps.link.up()) this.#ask(shipment, true);
        this.#send(shipment, nowMs);
      }
    }
    this.#sweeping = this.#open.size === 0 ? null : this.#deps.clock.after(SWEEP_MS, this.#sweep);
  };

  #resendAll(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const shipment of this.#open.values()) {
      shipment.waitMs = 0;
      this.#send(shipment, nowMs);
    }
  }

  /** The server has read it, whichever time it was sent. */
  #answered(shipment: Shipment, outcome: Outcome): void {
    if (shipment.frame !== null) this.#deps.link.wire.release(shipment.frame);
    this.#settle(shipment, outcome);
  }

  #settle(shipment: Shipment, outcome: Outcome): void {
    if (!this.#leave(shipment)) return;
    const doubtful = outcome.kind === "refused" && shipment.doubtful;
    shipment.resolve(doubtful ? { ...outcome, doubtful } : outcome);
  }

  #fail(shipment: Shipment, error: Error): void {
    if (this.#leave(shipment)) shipment.reject(error);
  }

  #leave(shipment: Shipment): boolean {
    if (!this.#open.delete(shipment)) return false;
    this.#lanes.give(shipment.lane, (next) => this.#begin(next));
    return true;
  }

  #abandon(shipment: Shipment): void {
    shipment.reject(new Abandoned(`closed before an answer: ${shipment.subject}`));
  }
}
