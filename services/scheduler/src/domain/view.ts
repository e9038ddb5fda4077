/** A schedule as it is shown to callers. */

import type { Outcome, ScheduleSummary, ScheduleView, StateRecord, Status } from "@carillon/contracts";
import { type EpochMs, formatInstant } from "./instant.ts";
import { describe } from "./recurrence/index.ts";
import type { Schedule } from "./schedule.ts";

type Seen = Pick<Schedule, "record" | "state">;

/** `outcome`: of a repeated command, whose version stands as it was then. A deleted schedule is shown as it was last. */
export function viewOf({ record, state }: Seen, outcome: Outcome | null = null): ScheduleView {
  return {
    tenant: record.tenant,
    scheduleId: record.scheduleId,
    version: outcome?.version ?? record.version,
    status: statusOf(state),
    statusReason: state.reason,
    definition: record.definition,
    effective: record.effective,
    createdBy: record.createdBy,
    createdAt: formatInstant(record.createdAt),
    updatedBy: record.updatedBy,
    updatedAt: formatInstant(record.updatedAt),
    nextFireAt: shown(nextFireAt(state)),
    lastFireAt: shown(state.lastFiredAt),
    stats: state.stats,
  };
}

/** The same with its trigger in words, for whoever asks about this one schedule. */
export const wordedViewOf = (schedule: Seen, outcome: Outcome | null = null): ScheduleView => ({
  ...viewOf(schedule, outcome),
  text: describe(schedule.record.effective.trigger),
});

/** In brief, as a list shows it. */
export function summaryOf({ record, state }: Seen): ScheduleSummary {
  const { name, trigger, target, tags } = record.effective;
  return {
    tenant: record.tenant,
    scheduleId: record.scheduleId,
    version: record.version,
    status: statusOf(state),
    statusReason: state.reason,
    name,
    type: trigger.type,
    target: target.subject,
    tags,
    createdBy: record.createdBy,
    updatedAt: formatInstant(record.updatedAt),
    nextFireAt: shown(nextFireAt(state)),
    lastFireAt: shown(state.lastFiredAt),
  };
}

/** Null: not foreseen. */
export const nextFireAt = ({ status, dueAt }: StateRecord): EpochMs | null =>
  status === "active" ? dueAt : null;

const statusOf = ({ status }: StateRecord): Status => (status === "deleted" ? "completed" : status);

const shown = (at: EpochMs | null): string | null => (at === null ? null : formatInstant(at));
