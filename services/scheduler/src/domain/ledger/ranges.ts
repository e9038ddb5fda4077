/** Final events that several occurrences share: each accounts for as many as it says, and for those between its ends only. */

import type { EpochMs } from "../instant.ts";
import { type Chapter, covers, mayOutlive, type Span, type Story } from "./story.ts";
import type { Sums } from "./sums.ts";
import type { Told } from "./told.ts";

export interface Ranges {
  /**
   * One of them covers it; `under`: the chapter that plans it, whose own occurrences no event of an earlier definition covers. Instants
   * are asked in rising order.
   */
  take(at: EpochMs, under: Chapter | undefined): boolean;
  /** Enters what they account for, and where they say another number than there is. */
  close(page: { story: Story; span: Span }, sums: Sums): void;
}

export function rangesOf(ranges: readonly Told[]): Ranges {
  const taken = new Map<Told, number>();
  let next = 0;
  return {
    take: (at, under) => {
      while ((ranges[next]?.lastAt ?? Number.POSITIVE_INFINITY) < at) next++;
      const range = ranges[next];
      if (range === undefined || range.firstAt > at) return false;
      if (under !== undefined && (range.version ?? under.version) < under.triggerVersion) return false;
      taken.set(range, (taken.get(range) ?? 0) + 1);
      return true;
    },
    close: (page, sums) => {
      for (const range of ranges) settle(range, taken.get(range) ?? 0, page, sums);
    },
  };
}

/** `taken`: planned occurrences of the span between its ends. */
function settle(range: Told, taken: number, { story, span }: { story: Story; span: Span }, sums: Sums): void {
  const { what, reason, count, firstAt, lastAt } = range;
  const beyond = beyondIn(range, story, span);
  const there = taken + beyond;
  sums.planned += beyond;
  const inside = span.from <= firstAt && lastAt < span.until;
  const known = inside && ![firstAt, lastAt].some((at) => covers(story.blind, at));
  const surplus = known ? count - there : 0;
  sums.unfired(what, reason, Math.min(there, there + surplus));
  if (surplus > 0 && story.chapters.some((chapter) => mayOutlive(chapter, lastAt))) {
    sums.planned += surplus;
    sums.unfired(what, reason, surplus);
  } else if (surplus !== 0) {
    const message = `one event says ${what} ${count}, up to ${new Date(lastAt).toISOString()}; planned are ${there}`;
    const finding = { executionId: null, at: firstAt, count: Math.abs(surplus), message };
    sums.find({ ...finding, what: surplus > 0 ? "unplanned" : "no_event" });
  }
}

/** Those of the span that its definition named beyond its own end, before that was decided, and that no later one takes. */
function beyondIn({ version, firstAt, lastAt }: Told, story: Story, span: Span): number {
  if (version === null) return 0;
  let count = 0;
  for (const { version: own, timeline, until, endedBy } of story.chapters) {
    if (own !== version || until > lastAt || timeline.followsCompletion) continue;
    const end = Math.min(lastAt + 1, endedBy, span.until);
    let at = timeline.next(Math.max(firstAt, until, span.from) - 1);
    for (; at !== null && at < end; at = timeline.next(at)) {
      if (!covers(story.blind, at) && !isTaken(at, version, story)) count++;
    }
  }
  return count;
}

const isTaken = (at: EpochMs, version: number, { chapters }: Story): boolean =>
  chapters.some(
    ({ from, until, triggerVersion, timeline }) =>
      from <= at && at < until && triggerVersion <= version && timeline.within(at) === at,
  );
