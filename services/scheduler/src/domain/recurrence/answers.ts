/*
 * The last answers of a timeline. Between two neighbouring occurrences every question has the same answer, so an
 * answer is a gap: from the instant that was asked about up to the occurrence. A few are kept, since schedules
 * that share a timeline ask in turns: each for its next occurrence, and for the one after it (for its jitter).
 */
import type { EpochMs } from "../instant.ts";
import type { Recurrence } from "./recurrence.ts";

/** Gaps that are kept; the oldest goes first. */
const GAPS_MAX = 4;

/** `ranOut`: the last null means that no steps were left; it is asked again. */
export function remembering(next: Recurrence["next"], ranOut: () => boolean): Recurrence["next"] {
  /** Begin and end of each gap in turn; a gap without end reaches to Infinity. */
  const gaps: number[] = [];
  let oldest = 0;
  return (after: EpochMs) => {
    for (let place = 0; place < gaps.length; place += 2) {
      const end = gaps[place + 1] ?? 0;
      if (after >= (gaps[place] ?? Number.POSITIVE_INFINITY) && after < end)
        return end === Number.POSITIVE_INFINITY ? null : end;
    }
    const answer = next(after);
    if (answer === null && ranOut()) return null;
    gaps[oldest] = after;
    gaps[oldest + 1] = answer ?? Number.POSITIVE_INFINITY;
    oldest = (oldest + 2) % (2 * GAPS_MAX);
    return answer;
  };
}
