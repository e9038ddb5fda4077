/** What follows when nothing of a schedule is on its way any more: the next round of a delay, or the end. */

import type { StateRecord } from "@carillon/contracts";
import { scheduleEvent } from "./announcement.ts";
import type { EpochMs } from "./instant.ts";
import { isRunning, type Schedule } from "./schedule.ts";

/** Nothing is ahead and nothing on its way, of a trigger that can end. */
export function mayEnd({ record, state }: Schedule): boolean {
  const ahead = state.nominalAt !== null || record.effective.trigger.type === "manual";
  return state.status === "active" && !ahead && !isRunning(state);
}

/** The next round of a delay, or completed; the state unchanged where it may not end. */
export function proceed(schedule: Schedule, now: EpochMs): StateRecord {
  const { record, state, timeline } = schedule;
  if (!mayEnd(schedule)) return state;

  const exhausted =
    record.effective.maxExecutions !== null && state.claimed >= record.effective.maxExecutions;
  const nextAt = timeline.followsCompletion && !exhausted ? timeline.next(now) : null;
  if (nextAt !== null) return { ...state, nominalAt: nextAt, dueAt: timeline.dueAt(nextAt) };

  const completed: StateRecord = { ...state, status: "completed", reason: null, sinceAt: now };
  const event = scheduleEvent(record, completed, "completed", { at: now });
  return { ...completed, owed: [...completed.owed, event] };
}
