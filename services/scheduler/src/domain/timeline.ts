/**
 * The occurrences of one schedule: its trigger's recurrence within the bounds of the definition (`startAt`, `endAt`), and the due
 * instant of each (nominal plus deterministic jitter).
 */

import type { DefinitionRecord } from "@carillon/contracts";
import { type EpochMs, INSTANT_MAX, parseInstant } from "./instant.ts";
import { jitterMs } from "./jitter.ts";
import { compile, type Recurrence, type Tally, type TriggerFault } from "./recurrence/index.ts";

export interface Timeline {
  /** Earliest nominal instant strictly after `after`, within the bounds; null when there is none. */
  next(after: EpochMs): EpochMs | null;
  /** The first occurrence of a trigger accepted at `acceptedAt`; one at that very instant counts. */
  first(acceptedAt: EpochMs): EpochMs | null;
  /** `nominalAt` itself where the bounds allow it, else the occurrence that comes in its place; null when none does. */
  within(nominalAt: EpochMs): EpochMs | null;
  /** Occurrences in (after, until] within the bounds, at most `countMax`; see Recurrence. */
  tally(after: EpochMs, until: EpochMs, countMax: number): Tally;
  /** Occurrences that one call may count: all of them where that is arithmetic, `STEPS_MAX` where each is a step. */
  readonly stepsMax: number;
  /** See Recurrence. */
  readonly effort: Recurrence["effort"];
  /** nominalAt plus jitter: the same occurrence is always due at the same instant, and never after its successor's nominal one. */
  dueAt(nominalAt: EpochMs): EpochMs;
  /** No occurrence is due later than this after its nominal instant. */
  readonly jitterMaxMs: number;
  /** True for a delay: the next occurrence is known only when the last one has completed. */
  readonly followsCompletion: boolean;
  /** Why a stored definition no longer compiles: then nothing is ever due. Null: it does. */
  readonly fault: TriggerFault | null;
}

/** Occurrences that one call may walk through; more than `maxCatchUp` can be, so that every call makes progress. */
export const STEPS_MAX = 2_000;

export type TimelineResult = { ok: true; timeline: Timeline } | { ok: false; fault: TriggerFault };

/** What a timeline is made of. */
export type Timed = Pick<DefinitionRecord, "tenant" | "scheduleId" | "effective" | "acceptedAt">;

export function timelineOf(record: Timed): TimelineResult {
  const compiled = compile(record.effective.trigger, record.acceptedAt);
  return compiled.ok ? { ok: true, timeline: new Bounded(record, compiled.recurrence) } : compiled;
}

/** Of a stored definition that no longer compiles. */
export const brokenTimeline = (fault: TriggerFault): Timeline => ({
  next: () => null,
  first: () => null,
  within: () => null,
  tally: () => ({ count: 0, first: null, last: null, complete: true }),
  stepsMax: STEPS_MAX,
  effort: { spent: 0, ranOut: false },
  dueAt: (nominalAt) => nominalAt,
  jitterMaxMs: 0,
  followsCompletion: false,
  fault,
});

/** Of a million schedules each warm one has its own: a class, since every closure would cost as much as all of this. */
class Bounded implements Timeline {
  readonly #of: Timed;
  readonly #recurrence: Recurrence;
  /** Null: no bound. */
  readonly #startAt: EpochMs | null;
  readonly #endAt: EpochMs | null;

  constructor(of: Timed, recurrence: Recurrence) {
    this.#of = of;
    this.#recurrence = recurrence;
    this.#startAt = instantOf(of.effective.startAt);
    this.#endAt = instantOf(of.effective.endAt);
  }

  next(after: EpochMs): EpochMs | null {
    if (!this.followsCompletion) return this.#byEnd(this.#recurrence.next(this.#lastBeforeStart(after)));
    const nominalAt = this.#recurrence.next(after);
    return this.#byEnd(nominalAt === null ? null : this.#fromStart(nominalAt));
  }

  first(acceptedAt: EpochMs): EpochMs | null {
    return this.next(this.followsCompletion ? acceptedAt : acceptedAt - 1);
  }

  within(nominalAt: EpochMs): EpochMs | null {
    return this.followsCompletion ? this.#byEnd(this.#fromStart(nominalAt)) : this.next(nominalAt - 1);
  }

  tally(after: EpochMs, until: EpochMs, countMax: number): Tally {
    const end = this.#endAt === null ? until : Math.min(until, this.#endAt);
    return this.#recurrence.tally(this.#lastBeforeStart(after), end, countMax);
  }

  dueAt(nominalAt: EpochMs): EpochMs {
    const { jitterMaxMs } = this;
    if (jitterMaxMs === 0) return nominalAt;
    const { tenant, scheduleId } = this.#of;
    const followingAt = this.next(nominalAt) ?? INSTANT_MAX;
    const maxMs = Math.min(jitterMaxMs, followingAt - nominalAt);
    return nominalAt + jitterMs(`${tenant}.${scheduleId}`, nominalAt, maxMs);
  }

  get stepsMax(): number {
    return this.#of.effective.trigger.type === "interval" ? Number.POSITIVE_INFINITY : STEPS_MAX;
  }

  get effort(): Recurrence["effort"] {
    return this.#recurrence.effort;
  }

  get jitterMaxMs(): number {
    return Math.round(this.#of.effective.jitterSeconds * 1000);
  }

  get followsCompletion(): boolean {
    return this.#of.effective.trigger.type === "delay";
  }

  get fault(): null {
    return null;
  }

  #lastBeforeStart(after: EpochMs): EpochMs {
    return this.#startAt === null ? after : Math.max(after, this.#startAt - 1);
  }

  #fromStart(at: EpochMs): EpochMs {
    return this.#startAt === null ? at : Math.max(at, this.#startAt);
  }

  #byEnd(at: EpochMs | null): EpochMs | null {
    return at === null || (this.#endAt !== null && at > this.#endAt) ? null : at;
  }
}

/** Definitions are validated before they get here, so an instant that does not parse bounds nothing. */
const instantOf = (text: string | null): EpochMs | null => (text === null ? null : parseInstant(text));
