/** Notices when the wall clock was set, or the machine slept: wall and monotonic time then move by different amounts. */

import type { Cancel, Clock } from "./ports.ts";
import type { Tell } from "./signals.ts";

/** How often the two clocks are compared. */
const LOOK_EVERY_MS = 1_000;

/** A difference smaller than this is drift that time synchronisation corrects. */
const JUMP_MS = 1_000;

export function watchClock(clock: Clock, tell: Tell): Cancel {
  let offsetMs = clock.now() - clock.monotonicMs();
  let cancel: Cancel = () => {};
  const look = (): void => {
    const nowOffsetMs = clock.now() - clock.monotonicMs();
    const byMs = Math.round(nowOffsetMs - offsetMs);
    offsetMs = nowOffsetMs;
    if (Math.abs(byMs) >= JUMP_MS) tell({ kind: "clock.jumped", byMs });
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  cancel = clock.after(LOOK_EVERY_MS, look);
  return () => cancel();
}
