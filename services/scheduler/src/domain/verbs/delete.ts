/** The verb `delete`: leaves a tombstone with the command memory, so that a repeated command is still known. */

import type { Owed, StateRecord } from "@carillon/contracts";
import { cancelledEvent, scheduleEvent } from "../announcement.ts";
import type { Effect } from "../decide.ts";
import { tellGap } from "../gap.ts";
import type { EpochMs } from "../instant.ts";
import { dueUntil, waive } from "../misfire.ts";
import type { Schedule } from "../schedule.ts";
import { readEmptyBody } from "./body.ts";
import type { Question } from "./index.ts";

export function decideDelete({ living, command }: Question): Effect {
  const body = readEmptyBody(command.body);
  if (!body.ok) return body.effect;
  if (living === null) return { kind: "accepted", schedule: null };
  const { record, state } = living;
  const { storedAt: at, commandId, actor, reason } = command;
  const waived = waive(living, dueUntil(state, at), "deleted");
  if (waived.more) return { kind: "waiving", state: waived.state };

  const told = tellGap({ ...living, state: waived.state }, at);
  const owed: Owed[] = [
    ...told.retries.map((retry) => cancelledEvent(record, retry.dispatch, "deleted", at)),
    scheduleEvent(record, told, "deleted", { at, commandId, actor, reason }),
  ];
  const tombstone: StateRecord = {
    ...told,
    status: "deleted",
    reason,
    sinceAt: at,
    nominalAt: null,
    dueAt: null,
    grantedUntil: null,
    retries: [],
    owed: [...told.owed, ...owed],
  };
  return { kind: "accepted", schedule: { ...living, state: tombstone } };
}

/** A completed schedule that was kept for as long as it asked is deleted by the scheduler itself; null: not yet. */
export function expire({ record, state }: Schedule, now: EpochMs): StateRecord | null {
  const keptUntil = state.sinceAt + record.effective.keepSeconds * 1000;
  if (state.status !== "completed" || keptUntil > now || state.owed.length > 0) return null;
  const event = scheduleEvent(record, state, "deleted", {
    at: now,
    reason: "kept long enough after it completed",
  });
  return { ...state, status: "deleted", reason: null, sinceAt: now, owed: [event] };
}
