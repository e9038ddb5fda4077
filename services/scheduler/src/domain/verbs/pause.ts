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
import { proceed } from "../completion.ts";
import type { Effect } from "../decide.ts";
import { formatInstant } from "../instant.ts";
import { waive } from "../misfire.ts";
import { brokenReason } from "../redefinition.ts";
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

export function decideResume({ living, command }: Question): Effect {
  const body = readBody<ResumeBody>(command.body, validate.resumeBody);
  if (!body.ok) return body.effect;
  if (living === null) return notActive("gone");
  const { status } = living.state;
  if (status === "active") return { kind: "accepted", schedule: null };
  if (status === "completed") return notActive(status);
  if (!living.record.effective.enabled) return notActive("disabled by its definition (enabled: false)");
  const { fault } = living.timeline;
  if (fault !== null) return notActive(`${status}: ${brokenReason(fault)}`);
  if (body.value.from === "catch_up") return resumed(living, living.state, command, { from: "catch_up" });
  return resumeFromNow(living, command);
}

/** Occurrences under the pause are gone; the event says which. */
function resumeFromNow(living: Schedule, command: Command): Effect {
  const { state, more } = waive(living, command.storedAt, "paused");
  if (more) return { kind: "waiving", state };
  return resumed(living, { ...state, gap: null }, command, { from: "now", skipped: rangeOf(state.gap) });
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
  const changed = { ...schedule, state: { ...state, owed: [...state.owed, event] } };
  return { kind: "accepted", schedule: { ...changed, state: proceed(changed, at) } };
}

function notActive(status: string): Effect {
  const { error } = reject("schedule_not_active", `the schedule is ${status}`);
  return { kind: "rejected", error };
}
