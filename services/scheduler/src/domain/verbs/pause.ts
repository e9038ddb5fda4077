/** The verbs `pause` and `resume`: no occurrence fires in between, and the pair of events covers the time under pause. */

import {
  type NominalRange,
  type ResumeBody,
  type ScheduleEventData,
  type StateRecord,
  validate,
} from "@carillon/contracts";
import { scheduleEvent } from "../announcement.ts";
import type { Command } from "../command.ts";
import type { Effect } from "../decide.ts";
import { type EpochMs, formatInstant } from "../instant.ts";
import { skipTo, waive } from "../misfire.ts";
import { reject } from "../rejection.ts";
import type { Schedule } from "../schedule.ts";
import { readBody, readEmptyBody } from "./body.ts";
import type { Question } from "./index.ts";

export function decidePause({ living, command }: Question): Effect {
  const body = readEmptyBody(command.body);
  if (!body.ok) return body.effect;
  if (living === null) return notActive("gone");
  const { status } = living.state;
  if (status === "paused") return { kind: "accepted", schedule: null };
  if (status !== "active") return notActive(status);
  const state: StateRecord = {
    ...living.state,
    status: "paused",
    reason: command.reason,
    sinceAt: command.storedAt,
  };
  return told(living, state, "paused", command);
}

export function decideResume({ living, command, now }: Question): Effect {
  const body = readBody<ResumeBody>(command.body, validate.resumeBody);
  if (!body.ok) return body.effect;
  if (living === null) return notActive("gone");
  const { status } = living.state;
  if (status === "active") return { kind: "accepted", schedule: null };
  if (status === "completed" || !living.record.effective.enabled) return notActive(status);

  if (body.value.from === "catch_up") return resumed(living, living.state, command, { from: "catch_up" });
  return resumeFromNow(living, command, Math.min(now, command.storedAt));
}

/** Occurrences under the pause are gone; the event says which. */
function resumeFromNow(living: Schedule, command: Command, at: EpochMs): Effect {
  const { state } = living;
  const verdict = state.nominalAt === null ? null : waive(living, state.nominalAt, at, "paused");
  const moved = verdict === null ? state : skipTo(living, verdict);
  if (verdict?.more) return { kind: "waiving", state: moved };
  return resumed(living, { ...moved, gap: null }, command, { from: "now", skipped: rangeOf(moved.gap) });
}

function resumed(
  living: Schedule,
  state: StateRecord,
  command: Command,
  more: Partial<ScheduleEventData>,
): Effect {
  const active: StateRecord = {
    ...state,
    status: "active",
    reason: null,
    sinceAt: command.storedAt,
    failures: 0,
  };
  return told(living, active, "resumed", command, more);
}

function rangeOf(gap: StateRecord["gap"]): NominalRange | null {
  if (gap === null) return null;
  const { firstNominalAt, lastNominalAt, count } = gap;
  return {
    firstNominalAt: formatInstant(firstNominalAt),
    lastNominalAt: formatInstant(lastNominalAt),
    count,
  };
}

function told(
  schedule: Schedule,
  state: StateRecord,
  what: string,
  { storedAt: at, commandId, actor, reason }: Command,
  more: Partial<ScheduleEventData> = {},
): Effect {
  const event = scheduleEvent(schedule.record, state, what, { at, commandId, actor, reason }, more);
  const owed = [...state.owed, event];
  return { kind: "accepted", schedule: { ...schedule, state: { ...state, owed } } };
}

function notActive(status: string): Effect {
  const { error } = reject("schedule_not_active", `the schedule is ${status}`);
  return { kind: "rejected", error };
}
