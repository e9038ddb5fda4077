/**
 * The story of one schedule, told by its events: which definition was in force when (a chapter), when it stood still, and for which parts
 * of time nothing is known. An occurrence is planned where the chapter of its nominal instant names it.
 *
 * A chapter ends where a command ends it, at the time when NATS stored that command. The clock may have been ahead of it by then: what
 * it settled of the old chapter beyond that end is recognised by the version that its event names.
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
  readonly version: number;
  readonly timeline: Timeline;
  readonly executionsMax: number;
  /** Its trigger was accepted at its begin: nothing was pending, and no execution counts from before. */
  readonly fresh: boolean;
  /** It ended because nothing was ahead any more. */
  readonly completed: boolean;
}

export interface Story {
  readonly chapters: readonly Chapter[];
  /** Paused, or disabled after failures. */
  readonly pauses: readonly Span[];
  /** The history holds no definition for these. */
  readonly blind: readonly Span[];
  /** Subjects of targets that want a stream. */
  readonly targets: ReadonlySet<string>;
}

interface Named {
  readonly tenant: string;
  readonly scheduleId: string;
}

/** `changes` in the order of their stream. `wholeSince`: since when the stream holds all of them. */
export function storyOf(named: Named, changes: readonly Change[], wholeSince: EpochMs): Story {
  const teller = new Teller(named);
  const distinct = new Map(changes.map((change) => [change.id, change]));
  const [first] = distinct.values();
  const firstAt = first?.at ?? Number.POSITIVE_INFINITY;
  const begun = first?.what === "created";
  teller.blindUntil(begun ? Math.min(wholeSince, firstAt) : firstAt);
  if (first !== undefined && !begun) teller.lose(firstAt);
  for (const change of distinct.values()) teller.take(change);
  return teller.end();
}

interface Open {
  readonly from: EpochMs;
  readonly version: number;
  readonly effective: EffectiveDefinition;
  readonly acceptedAt: EpochMs;
  readonly timeline: Timeline;
  readonly fresh: boolean;
}

class Teller {
  readonly #named: Named;
  readonly #chapters: Chapter[] = [];
  readonly #pauses: Span[] = [];
  readonly #blind: Span[] = [];
  readonly #targets = new Set<string>();
  #open: Open | null = null;
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
        this.#close(at, what === "completed");
        this.#lift(at);
        this.#find(at);
        break;
      default:
        break;
    }
  }

  end(): Story {
    const never = Number.POSITIVE_INFINITY;
    this.#close(never, false);
    this.#lift(never);
    this.#find(never);
    return { chapters: this.#chapters, pauses: this.#pauses, blind: this.#blind, targets: this.#targets };
  }

  #define({ at, version, status, effective }: Change): void {
    const before = this.#open;
    this.#close(at, false);
    if (effective === null) {
      this.lose(at);
      return;
    }
    this.#find(at);
    const standsStill = status === "paused" || (status === "disabled" && effective.enabled);
    if (standsStill) this.#pausedAt ??= at;
    else if (status === "active") this.#lift(at);
    const switchedOff = status === "disabled" && this.#pausedAt === null;
    if (status === "completed" || switchedOff) return;
    const goesOn = before !== null && equalJson(before.effective.trigger, effective.trigger);
    const acceptedAt = goesOn ? before.acceptedAt : at;
    const compiled = timelineOf({ ...this.#named, effective, acceptedAt });
    if (!compiled.ok) return;
    const { timeline } = compiled;
    this.#open = { from: at, version, effective, acceptedAt, timeline, fresh: !goesOn };
    if (effective.target.delivery === "jetstream") this.#targets.add(effective.target.subject);
  }

  /** Under `catch_up` what was named during the pause is told, unless its trigger was replaced meanwhile. */
  #resume({ at, from, skipped }: Change): void {
    const replacedAt = this.#open?.fresh === true ? this.#open.from : Number.NEGATIVE_INFINITY;
    if (skipped !== null) push(this.#pauses, skipped.firstAt, skipped.lastAt + 1);
    this.#lift(from === "catch_up" ? replacedAt : at);
  }

  #close(at: EpochMs, completed: boolean): void {
    if (this.#open === null) return;
    const { from, version, timeline, fresh, effective } = this.#open;
    const executionsMax = effective.maxExecutions ?? Number.POSITIVE_INFINITY;
    this.#chapters.push({ from, until: at, version, timeline, executionsMax, fresh, completed });
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
