/**
 * The occurrences of one schedule: its trigger's recurrence within the bounds of the definition (`startAt`, `endAt`), and the due
 * instant of each (nominal plus deterministic jitter).
 */

import type { DefinitionRecord } from "@carillon/contracts";
import { type EpochMs, parseInstant } from "./instant.ts";
import { jitterMs } from "./jitter.ts";
import { compile, type Recurrence, type Tally, type TriggerFault } from "./recurrence/index.ts";

export interface Timeline {
  /** Earliest nominal instant strictly after `after`, within the bounds; null when there is none. */
  next(after: EpochMs): EpochMs | null;
  /** The first occurrence of a trigger accepted at `acceptedAt`; one at that very instant counts. */
  first(acceptedAt: EpochMs): EpochMs | null;
  /** Occurrences in (after, until] within the bounds; see Recurrence. */
  tally(after: EpochMs, until: EpochMs, stepsMax: number): Tally;
  /** nominalAt plus jitter: the same occurrence is always due at the same instant, and never after its successor's nominal one. */
  dueAt(nominalAt: EpochMs): EpochMs;
  /** No occurrence is due later than this after its nominal instant. */
  readonly jitterMaxMs: number;
  /** True for a delay: the next occurrence is known only when the last one has completed. */
  readonly followsCompletion: boolean;
}

export type TimelineResult = { ok: true; timeline: Timeline } | { ok: false; fault: TriggerFault };

export function timelineOf(record: DefinitionRecord): TimelineResult {
  const compiled = compile(record.effective.trigger, record.acceptedAt);
  return compiled.ok ? { ok: true, timeline: bounded(record, compiled.recurrence) } : compiled;
}

/** Of a stored definition that no longer compiles: nothing is ever due. */
export const NEVER: Timeline = {
  next: () => null,
  first: () => null,
  tally: () => ({ count: 0, first: null, last: null, complete: true }),
  dueAt: (nominalAt) => nominalAt,
  jitterMaxMs: 0,
  followsCompletion: false,
};

function bounded({ tenant, scheduleId, effective }: DefinitionRecord, recurrence: Recurrence): Timeline {
  const startAt = instantOr(effective.startAt, Number.NEGATIVE_INFINITY);
  const endAt = instantOr(effective.endAt, Number.POSITIVE_INFINITY);
  const jitterMaxMs = Math.round(effective.jitterSeconds * 1000);
  const followsCompletion = effective.trigger.type === "delay";
  const seed = `${tenant}.${scheduleId}`;

  const next = (after: EpochMs): EpochMs | null => {
    const nominalAt = recurrence.next(followsCompletion ? after : Math.max(after, startAt - 1));
    if (nominalAt === null) return null;
    const boundedAt = followsCompletion ? Math.max(nominalAt, startAt) : nominalAt;
    return boundedAt > endAt ? null : boundedAt;
  };
  return {
    next,
    first: (acceptedAt) => next(followsCompletion ? acceptedAt : acceptedAt - 1),
    tally: (after, until, stepsMax) =>
      recurrence.tally(Math.max(after, startAt - 1), Math.min(until, endAt), stepsMax),
    dueAt: (nominalAt) => {
      if (jitterMaxMs === 0) return nominalAt;
      const followingAt = next(nominalAt) ?? Number.POSITIVE_INFINITY;
      return nominalAt + jitterMs(seed, nominalAt, Math.min(jitterMaxMs, followingAt - nominalAt));
    },
    jitterMaxMs,
    followsCompletion,
  };
}

/** Definitions are validated before they get here, so an instant that does not parse bounds nothing. */
function instantOr(text: string | null, otherwise: number): number {
  return text === null ? otherwise : (parseInstant(text) ?? otherwise);
}
