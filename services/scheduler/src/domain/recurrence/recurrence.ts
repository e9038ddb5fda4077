/*
 * What every trigger becomes: a question for the next instant. Counting is built on it for
 * calendars; triggers whose occurrences lie at equal distances count by arithmetic (interval.ts).
 */
import type { EpochMs } from "../instant.ts";
import { ANSWER_STEPS_MAX, type Effort, NO_EFFORT } from "./budget.ts";

export interface Recurrence {
  /** Earliest nominal instant strictly after `after`; null when exhausted, or when none lies within the search horizon. */
  next(after: EpochMs): EpochMs | null;

  /** Occurrences in (after, until]; counts at most `stepsMax`. O(1) for intervals, where `stepsMax` may be Infinity. */
  tally(after: EpochMs, until: EpochMs, stepsMax: number): Tally;

  /** What its searches cost; `tally` and a preview end when one question has cost ANSWER_STEPS_MAX. */
  readonly effort: Readonly<Effort>;
}

export interface Tally {
  readonly count: number;
  /** Null when count is 0. */
  readonly first: EpochMs | null;
  /** The last one counted; null when count is 0. */
  readonly last: EpochMs | null;
  /** False: there are more up to `until`; go on with `after = last`. */
  readonly complete: boolean;
}

type Next = Recurrence["next"];

/** A recurrence that only knows its next instant. */
class Walking implements Recurrence {
  readonly next: Next;
  readonly effort: Readonly<Effort>;

  constructor(next: Next, effort: Readonly<Effort>) {
    this.next = next;
    this.effort = effort;
  }

  tally(after: EpochMs, until: EpochMs, stepsMax: number): Tally {
    return tallyByWalking(this, { after, until, stepsMax });
  }
}

export const walking = (next: Next, effort: Readonly<Effort> = NO_EFFORT): Recurrence =>
  new Walking(next, effort);

type Walked = Pick<Recurrence, "next" | "effort">;

/** Whether a question has cost what it may; `spent`: the effort when it began. */
export function isSpent({ effort }: Pick<Recurrence, "effort">, spent: number): boolean {
  return effort.spent - spent > ANSWER_STEPS_MAX;
}

/**
 * The next `count` instants after `after`; fewer when the recurrence ends, or when finding them has cost
 * ANSWER_STEPS_MAX: there is then another one after the last.
 */
export function preview(recurrence: Walked, after: EpochMs, count: number): EpochMs[] {
  const { spent } = recurrence.effort;
  const times: EpochMs[] = [];
  for (let at: EpochMs | null = after; times.length < count && !isSpent(recurrence, spent); ) {
    at = recurrence.next(at);
    if (at === null) break;
    times.push(at);
  }
  return times;
}

function tallyByWalking(
  walked: Walked,
  { after, until, stepsMax }: { after: EpochMs; until: EpochMs; stepsMax: number },
): Tally {
  const { spent } = walked.effort;
  let first: EpochMs | null = null;
  let last: EpochMs | null = null;
  let count = 0;
  let at = walked.next(after);
  while (at !== null && at <= until) {
    if (count >= stepsMax || (count > 0 && isSpent(walked, spent)))
      return { count, first, last, complete: false };
    first ??= at;
    last = at;
    count++;
    at = walked.next(at);
  }
  return { count, first, last, complete: true };
}
