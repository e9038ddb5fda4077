/**
 * How long a lease is believed: from the request on, since nobody knows when within it the answer was made, and for less than the backend
 * keeps it, since clocks drift. The same for every backend.
 */

/** What clocks may drift apart within one lease: a tenth of it, at least this. */
const MARGIN_MS_MIN = 200;
const MARGIN_SHARE = 0.1;

/** Until when a lease of `ttlMs` that was asked for at `requestedAtMs` may be believed, on the clock of the request. */
export const believedUntilMs = (requestedAtMs: number, ttlMs: number): number =>
  requestedAtMs + ttlMs - Math.max(MARGIN_MS_MIN, ttlMs * MARGIN_SHARE);
