/**
 * A rate with room for one second's worth at once, by the generic cell rate algorithm (ITU-T I.371): one number, the *theoretical
 * arrival*, says all about the past.
 */

/** What may come at once after a pause, as milliseconds of the rate. */
const BURST_MS = 1_000;

export interface Admission {
  /** The theoretical arrival once this one is admitted, milliseconds of the clock that `nowMs` is from. */
  arrivalMs: number;
  /** How long this one has to wait; 0: not at all. */
  waitMs: number;
}

/** `arrivalMs`: of the one before, or 0. */
export function admit(arrivalMs: number, ratePerSecond: number, nowMs: number): Admission {
  const nextMs = Math.max(arrivalMs, nowMs) + spacingMs(ratePerSecond);
  return { arrivalMs: nextMs, waitMs: Math.max(0, nextMs - nowMs - BURST_MS) };
}

/** The theoretical arrival after `count` that were admitted elsewhere. */
export const charge = (arrivalMs: number, ratePerSecond: number, count: number, nowMs: number): number =>
  Math.max(arrivalMs, nowMs) + count * spacingMs(ratePerSecond);

/** The theoretical arrival as if one that was admitted had never come. */
export const giveBack = (arrivalMs: number, ratePerSecond: number): number =>
  arrivalMs - spacingMs(ratePerSecond);

const spacingMs = (ratePerSecond: number): number => 1_000 / ratePerSecond;
