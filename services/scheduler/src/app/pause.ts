/** Waiting, on whatever clock is given. */

import type { Clock } from "./ports.ts";

export const pause = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resume) => {
    clock.after(delayMs, resume);
  });

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
