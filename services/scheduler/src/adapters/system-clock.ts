/**
 * The machine's clock: the only file of the worker that reads the wall clock, the monotonic clock and timers.
 * Everything else receives a `Clock`, so that tests and the simulation bring their own.
 */

import type { Cancel, Clock } from "../app/ports.ts";

/** Node's timers hold 31 bits of milliseconds (24.8 days); a longer delay would fire at once, so it is cut into pieces. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * What falls due within it is done together, in all partitions: woken for each alone, a worker of 2,000 fires a second takes half as
 * much again, and the server too. A whole second is a multiple of it, so that most schedules do not wait.
 */
const TICK_MS = 2;

export function systemClock(): Clock {
  return { now: () => Date.now(), monotonicMs: () => performance.now(), after, tickMs: TICK_MS };
}

function after(delayMs: number, wake: () => void): Cancel {
  const endsAtMs = performance.now() + delayMs;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = endsAtMs - performance.now();
    timer = leftMs > TIMER_MS_MAX ? setTimeout(arm, TIMER_MS_MAX) : setTimeout(early, Math.max(0, leftMs));
  };
  // A timer may run up to a millisecond early; a wake-up never does.
  const early = (): void => {
    if (performance.now() < endsAtMs) arm();
    else wake();
  };
  arm();
  return () => clearTimeout(timer);
}
