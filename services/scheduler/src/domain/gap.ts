/** Tells the occurrences that will not fire, once their number is known. */

import type { StateRecord } from "@carillon/contracts";
import { gapEvent } from "./announcement.ts";
import type { EpochMs } from "./instant.ts";
import { MISS_REASON_BY_POLICY } from "./misfire.ts";
import type { Schedule } from "./schedule.ts";

/** Lateness: the occurrence is missed; for any other reason it is skipped. */
const MISS_REASONS: ReadonlySet<string> = new Set(Object.values(MISS_REASON_BY_POLICY));

/** Moves the gap, where there is one, from the state into an event that is owed. */
export function tellGap({ record, state }: Schedule, at: EpochMs): StateRecord {
  const { gap } = state;
  if (gap === null) return state;
  const what = MISS_REASONS.has(gap.reason) ? "missed" : "skipped";
  const event = gapEvent(record, what, gap, at);
  const stats = { ...state.stats, [what]: state.stats[what] + gap.count };
  return { ...state, gap: null, stats, owed: [...state.owed, event] };
}
