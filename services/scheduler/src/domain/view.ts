/** A schedule as it is shown to callers. */

import type { Outcome, ScheduleView } from "@carillon/contracts";
import { type EpochMs, formatInstant } from "./instant.ts";
import type { Schedule } from "./schedule.ts";

/** `outcome`: of a repeated command, whose version stands as it was then. A deleted schedule is shown as it was last. */
export function viewOf(
  { record, state }: Pick<Schedule, "record" | "state">,
  outcome: Outcome | null = null,
): ScheduleView {
  return {
    tenant: record.tenant,
    scheduleId: record.scheduleId,
    version: outcome?.version ?? record.version,
    status: state.status === "deleted" ? "completed" : state.status,
    statusReason: state.reason,
    definition: record.definition,
    effective: record.effective,
    createdBy: record.createdBy,
    createdAt: formatInstant(record.createdAt),
    updatedBy: record.updatedBy,
    updatedAt: formatInstant(record.updatedAt),
    nextFireAt: state.status === "active" ? shown(state.dueAt) : null,
    lastFireAt: shown(state.lastFiredAt),
    stats: state.stats,
  };
}

const shown = (at: EpochMs | null): string | null => (at === null ? null : formatInstant(at));
