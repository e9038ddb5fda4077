/**
 * The clock of a machine on virtual time: what its wall shows, and how fast it runs. It can be set, it may be fast or slow, and it outlives
 * the processes that look at it.
 */

import type { EpochMs } from "../../scheduler/src/domain/instant.ts";
import type { VirtualTime } from "./virtual-time.ts";

export class VirtualWall {
  readonly #time: VirtualTime;
  #offsetMs: number;
  /** What it made of the time until it last changed its pace, and when that was. */
  #passedMs: number;
  #sinceMs: number;
  #pace = 1;

  /** `epochAt`: what it would have shown when `time` began. */
  constructor(time: VirtualTime, epochAt: EpochMs) {
    this.#time = time;
    this.#passedMs = time.nowMs;
    this.#sinceMs = time.nowMs;
    this.#offsetMs = epochAt;
  }

  now(): EpochMs {
    return Math.floor(this.#offsetMs + this.passedMs);
  }

  /** Milliseconds since the beginning, as this machine counts them, however often its wall was set. */
  get passedMs(): number {
    return this.#passedMs + (this.#time.nowMs - this.#sinceMs) * this.#pace;
  }

  /** Milliseconds that it counts in a millisecond. */
  get pace(): number {
    return this.#pace;
  }

  step(byMs: number): void {
    this.#offsetMs += byMs;
  }

  run(pace: number): void {
    this.#passedMs = this.passedMs;
    this.#sinceMs = this.#time.nowMs;
    this.#pace = pace;
  }
}
