/**
 * Why an occurrence that the timeline names, and of which nothing is heard, was not planned after all: the clock had settled a later one
 * before the command that changed the definition was decided, or `maxExecutions` was used up.
 */

import type { EpochMs } from "../instant.ts";
import type { Standing } from "./standing.ts";
import { type Chapter, mayOutlive, type Span, type Story } from "./story.ts";
import type { Told } from "./told.ts";

/** What the clock settled, by an event or by a command that no event tells of: that one names no version. */
export type Settled = Pick<Told, "version" | "firstAt" | "lastAt" | "manual">;

interface Evidence {
  readonly story: Story;
  readonly span: Span;
  readonly settled: readonly Settled[];
  readonly standing: Standing | null;
}

export class Excuses {
  readonly #evidence: Evidence;
  readonly #claimed = new Map<Chapter, number>();
  readonly #settledBefore = new Map<Chapter, EpochMs>();
  readonly #lastOfLine = new Map<Chapter, EpochMs>();
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
    if (this.#isUsedUp(chapter, at)) return true;
    const isBefore = (version: number) => (settled: Settled) => this.#isUnder(version, chapter, settled);
    if (at > this.#last(this.#settledBefore, chapter, isBefore(chapter.version))) return false;
    const version = this.#namedSince(chapter, at);
    return version === chapter.version || at <= lastOf(this.#byClock().filter(isBefore(version)));
  }

  /** The version since which the trigger of the chapter names this instant: the bounds before may not have allowed it. */
  #namedSince({ triggerVersion, version }: Chapter, at: EpochMs): number {
    const blocking = this.#evidence.story.chapters.findLast(
      (one) =>
        one.triggerVersion === triggerVersion && one.version < version && one.timeline.within(at) !== at,
    );
    return blocking === undefined ? triggerVersion : blocking.version + 1;
  }

  /** Settled under an earlier definition than `version`, beyond its end; an attempt that is told later names the later version. */
  #isUnder(version: number, chapter: Chapter, settled: Settled): boolean {
    const { lastAt } = settled;
    if (lastAt < chapter.from) return false;
    if (settled.version !== null && settled.version < version) return true;
    if (lastAt >= chapter.begunBy) return false;
    if (chapter.timeline.within(lastAt) !== lastAt) return true;
    if (settled.version !== null) return false;
    return this.#evidence.story.chapters.some((one) => one.version < version && mayOutlive(one, lastAt));
  }

  /** A limit holds for what was pending when it came, too. */
  #isUsedUp(chapter: Chapter, at: EpochMs): boolean {
    const { span, story, standing } = this.#evidence;
    const line = [chapter, ...heirsOf(story, chapter)];
    const final = line.at(-1) ?? chapter;
    if (line.every(({ executionsMax }) => executionsMax === Number.POSITIVE_INFINITY)) return false;
    if (line.length === 1 && chapter.countsAnew && chapter.from >= span.from) {
      return (this.#claimed.get(chapter) ?? 0) >= chapter.executionsMax;
    }
    // Executions before the span are not known, so silence at the end of a chapter that used them up proves nothing.
    const ended = final.until < Number.POSITIVE_INFINITY || standing?.exhausted === true;
    const isOfLine = ({ firstAt }: Settled) => firstAt >= chapter.from && firstAt < final.until;
    return ended && at > this.#last(this.#lastOfLine, chapter, isOfLine);
  }

  /** The latest instant that the clock settled and that fits; worked out once a chapter. */
  #last(known: Map<Chapter, EpochMs>, chapter: Chapter, fits: (settled: Settled) => boolean): EpochMs {
    const last = known.get(chapter) ?? lastOf(this.#byClock().filter(fits));
    known.set(chapter, last);
    return last;
  }

  #byClock(): readonly Settled[] {
    return this.#evidence.settled.filter(({ manual }) => !manual);
  }

  /** The chapter of an instant. In rising order too. */
  chapterOf(at: EpochMs): Chapter | undefined {
    const { chapters } = this.#evidence.story;
    while ((chapters[this.#chapter]?.until ?? Number.POSITIVE_INFINITY) <= at) this.#chapter++;
    return chapters[this.#chapter];
  }
}

const lastOf = (settled: readonly Settled[]): EpochMs =>
  settled.reduce((last, { lastAt }) => Math.max(last, lastAt), Number.NEGATIVE_INFINITY);

/** The chapters that go on with the trigger of this one. */
function heirsOf({ chapters }: Story, chapter: Chapter): readonly Chapter[] {
  const behind = chapters.slice(chapters.indexOf(chapter) + 1);
  const next = behind.findIndex(({ fresh }) => fresh);
  return next < 0 ? behind : behind.slice(0, next);
}
