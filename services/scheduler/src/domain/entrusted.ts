/**
 * The event of a creation, which most schedules owe once and for a moment. The inbox keeps the command until that event is stored, so the
 * inbox may keep the promise too: the state does not list it, and need not be written again when it has been paid. Whoever is given the
 * command again finds in the state that it was applied, and tells the same event under the same id.
 */

import type { Announcement, StateRecord } from "@carillon/contracts";
import { scheduleEvent } from "./announcement.ts";
import type { Command } from "./command.ts";
import type { Identity } from "./memory.ts";
import type { Schedule } from "./schedule.ts";

const CREATED = "created" as const;

/** `event` null: the state lists what it owes. */
export interface Entrusted {
  readonly schedule: Schedule;
  readonly event: Announcement | null;
}

/** Of what `command` makes of a schedule: where nothing but the event of the creation is owed, it is left to the inbox. */
export function entrust(schedule: Schedule, { commandId }: Pick<Command, "commandId">): Entrusted {
  const { state } = schedule;
  const [event, more] = state.owed;
  const alone = event !== undefined && more === undefined && event.kind === "announcement";
  if (!alone || event.what !== CREATED || event.data["commandId"] !== commandId)
    return { schedule, event: null };
  const memory = { ...state.memory, telling: CREATED };
  return { schedule: { ...schedule, state: { ...state, owed: [], memory } }, event };
}

/** What the command was to tell that an earlier delivery of it may have left untold; null: nothing. */
export function entrustedTo(
  { record, state }: Pick<Schedule, "record" | "state">,
  command: Identity & Pick<Command, "reason">,
): Announcement | null {
  const { inbox, sequence, telling } = state.memory;
  if (telling !== CREATED || inbox !== command.inbox || sequence !== command.sequence) return null;
  const then: StateRecord = { ...state, status: record.effective.enabled ? "active" : "disabled" };
  const { updatedAt: at, updatedBy: actor } = record;
  const { commandId, reason } = command;
  return scheduleEvent(record, then, CREATED, { at, commandId, actor, reason });
}
