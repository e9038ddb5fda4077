/**
 * Why an occurrence that the timeline names, and of which nothing is heard, was not planned after all: the clock had settled a later one
 * before the command that changed the definition was decided, or `maxExecutions` was used up.
 */

import type { EpochMs } from "../instant.ts";
import type { Standing } from "./standing.ts";
import type { Chapter, Span, Story } from "./story.ts";
import type { Told } from "./told.ts";

interface Evidence {
  readonly story: Story;
  readonly span: Span;
  readonly told: readonly Told[];
  readonly standing: Standing | null;
}

export class Excuses {
  readonly #evidence: Evidence;
  readonly #claimed = new Map<Chapter, number>();
  readonly #settledBefore = new Map<Chapter, EpochMs>();
  readonly #lastTold = new Map<Chapter, EpochMs>();
  #chapter = 0;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  /** An occurrence was claimed, or must have been (null: no final event says). In rising order, as with `allow`. */
  claimed(at: EpochMs, finals: readonly Told[] | null): void {
    const chapter = this.chapterOf(at);
    if (chapter === undefined || finals?.every(({ attempt }) => attempt === null)) return;
    this.#claimed.set(chapter, (this.#claimed.get(chapter) ?? 0) + 1);
  }

  /** True: it was not planned. */
  allow(at: EpochMs): boolean {
    const chapter = this.chapterOf(at);
    if (chapter === undefined) return false;
    return at <= this.#last(this.#settledBefore, chapter, isOlder) || this.#isUsedUp(chapter, at);
  }

  /** A limit holds for what was pending when it came, too. */
  #isUsedUp(chapter: Chapter, at: EpochMs): boolean {
    const { span, story, standing } = this.#evidence;
    const line = [chapter, ...heirsOf(story, chapter)];
    const final = line.at(-1) ?? chapter;
    if (line.every(({ executionsMax }) => executionsMax === Number.POSITIVE_INFINITY)) return false;
    if (line.length === 1 && chapter.fresh && chapter.from >= span.from) {
      return (this.#claimed.get(chapter) ?? 0) >= chapter.executionsMax;
    }
    // Executions before the span are not known, so silence at the end of a chapter that used them up proves nothing.
    const ended = final.until < Number.POSITIVE_INFINITY || standing?.exhausted === true;
    const isOfLine = (_: Chapter, { firstAt }: Told) => firstAt >= chapter.from && firstAt < final.until;
    return ended && at > this.#last(this.#lastTold, chapter, isOfLine);
  }

  /** The latest instant among events of the clock that fit; worked out once a chapter. */
  #last(known: Map<Chapter, EpochMs>, chapter: Chapter, fits: typeof isOlder): EpochMs {
    const last =
      known.get(chapter) ?? lastOf(this.#evidence.told.filter((one) => !one.manual && fits(chapter, one)));
    known.set(chapter, last);
    return last;
  }

  /** The chapter of an instant. In rising order too. */
  chapterOf(at: EpochMs): Chapter | undefined {
    const { chapters } = this.#evidence.story;
    while ((chapters[this.#chapter]?.until ?? Number.POSITIVE_INFINITY) <= at) this.#chapter++;
    return chapters[this.#chapter];
  }
}

const lastOf = (told: readonly Told[]): EpochMs =>
  told.reduce((last, { lastAt }) => Math.max(last, lastAt), Number.NEGATIVE_INFINITY);

/** The chapters that go on with the trigger of this one. */
function heirsOf({ chapters }: Story, chapter: Chapter): readonly Chapter[] {
  const behind = chapters.slice(chapters.indexOf(chapter) + 1);
  const next = behind.findIndex(({ fresh }) => fresh);
  return next < 0 ? behind : behind.slice(0, next);
}

/** Settled under an earlier definition, beyond its end; an attempt that is told later names the later version. */
function isOlder(chapter: Chapter, { version, lastAt }: Told): boolean {
  if (lastAt < chapter.from) return false;
  if (version !== null && version < chapter.triggerVersion) return true;
  return lastAt < chapter.begunBy && chapter.timeline.within(lastAt) !== lastAt;
}
