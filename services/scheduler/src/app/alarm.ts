/**
 * One timer for everything that waits for the clock. It goes off at the latest after a second, so that a wall clock that was set, or a
 * machine that slept, is noticed; and going off too early costs no more than a look. All partitions look at the same moments, so that
 * a worker with nothing to do wakes up once for all of them. A clock that nobody can set need not be looked at.
 */

import type { EpochMs } from "../domain/instant.ts";
import { nextBeatMs } from "./pause.ts";
import type { Cancel, Clock } from "./ports.ts";

/** The wall clock is looked at no later than this after the last look. */
export const ALARM_MAX_MS = 1_000;

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { atMs: number; cancel: Cancel } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at the tick of `at`, or before; null: at the next look. An alarm that is set is only ever moved to an earlier moment. */
  set(at: EpochMs | null): void {
    const { tickMs = 1, lookEveryMs = ALARM_MAX_MS } = this.#clock;
    const tick = at === null ? Number.POSITIVE_INFINITY : Math.ceil(at / tickMs) * tickMs;
    const nowMs = this.#clock.monotonicMs();
    const aheadMs = Math.max(tick - this.#clock.now(), 0);
    const atMs = Math.min(nowMs + aheadMs, nextBeatMs(nowMs, lookEveryMs));
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (this.#set !== null && this.#set.atMs <= atMs) return;
    this.#set?.cancel();
    this.#set = { atMs, cancel: this.#clock.after(atMs - nowMs, () => this.#goOff()) };
  }

  stop(): void {
    this.#set?.cancel();
    this.#set = null;
  }

  #goOff(): void {
    this.#set = null;
    this.#ring();
  }
}
