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
  return compiled.ok ? { ok: true, timeline: bounded(record, compiled.recurrence) } : compiled;
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

function bounded({ tenant, scheduleId, effective }: Timed, recurrence: Recurrence): Timeline {
  const startAt = instantOr(effective.startAt, Number.NEGATIVE_INFINITY);
  const endAt = instantOr(effective.endAt, Number.POSITIVE_INFINITY);
  const jitterMaxMs = Math.round(effective.jitterSeconds * 1000);
  const followsCompletion = effective.trigger.type === "delay";
  const seed = `${tenant}.${scheduleId}`;

  const byEnd = (at: EpochMs | null): EpochMs | null => (at === null || at > endAt ? null : at);
  const next = (after: EpochMs): EpochMs | null => {
    if (!followsCompletion) return byEnd(recurrence.next(Math.max(after, startAt - 1)));
    const nominalAt = recurrence.next(after);
    return byEnd(nominalAt === null ? null : Math.max(nominalAt, startAt));
  };
  return {
    next,
    first: (acceptedAt) => next(followsCompletion ? acceptedAt : acceptedAt - 1),
    within: (nominalAt) => (followsCompletion ? byEnd(Math.max(nominalAt, startAt)) : next(nominalAt - 1)),
    tally: (after, until, countMax) =>
      recurrence.tally(Math.max(after, startAt - 1), Math.min(until, endAt), countMax),
    stepsMax: effective.trigger.type === "interval" ? Number.POSITIVE_INFINITY : STEPS_MAX,
    effort: recurrence.effort,
    dueAt: (nominalAt) => {
      if (jitterMaxMs === 0) return nominalAt;
      const followingAt = next(nominalAt) ?? INSTANT_MAX;
      return nominalAt + jitterMs(seed, nominalAt, Math.min(jitterMaxMs, followingAt - nominalAt));
    },
    jitterMaxMs,
    followsCompletion,
    fault: null,
  };
}

/** Definitions are validated before they get here, so an instant that does not parse bounds nothing. */
function instantOr(text: string | null, otherwise: number): number {
  return text === null ? otherwise : (parseInstant(text) ?? otherwise);
}
