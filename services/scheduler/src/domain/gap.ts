/** Tells the occurrences that will not fire, once their number is known. */

import type { StateRecord } from "@carillon/contracts";
import { gapEvent } from "./announcement.ts";
import type { EpochMs } from "./instant.ts";
import type { Schedule } from "./schedule.ts";

/** Reasons that are not lateness: the occurrence is skipped, not missed. */
const SKIP_REASONS: ReadonlySet<string> = new Set(["superseded", "deleted"]);

/** Moves the gap, where there is one, from the state into an event that is owed. */
export function tellGap({ record, state }: Schedule, at: EpochMs): StateRecord {
  const { gap } = state;
  if (gap === null) return state;
  const what = SKIP_REASONS.has(gap.reason) ? "skipped" : "missed";
  const event = gapEvent(record, what, gap, at);
  const stats = { ...state.stats, [what]: state.stats[what] + gap.count };
  return { ...state, gap: null, stats, owed: [...state.owed, event] };
}
