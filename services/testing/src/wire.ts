/**
 * The way between one process and the server. Every crossing has a fate: how long it takes, and whether the request or its answer is lost.
 * A request stays open until it is answered, as in the real publisher: it is sent again after silence and after every reconnect, and its
 * guard is asked before each send.
 */

import { Abandoned, type Cancel, type Guard } from "../../scheduler/src/app/ports.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface Crossing {
  /** Milliseconds to the server, and back. */
  readonly outMs: number;
  readonly backMs: number;
  readonly lost?: "request" | "answer";
}

/** A request with an answer, a message of the process without one, or one of the server. */
export type Way = "request" | "cast" | "push";

/** Decides about one message. It may end the process that sends it, which has then sent it, unless it is lost. */
export type Fate = (way: Way) => Crossing;

/** Everything arrives, in no time. */
export const CALM: Fate = () => ({ outMs: 0, backMs: 0 });

/** Silence for so long means that the answer is lost, and the request is sent again. */
const SILENCE_MS = 2_000;

interface Open {
  readonly handle: (again: boolean) => unknown;
  readonly guard: Guard;
  readonly patienceMs: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  firstSentMs: number;
  waiting: Cancel;
}

export class Wire {
  readonly #time: VirtualTime;
  readonly #clock: VirtualClock;
  readonly #fate: Fate;
  readonly #open = new Set<Open>();
  readonly #reconnected = new Set<() => void>();
  #up = true;
  /** Counts connections: what was on its way over an earlier one is lost. */
  #connection = 0;
  #pushedMs = 0;

  constructor({ time, clock, fate = CALM }: { time: VirtualTime; clock: VirtualClock; fate?: Fate }) {
    this.#time = time;
    this.#clock = clock;
    this.#fate = fate;
  }

  get connection(): number {
    return this.#connection;
  }

  /**
   * What `handle` answers at the server, where it may be asked more than once (`again`: it may have been before). Null: not known after `patienceMs`. Rejects with Abandoned
   * where the guard is false.
   */
  request<T>(
    handle: (again: boolean) => T,
    guard: Guard,
    patienceMs: number | null = null,
  ): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const open: Open = {
        handle,
        guard,
        patienceMs: patienceMs ?? Number.POSITIVE_INFINITY,
        resolve: (answer) => resolve(answer as T | null),
        reject,
        firstSentMs: -1,
        waiting: () => {},
      };
      this.#open.add(open);
      this.#send(open);
    });
  }

  /** Sent once, and perhaps lost. */
  cast(handle: () => void): void {
    if (this.#clock.ended || !this.#up) return;
    const { outMs, lost } = this.#fate("cast");
    const connection = this.#connection;
    this.#time.after(outMs, () => {
      if (lost !== "request" && connection === this.#connection) handle();
    });
  }

  /** From the server, in order. */
  push(call: () => void): void {
    if (!this.#up) return;
    const connection = this.#connection;
    this.#pushedMs = Math.max(this.#pushedMs, this.#time.nowMs + this.#fate("push").backMs);
    this.#time.after(this.#pushedMs - this.#time.nowMs, () => {
      if (connection === this.#connection) this.#clock.run(call);
    });
  }

  onReconnect(call: () => void): Cancel {
    this.#reconnected.add(call);
    return () => void this.#reconnected.delete(call);
  }

  /** The link drops: what is on its way is lost, and nothing more gets through. */
  drop(): void {
    if (!this.#up) return;
    this.#up = false;
    this.#connection++;
    for (const open of this.#open) this.#wait(open, SILENCE_MS);
  }

  reconnect(): void {
    if (this.#up) return;
    this.#up = true;
    this.#clock.run(() => {
      for (const open of [...this.#open]) this.#send(open);
      for (const call of [...this.#reconnected]) call();
    });
  }

  #send(open: Open): void {
    if (this.#clock.ended || !this.#open.has(open)) return;
    if (!open.guard()) {
      this.#close(open);
      open.reject(new Abandoned("may not speak any more"));
      return;
    }
    const again = open.firstSentMs >= 0;
    if (!again) open.firstSentMs = this.#time.nowMs;
    if (!this.#up) {
      // Its guard is asked again before anything can be sent.
      this.#wait(open, SILENCE_MS);
      return;
    }
    const { outMs, backMs, lost } = this.#fate("request");
    const connection = this.#connection;
    this.#time.after(outMs, () => {
      if (lost === "request" || connection !== this.#connection) return;
      const answer = open.handle(again);
      if (lost === "answer") return;
      this.#time.after(backMs, () => {
        if (connection === this.#connection) this.#clock.run(() => this.#answered(open, answer));
      });
    });
    const answeredInMs = lost === undefined ? outMs + backMs : Number.POSITIVE_INFINITY;
    if (answeredInMs >= Math.min(SILENCE_MS, open.patienceMs)) this.#wait(open, SILENCE_MS);
  }

  /** Until the request is sent again, or its patience is over. */
  #wait(open: Open, silenceMs: number): void {
    open.waiting();
    const patienceLeftMs =
      open.firstSentMs < 0 ? open.patienceMs : open.firstSentMs + open.patienceMs - this.#time.nowMs;
    const delayMs = Math.min(silenceMs, patienceLeftMs);
    if (delayMs === Number.POSITIVE_INFINITY) return;
    open.waiting = this.#clock.after(delayMs, () => {
      if (patienceLeftMs > silenceMs) this.#send(open);
      else this.#answered(open, null);
    });
  }

  #answered(open: Open, answer: unknown): void {
    if (this.#close(open)) open.resolve(answer);
  }

  #close(open: Open): boolean {
    open.waiting();
    return this.#open.delete(open);
  }
}
