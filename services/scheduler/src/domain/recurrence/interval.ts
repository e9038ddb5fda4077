/*
 * Occurrences at equal distances, in whole milliseconds from a fixed anchor, so they never drift; everything
 * about them is arithmetic. A delay has the same distances, but no anchor: it is counted from where one asks.
 */
import { type EpochMs, INSTANT_MAX } from "../instant.ts";
import { NO_EFFORT } from "./budget.ts";
import type { Recurrence, Tally } from "./recurrence.ts";

/** Shortest distance, in milliseconds. */
export const EVERY_MS_MIN = 100;

/** A distance in whole milliseconds; null when it is not a number or is too short. */
export function everyMs(seconds: number): number | null {
  const ms = Math.round(seconds * 1000);
  return Number.isSafeInteger(ms) && ms >= EVERY_MS_MIN ? ms : null;
}

/** First at `anchorAt`, then every `stepMs`. */
export const interval = (anchorAt: EpochMs, stepMs: number): Recurrence => new Equidistant(anchorAt, stepMs);

/** One delay after whatever instant one asks about: the caller knows when the last occurrence has completed. */
export const delay = (delayMs: number): Recurrence => new Equidistant(null, delayMs);

class Equidistant implements Recurrence {
  /** Null: counted from where one asks. */
  readonly #anchorAt: EpochMs | null;
  readonly #stepMs: number;

  constructor(anchorAt: EpochMs | null, stepMs: number) {
    this.#anchorAt = anchorAt;
    this.#stepMs = stepMs;
  }

  next(after: EpochMs): EpochMs | null {
    const stepMs = this.#stepMs;
    const anchorAt = this.#anchorAt ?? after + stepMs;
    const at =
      after < anchorAt ? anchorAt : anchorAt + (Math.floor((after - anchorAt) / stepMs) + 1) * stepMs;
    return at <= INSTANT_MAX ? at : null;
  }

  tally(after: EpochMs, until: EpochMs, stepsMax: number): Tally {
    const first = this.next(after);
    if (first === null || first > until) return { count: 0, first: null, last: null, complete: true };
    const all = this.#countFrom(first, until);
    const count = Math.min(all, stepsMax);
    if (count < 1) return { count: 0, first: null, last: null, complete: false };
    return { count, first, last: first + (count - 1) * this.#stepMs, complete: count === all };
  }

  get effort(): Recurrence["effort"] {
    return NO_EFFORT;
  }

  /** Occurrences from `first` to `until`. */
  #countFrom(first: EpochMs, until: EpochMs): number {
    return Math.floor((Math.min(until, INSTANT_MAX) - first) / this.#stepMs) + 1;
  }
}
