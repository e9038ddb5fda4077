/** Waiting, on whatever clock is given. */

import type { Clock } from "./ports.ts";

export const pause = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resume) => {
    clock.after(delayMs, resume);
  });

/** The next of the moments that come every so often, which are the same for all who ask: so one wake-up serves them all. */
export const nextBeatMs = (nowMs: number, everyMs: number): number =>
  (Math.floor(nowMs / everyMs) + 1) * everyMs;

/** True: `work` was over within `limitMs`, whether done or failed; false: it goes on. */
export async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((decide) => {
    const cancel = clock.after(limitMs, () => decide(false));
    const over = (): void => {
      cancel();
      decide(true);
    };
    work.then(over, over);
  });
}
