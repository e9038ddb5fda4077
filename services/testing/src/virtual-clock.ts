/**
 * The clock of one process on virtual time. The process can stall, so that everything that would wake it waits, and it can end, so that
 * nothing wakes it any more.
 */

import type { Cancel, Clock } from "../../scheduler/src/app/ports.ts";
import type { EpochMs } from "../../scheduler/src/domain/instant.ts";
import type { VirtualTime } from "./virtual-time.ts";
import { VirtualWall } from "./virtual-wall.ts";

export class VirtualClock implements Clock {
  readonly lookEveryMs: number;
  readonly wall: VirtualWall;
  readonly #time: VirtualTime;
  readonly #bornMs: number;
  /** What it was asked to do while it stalled. */
  readonly #waiting: (() => void)[] = [];
  #stalledUntilMs = Number.NEGATIVE_INFINITY;
  #ended = false;

  /** `wall`: the machine's, or what it would have shown when `time` began. `lookEveryMs`: see Clock; Infinity for one that is never set. */
  constructor(time: VirtualTime, wall: VirtualWall | EpochMs, lookEveryMs = 1_000) {
    this.lookEveryMs = lookEveryMs;
    this.#time = time;
    this.wall = typeof wall === "number" ? new VirtualWall(time, wall) : wall;
    this.#bornMs = this.wall.passedMs;
  }

  now(): EpochMs {
    return this.wall.now();
  }

  monotonicMs(): number {
    return Math.floor(this.wall.passedMs - this.#bornMs);
  }

  after(delayMs: number, wake: () => void): Cancel {
    return this.#ended ? () => {} : this.#time.after(delayMs / this.wall.pace, () => this.run(wake));
  }

  /** Lets the process do something: now, when it no longer stalls, or never once it has ended; in the order in which it was asked. */
  run(call: () => void): void {
    if (this.#ended) return;
    if (this.#stallLeftMs <= 0 && this.#waiting.length === 0) call();
    else {
      this.#waiting.push(call);
      this.#resumeLater();
    }
  }

  get #stallLeftMs(): number {
    return this.#stalledUntilMs - this.#time.nowMs;
  }

  #resumeLater(): void {
    this.#time.after(this.#stallLeftMs, () => {
      if (this.#ended) return;
      if (this.#stallLeftMs > 0) this.#resumeLater();
      else this.#waiting.shift()?.();
    });
  }

  stall(forMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#time.nowMs + forMs);
  }

  /** Like SIGKILL: what it awaits never comes. */
  end(): void {
    this.#ended = true;
  }

  get ended(): boolean {
    return this.#ended;
  }
}
