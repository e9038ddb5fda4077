/**
 * The story of one schedule, told by its events: which definition was in force when (a chapter), when it stood still, and for which parts
 * of time nothing is known. An occurrence is planned where the chapter of its nominal instant names it.
 *
 * A chapter ends where a command ends it, at the time when NATS stored that command. The command may have been decided later, and the
 * clock gone on meanwhile: what it settled beyond that end is recognised where it lies before the decision.
 */

import { type EffectiveDefinition, equalJson } from "@carillon/contracts";
import type { EpochMs } from "../instant.ts";
import { type Timeline, timelineOf } from "../timeline.ts";
import type { Change } from "./told.ts";

/** From inclusive, until exclusive. */
export interface Span {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

export interface Chapter extends Span {
  /** When its begin was decided at the latest, by the server's clock. */
  readonly begunBy: EpochMs;
  /** The same of its end: until then the clock may have gone on under it. */
  readonly endedBy: EpochMs;
  readonly version: number;
  readonly timeline: Timeline;
  readonly executionsMax: number;
  /** Its trigger was accepted, or switched on, at its begin: nothing was pending. */
  readonly fresh: boolean;
  /** No execution counts from before. */
  readonly countsAnew: boolean;
  /** The version under which its trigger was accepted. */
  readonly triggerVersion: number;
}

export interface Story {
  readonly chapters: readonly Chapter[];
  /** Paused, or disabled after failures. */
  readonly pauses: readonly Span[];
  /** Paused too, and caught up: what the definition at the end names is told, the rest is gone with the pause. */
  readonly caughtUp: readonly (Span & Pick<Chapter, "timeline">)[];
  /** The history holds no definition for these. */
  readonly blind: readonly Span[];
  /** Subjects of targets that want a stream. */
  readonly targets: ReadonlySet<string>;
}

/** A worker's clock goes before the server's by less than this. */
const SLACK_MS = 5_000;

interface Named {
  readonly tenant: string;
  readonly scheduleId: string;
}

/** `stored` in the order of their stream. `wholeSince`: since when the stream holds all of them. */
export function storyOf(named: Named, stored: readonly Change[], wholeSince: EpochMs): Story {
  const teller = new Teller(named);
  const changes = inOrder(stored);
  const [first] = changes;
  const firstAt = first?.at ?? Number.POSITIVE_INFINITY;
  const begun = first?.what === "created";
  teller.blindUntil(begun ? Math.min(wholeSince, firstAt) : firstAt);
  if (first !== undefined && !begun) teller.lose(firstAt);
  for (const change of changes) teller.take(change);
  return teller.end();
}

/**
 * Distinct, and as they happened. What one decision owes is published side by side, so a stream may hold it in another order: by version,
 * and in each the definition first. A schedule that was deleted long ago begins with version 1 again.
 */
function inOrder(stored: readonly Change[]): readonly Change[] {
  // A command id that is used again days later makes the same event id.
  const distinct = [...new Map(stored.map((change) => [`${change.id} ${change.at}`, change])).values()];
  let lives = 0;
  const places = distinct.map((change) => {
    if (change.what === "created" && change.version === 1) lives++;
    return { change, life: lives };
  });
  const defined = new Set<string>();
  const ranked = places.map(({ change, life }) => {
    const name = `${life} ${change.version}`;
    const defines = isDefinition(change) && !defined.has(name);
    if (defines) defined.add(name);
    return { change, life, rank: defines ? 0 : 1 };
  });
  ranked.sort(
    (one, two) => one.life - two.life || one.change.version - two.change.version || one.rank - two.rank,
  );
  return ranked.map(({ change }) => change);
}

const isDefinition = ({ what }: Change): boolean => what === "created" || what === "updated";

interface Open {
  readonly from: EpochMs;
  readonly begunBy: EpochMs;
  readonly version: number;
  readonly effective: EffectiveDefinition;
  readonly acceptedAt: EpochMs;
  readonly timeline: Timeline;
  readonly fresh: boolean;
  readonly countsAnew: boolean;
  readonly triggerVersion: number;
}

class Teller {
  readonly #named: Named;
  readonly #chapters: Chapter[] = [];
  readonly #pauses: Span[] = [];
  readonly #caughtUp: (Span & Pick<Chapter, "timeline">)[] = [];
  readonly #blind: Span[] = [];
  readonly #targets = new Set<string>();
  #open: Open | null = null;
  /** Whose executions count on, also while it is switched off; null: nothing's. */
  #counting: EffectiveDefinition["trigger"] | null = null;
  /** Null: it does not stand still. */
  #pausedAt: EpochMs | null = null;
  /** Null: the definition in force is known. */
  #lostAt: EpochMs | null = null;

  constructor(named: Named) {
    this.#named = named;
  }

