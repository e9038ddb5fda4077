/** A clock that a test plays: time passes when it says so, and wakes whoever waits in their order. */

import type { Clock } from "../ports.ts";

export function playedClock() {
  const timers = new Set<{ atMs: number; wake: () => void }>();
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, wake) => {
      const timer = { atMs: nowMs + delayMs, wake };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  /** `settle` lets run what waits for no time, before each step. */
  const pass = async (forMs: number, settle: () => Promise<void> = async () => {}): Promise<void> => {
    const untilMs = nowMs + forMs;
    for (;;) {
      await settle();
      const [next] = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      nowMs = Math.max(nowMs, next.atMs);
      timers.delete(next);
      next.wake();
    }
    nowMs = untilMs;
  };
  return { clock, timers, pass };
}
