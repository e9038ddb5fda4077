/**
 * The events that a schedule's story is told in, as values that a state record can owe. Ids are pure functions of the cause, so that
 * telling an event twice tells it once.
 */

import {
  type Announcement,
  commandEventId,
  type DefinitionRecord,
  type Delivered,
  type Dispatch,
  type ExecutionEventData,
  executionEventId,
  executionIdAt,
  type Gap,
  rangeEventId,
  type ScheduleEventData,
  type SetAsideEventData,
  type StateRecord,
  setAsideEventId,
} from "@carillon/contracts";
import { type EpochMs, formatInstant } from "./instant.ts";

/** Who caused a schedule event; without a command it was the scheduler itself. */
export interface Cause {
  at: EpochMs;
  commandId?: string;
  actor?: string;
  reason?: string | null;
}

/** The actor of what the scheduler does by itself. */
export const SCHEDULER_ACTOR = "scheduler";

export function scheduleEvent(
  record: DefinitionRecord,
  state: StateRecord,
  what: string,
  { at, commandId, actor = SCHEDULER_ACTOR, reason = null }: Cause,
  more: Partial<ScheduleEventData> = {},
): Announcement {
  const { tenant, scheduleId } = record;
  const status = state.status === "deleted" ? {} : { status: state.status };
  return {
    kind: "announcement",
    id: commandEventId(what, tenant, scheduleId, commandId ?? formatInstant(at)),
    entity: "schedule",
    what,
    at,
    data: {
      tenant,
      scheduleId,
      version: record.version,
      ...status,
      actor,
      reason,
      ...(commandId === undefined ? {} : { commandId }),
      ...more,
    },
    definition: what === "created" || what === "updated",
  };
}

/** What is stored for a schedule cannot be read, and is left alone. The same record is told under the same id, whoever finds it. */
export function setAsideEvent(
  { tenant, scheduleId }: { tenant: string; scheduleId: string },
  { bucket, revision, message }: { bucket: string; revision: number; message: string },
  at: EpochMs,
): Announcement {
  const data: SetAsideEventData = { tenant, scheduleId, bucket, revision, message };
  return {
    kind: "announcement",
    id: setAsideEventId(data),
    entity: "schedule",
    what: "set_aside",
    at,
    data: { ...data },
    definition: false,
  };
}

/** The same event without the values of what changed, which can be as long as two definitions. */
export function inBrief({ data: { diff: _, ...data }, ...announcement }: Announcement): Announcement {
  return { ...announcement, data };
}

/** Occurrences that did not fire for one reason, as one event; `count` of them. */
export function gapEvent(
  record: DefinitionRecord,
  what: "missed" | "skipped",
  gap: Gap,
  at: EpochMs,
): Announcement {
  const executionId = executionIdAt(record.scheduleId, gap.firstNominalAt);
  const range =
    gap.count === 1
      ? { executionId, nominalAt: formatInstant(gap.firstNominalAt) }
      : {
          firstNominalAt: formatInstant(gap.firstNominalAt),
          lastNominalAt: formatInstant(gap.lastNominalAt),
          count: gap.count,
        };
  const id = rangeEventId(what, { ...gap, tenant: record.tenant, scheduleId: record.scheduleId });
  return executionEvent(record, id, what, at, {
    ...range,
    reason: gap.reason,
    final: true,
  });
}

/** An execution that was due and is settled without firing. */
export function skippedEvent(
  record: DefinitionRecord,
  dispatch: Dispatch,
  reason: string,
  at: EpochMs,
): Announcement {
  return attemptEvent(record, dispatch, "skipped", at, { reason, final: true });
}

/** An execution that waited for another attempt and will not get it. */
export function cancelledEvent(
  record: DefinitionRecord,
  dispatch: Dispatch,
  reason: string,
  at: EpochMs,
): Announcement {
  return attemptEvent(record, dispatch, "cancelled", at, { reason, final: true });
}

/** JetStream, or the connection, has the command; final, since completion is `published`. */
export function dispatchedEvent(
  record: DefinitionRecord,
  dispatch: Dispatch,
  fire: { firedAt: EpochMs; settledAt: EpochMs; delivered: Delivered },
): Announcement {
  return attemptEvent(record, dispatch, "dispatched", fire.settledAt, {
    firedAt: formatInstant(fire.firedAt),
    lagMs: Math.max(0, fire.firedAt - dispatch.dueAt),
    durationMs: Math.max(0, fire.settledAt - fire.firedAt),
    delivered: fire.delivered,
    final: true,
  });
}

export function retryingEvent(
  record: DefinitionRecord,
  dispatch: Dispatch,
  refusal: { reason: string; message: string; retryAt: EpochMs },
  at: EpochMs,
): Announcement {
  const { reason, message, retryAt } = refusal;
  return attemptEvent(record, dispatch, "retrying", at, {
    reason,
    message,
    retryAt: formatInstant(retryAt),
    final: false,
  });
}

export function failedEvent(
  record: DefinitionRecord,
  dispatch: Dispatch,
  refusal: { reason: string; message: string },
  at: EpochMs,
): Announcement {
  return attemptEvent(record, dispatch, "failed", at, { ...refusal, final: true });
}

function attemptEvent(
  record: DefinitionRecord,
  dispatch: Dispatch,
  what: string,
  at: EpochMs,
  more: Omit<Partial<ExecutionEventData>, "final"> & { final: boolean },
): Announcement {
  const { executionId, attempt, nominalAt, dueAt, cause, actor } = dispatch;
  const id = executionEventId(what, record.tenant, executionId, attempt);
  return executionEvent(record, id, what, at, {
    executionId,
    nominalAt: formatInstant(nominalAt),
    dueAt: formatInstant(dueAt),
    attempt,
    cause,
    ...(actor === null ? {} : { actor }),
    ...more,
  });
}

function executionEvent(
  { tenant, scheduleId, version, createdBy, effective }: DefinitionRecord,
  id: string,
  what: string,
  at: EpochMs,
  more: Omit<ExecutionEventData, "tenant" | "scheduleId">,
): Announcement {
  return {
    kind: "announcement",
    id,
    entity: "execution",
    what,
    at,
    data: {
      tenant,
      scheduleId,
      target: effective.target.subject,
      version,
      tags: effective.tags,
      createdBy,
      completion: effective.completion.mode,
      ...more,
    } satisfies ExecutionEventData,
    definition: false,
  };
}