  blindUntil(until: EpochMs): void {
    push(this.#blind, Number.NEGATIVE_INFINITY, until);
  }

  /** From here on the definition in force is not known. */
  lose(at: EpochMs): void {
    this.#lostAt ??= at;
  }

  take(change: Change): void {
    const { what, at } = change;
    switch (what) {
      case "created":
      case "updated":
        this.#define(change);
        break;
      case "paused":
      case "disabled":
        this.#pausedAt ??= at;
        break;
      case "resumed":
        this.#resume(change);
        break;
      case "completed":
      case "deleted":
        this.#close(change);
        this.#lift(at);
        this.#find(at);
        this.#counting = null;
        break;
      default:
        break;
    }
  }

  end(): Story {
    const never = Number.POSITIVE_INFINITY;
    this.#close({ at: never, toldAt: never });
    this.#lift(never);
    this.#find(never);
    return {
      chapters: this.#chapters,
      pauses: this.#pauses,
      caughtUp: this.#caughtUp,
      blind: this.#blind,
      targets: this.#targets,
    };
  }

  #define(change: Change): void {
    const { at, toldAt, version, status, effective } = change;
    const before = this.#open;
    this.#close(change);
    if (effective === null) {
      this.lose(at);
      return;
    }
    const known = this.#lostAt === null;
    this.#find(at);
    const countsOn = this.#counting !== null && equalJson(this.#counting, effective.trigger);
    this.#counting = status === "completed" ? null : effective.trigger;
    const standsStill = status === "paused" || (status === "disabled" && effective.enabled);
    if (standsStill) this.#pausedAt ??= at;
    else if (status === "active") this.#lift(at);
    const switchedOff = status === "disabled" && this.#pausedAt === null;
    if (status === "completed" || switchedOff) return;
    const goesOn = before !== null && equalJson(before.effective.trigger, effective.trigger);
    const acceptedAt = goesOn ? before.acceptedAt : at;
    const compiled = timelineOf({ ...this.#named, effective, acceptedAt });
    if (!compiled.ok) {
      this.lose(at);
      return;
    }
    const { timeline } = compiled;
    const last = this.#chapters.at(-1);
    // What the scheduler does by itself is dated by its own clock, which may have been ahead.
    if (last !== undefined && last.until > at) {
      const endedBy = Math.max(last.endedBy, toldAt + SLACK_MS);
      this.#chapters[this.#chapters.length - 1] = { ...last, until: Math.max(last.from, at), endedBy };
    }
    const triggerVersion = goesOn ? before.triggerVersion : version;
    this.#open = {
      from: at,
      begunBy: toldAt + SLACK_MS,
      version,
      effective,
      acceptedAt,
      timeline,
      fresh: known && !goesOn,
      countsAnew: known && !countsOn,
      triggerVersion,
    };
    if (effective.target.delivery === "jetstream") this.#targets.add(effective.target.subject);
  }

  /** Under `catch_up` what was named during the pause is told, unless its trigger was replaced meanwhile. */
  #resume({ at, from, skipped }: Change): void {
    const replacedAt = this.#open?.acceptedAt ?? Number.NEGATIVE_INFINITY;
    if (skipped !== null) push(this.#pauses, skipped.firstAt, skipped.lastAt + 1);
    if (from === "catch_up" && this.#pausedAt !== null && this.#open !== null) {
      this.#caughtUp.push({ from: this.#pausedAt, until: at, timeline: this.#open.timeline });
    }
    this.#lift(from === "catch_up" ? replacedAt : at);
  }

  #close({ at, toldAt }: Pick<Change, "at" | "toldAt">): void {
    if (this.#open === null) return;
    const { effective, acceptedAt: _, ...open } = this.#open;
    const executionsMax = effective.maxExecutions ?? Number.POSITIVE_INFINITY;
    this.#chapters.push({ ...open, until: at, endedBy: toldAt + SLACK_MS, executionsMax });
    this.#open = null;
  }

  #lift(at: EpochMs): void {
    if (this.#pausedAt !== null) push(this.#pauses, this.#pausedAt, at);
    this.#pausedAt = null;
  }

  #find(at: EpochMs): void {
    if (this.#lostAt !== null) push(this.#blind, this.#lostAt, at);
    this.#lostAt = null;
  }
}

function push(spans: Span[], from: EpochMs, until: EpochMs): void {
  if (from < until) spans.push({ from, until });
}

export const covers = (spans: readonly Span[], at: EpochMs): boolean =>
  spans.some(({ from, until }) => from <= at && at < until);

/** Nothing is heard of it because the schedule stood still. */
export const stoodStill = ({ pauses, caughtUp }: Story, at: EpochMs): boolean =>
  covers(pauses, at) ||
  caughtUp.some(({ from, until, timeline }) => from <= at && at < until && timeline.within(at) !== at);

/** The clock may have settled this occurrence of a chapter beyond its end, before the end was decided. */
export const mayOutlive = ({ timeline, until, endedBy }: Chapter, at: EpochMs): boolean =>
  until <= at && at < endedBy && timeline.within(at) === at;
