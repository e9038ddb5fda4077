/** What follows when nothing of a schedule is on its way any more: the next round of a delay, or the end. */

import type { StateRecord } from "@carillon/contracts";
import { scheduleEvent } from "./announcement.ts";
import type { EpochMs } from "./instant.ts";
import { isRunning, type Schedule } from "./schedule.ts";

/** Unchanged while an occurrence is ahead or an execution is running, and for triggers that never end by themselves. */
export function proceed(schedule: Schedule, now: EpochMs): StateRecord {
  const { record, state, timeline } = schedule;
  if (state.status !== "active" || state.nominalAt !== null || isRunning(state)) return state;
  if (record.effective.trigger.type === "manual") return state;

  const exhausted =
    record.effective.maxExecutions !== null && state.claimed >= record.effective.maxExecutions;
  const nextAt = timeline.followsCompletion && !exhausted ? timeline.next(now) : null;
  if (nextAt !== null) return { ...state, nominalAt: nextAt, dueAt: timeline.dueAt(nextAt) };

  const completed: StateRecord = { ...state, status: "completed", reason: null, sinceAt: now };
  const event = scheduleEvent(record, completed, "completed", { at: now });
  return { ...completed, owed: [...completed.owed, event] };
}
