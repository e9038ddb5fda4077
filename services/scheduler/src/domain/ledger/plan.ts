/** Which occurrences a story plans: those that the definition in force names. */

import type { EpochMs } from "../instant.ts";
import type { Chapter, Span, Story } from "./story.ts";

export interface Plan {
  /** Nominal instants, rising. */
  readonly times: readonly EpochMs[];
  /** What is named before this instant is among them; the end of the span where all are. */
  readonly reachedAt: EpochMs;
}

/**
 * The first `countMax` occurrences in the span. Rounds of a delay follow from how long the ones before took, so of these only the first
 * is planned; the others are what was told or sent.
 */
export function planOf({ chapters }: Story, { from, until }: Span, countMax: number): Plan {
  const times: EpochMs[] = [];
  for (const chapter of chapters) {
    const end = Math.min(until, chapter.until);
    if (chapter.from >= until) break;
    for (let at = firstOf(chapter, from); at !== null && at < end; at = followerOf(chapter, at)) {
      if (times.length === countMax) return { times, reachedAt: at };
      times.push(at);
    }
  }
  return { times, reachedAt: until };
}

function firstOf({ timeline, from: begin, fresh }: Chapter, from: EpochMs): EpochMs | null {
  if (!timeline.followsCompletion) return timeline.next(Math.max(begin, from) - 1);
  const firstAt = fresh ? timeline.first(begin) : null;
  return firstAt === null || firstAt < from ? null : firstAt;
}

const followerOf = ({ timeline }: Chapter, at: EpochMs): EpochMs | null =>
  timeline.followsCompletion ? null : timeline.next(at);
