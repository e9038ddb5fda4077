/** What follows when nothing of a schedule is on its way any more: the next round of a delay, or the end; and that it is disabled. */

import type { DefinitionRecord, StateRecord } from "@carillon/contracts";
import { scheduleEvent } from "./announcement.ts";
import type { EpochMs } from "./instant.ts";
import { isRunning, type Schedule } from "./schedule.ts";

/** Why a schedule is disabled whose next occurrence, if there is one, is too far away to be searched for. */
const SEARCH_ENDED =
  "trigger_too_complex: the search for the next occurrence was given up; simplify the rule, or split it";

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

  // Only the search has ended, not the occurrences: whoever relies on them must hear of it.
  if (!exhausted && timeline.next(now) === null && timeline.effort.ranOut)
    return disable(record, state, SEARCH_ENDED, now);

  const completed: StateRecord = { ...state, status: "completed", reason: null, sinceAt: now };
  const event = scheduleEvent(record, completed, "completed", { at: now });
  return { ...completed, owed: [...completed.owed, event] };
}

/** Disabled by the scheduler itself, and said to be. */
export function disable(
  record: DefinitionRecord,
  state: StateRecord,
  reason: string,
  now: EpochMs,
): StateRecord {
  const disabled: StateRecord = { ...state, status: "disabled", reason, sinceAt: now };
  return {
    ...disabled,
    owed: [...disabled.owed, scheduleEvent(record, disabled, "disabled", { at: now, reason })],
  };
}
