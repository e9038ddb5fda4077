/*
 * What every trigger becomes: a question for the next instant. Counting and picking the newest are built on it
 * for calendars; triggers whose occurrences lie at equal distances answer them by arithmetic (interval.ts).
 */
import type { EpochMs } from "../instant.ts";
import { ANSWER_STEPS_MAX, type Effort, NO_EFFORT } from "./budget.ts";

export interface Recurrence {
  /** Earliest nominal instant strictly after `after`; null when exhausted, or when none lies within the search horizon. */
  next(after: EpochMs): EpochMs | null;

  /** Occurrences in (after, until]; counts at most `stepsMax`. O(1) for intervals, where `stepsMax` may be Infinity. */
  tally(after: EpochMs, until: EpochMs, stepsMax: number): Tally;

  /** The newest occurrences in a range, oldest first. O(countMax) for intervals, else at most about `stepsMax` steps. */
  newest(range: Range): Newest;

  /** What its searches cost; `tally`, `newest` and a preview end when one question has cost ANSWER_STEPS_MAX. */
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

export interface Range {
  readonly after: EpochMs;
  readonly until: EpochMs;
  /** How many to keep; the older ones are left out. */
  readonly countMax: number;
  readonly stepsMax: number;
}

export interface Newest {
  readonly times: readonly EpochMs[];
  /** False: `stepsMax` ran out; `times` then lacks some of the older ones, never a newer one. */
  readonly complete: boolean;
}

type Next = Recurrence["next"];

/** A recurrence that only knows its next instant. */
export function walking(next: Next, effort: Readonly<Effort> = NO_EFFORT): Recurrence {
  const walked = { next, effort };
  return {
    next,
    tally: (after, until, stepsMax) => tallyByWalking(walked, { after, until, stepsMax }),
    newest: (range) => newestByWalking(walked, range),
    effort,
  };
}

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

function tallyByWalking(walked: Walked, range: Omit<Range, "countMax">): Tally {
  const { after, until, stepsMax } = range;
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

/** Where the backward search starts: no trigger but the shortest intervals has more than a few in it. */
const WINDOW_FIRST_MS = 1000;
/** Each window is so many times longer than the last, so a gap of years takes a dozen windows. */
const WINDOW_FACTOR = 4;

/** Looks at windows that end where the last one began, each longer, until enough are found. */
function newestByWalking(walked: Walked, { after, until, countMax, stepsMax }: Range): Newest {
  const { next, effort } = walked;
  const { spent } = effort;
  let times: EpochMs[] = [];
  let steps = 0;
  let end = until;
  for (let lengthMs = WINDOW_FIRST_MS; end > after && times.length < countMax; lengthMs *= WINDOW_FACTOR) {
    if (isSpent(walked, spent)) return { times, complete: false };
    const begin = Math.max(after, end - lengthMs);
    const found: EpochMs[] = [];
    let at = next(begin);
    for (; at !== null && at <= end; at = next(at)) {
      if (++steps > stepsMax || isSpent(walked, spent)) return { times, complete: false };
      found.push(at);
    }
    times = [...found, ...times].slice(-countMax);
    end = begin;
  }
  return { times, complete: true };
}
