/** The verbs that say what a schedule is: `create`, `apply`, `update`. */

import {
  type DefinitionRecord,
  type EffectiveDefinition,
  equalJson,
  type ScheduleDefinition,
  validate,
} from "@carillon/contracts";
import { scheduleEvent } from "../announcement.ts";
import { proceed } from "../completion.ts";
import type { Effect } from "../decide.ts";
import { parseDefinition, resolveDefinition } from "../definition.ts";
import { differences } from "../difference.ts";
import { begin, isOff, redefine, sameTimes } from "../redefinition.ts";
import { reject, rejectAt, rejectFaults } from "../rejection.ts";
import type { Schedule } from "../schedule.ts";
import { checkTarget } from "../target.ts";
import { type Timeline, timelineOf } from "../timeline.ts";
import type { Question } from "./index.ts";

export function decideCreate(question: Question): Effect {
  const { living, command } = question;
  if (living === null) return define(question, command.body, null);
  if (equalJson(living.record.definition, command.body)) return { kind: "accepted", schedule: null };
  const message = `schedule "${command.scheduleId}" exists with another definition (version ${living.record.version})`;
  return refuse(reject("schedule_exists", message));
}

/** An equal definition changes nothing, except that a completed schedule starts anew. */
export function decideApply(question: Question): Effect {
  const { living, command } = question;
  if (living === null || living.state.status === "completed") return define(question, command.body, null);
  if (equalJson(living.record.definition, command.body)) return { kind: "accepted", schedule: null };
  return define(question, command.body, living);
}

/** A completed schedule starts anew only where the update changes its times. */
export function decideUpdate(question: Question): Effect {
  const { living, command } = question;
  if (living === null) return refuse(reject("not_found", "the schedule does not exist"));
  const faults = validate.updateBody(command.body);
  if (faults.length > 0) return refuse(rejectFaults("invalid_body", faults));
  const merged = merge(living.record.definition, command.body as Readonly<Record<string, unknown>>);
  if (equalJson(living.record.definition, merged)) return { kind: "accepted", schedule: null };
  return define(question, merged, living);
}

/** Each field given replaces that field whole; null removes it. */
function merge(definition: ScheduleDefinition, patch: Readonly<Record<string, unknown>>): unknown {
  const kept = Object.entries(definition).filter(([field]) => !(field in patch));
  const given = Object.entries(patch).filter(([, value]) => value !== null);
  return Object.fromEntries([...kept, ...given]);
}

/** `previous`: the schedule whose anchor, zone and progress go on; null: it begins. */
function define(question: Question, body: unknown, previous: Schedule | null): Effect {
  const { command, rules } = question;
  const { tenant, storedAt } = command;
  const parsed = parseDefinition(body);
  if (!parsed.ok) return refuse(parsed);
  const resolved = resolveDefinition(parsed.value, {
    acceptedAt: storedAt,
    defaults: rules.defaults,
    previous: previous?.record ?? null,
  });
  if (!resolved.ok) return refuse(resolved);
  const effective = resolved.value;
  const denied = checkTarget(rules.tenants, tenant, effective.target, effective.payload);
  if (denied !== null) return refuse(reject(denied.code, denied.message, denied.details));

  const goingOn = continues(previous, effective) ? previous : null;
  const record = recordOf(question, parsed.value, effective, goingOn);
  const compiled = timelineOf(record);
  if (!compiled.ok) return refuse(rejectAt(compiled.fault.code, compiled.fault.path, compiled.fault.message));
  const { timeline } = compiled;
  const moved = goingOn === null || !sameTimes(goingOn.record.effective, effective);
  if (moved && neverFires(effective, timeline, storedAt)) return refuse(neverFiring(effective));
  return conclude(question, goingOn, { record, timeline });
}

/** A completed schedule goes on being completed, as long as nothing gives it another time. */
const continues = (previous: Schedule | null, effective: EffectiveDefinition): boolean =>
  previous !== null &&
  (previous.state.status !== "completed" || sameTimes(previous.record.effective, effective));

function recordOf(
  { current, living, command }: Question,
  definition: ScheduleDefinition,
  effective: EffectiveDefinition,
  goingOn: Schedule | null,
): DefinitionRecord {
  const { tenant, scheduleId, actor, storedAt } = command;
  const same = living !== null && equalJson(living.record.definition, definition);
  const keepsTrigger =
    goingOn !== null &&
    !isOff(goingOn.state) &&
    equalJson(goingOn.record.effective.trigger, effective.trigger);
  return {
    v: 1,
    term: 0,
    write: 0,
    tenant,
    scheduleId,
    version: same ? living.record.version : (current?.record.version ?? 0) + 1,
    definition,
    effective,
    acceptedAt: keepsTrigger ? goingOn.record.acceptedAt : storedAt,
    createdBy: living?.record.createdBy ?? actor,
    createdAt: living?.record.createdAt ?? storedAt,
    updatedBy: actor,
    updatedAt: storedAt,
  };
}

const neverFires = ({ trigger }: EffectiveDefinition, timeline: Timeline, at: number): boolean =>
  trigger.type !== "manual" && timeline.first(at) === null;

function neverFiring({ startAt, endAt }: EffectiveDefinition) {
  const message =
    "trigger: it never fires; expected at least one occurrence ahead and within startAt and endAt";
  const range = `no occurrence from ${startAt ?? "now"} to ${endAt ?? "the end of time"}`;
  return reject("never_fires", message, [{ path: "/trigger", message: range }]);
}

function conclude(
  question: Question,
  goingOn: Schedule | null,
  { record, timeline }: Pick<Schedule, "record" | "timeline">,
): Effect {
  const { current, living, command } = question;
  const { storedAt: at, commandId, actor, reason } = command;
  const overQuota = goingOn === null ? quotaFault(question, record) : null;
  if (overQuota !== null) return refuse(overQuota);
  const { state, more } =
    goingOn === null
      ? { state: begin(current, { record, timeline, at }), more: false }
      : redefine(goingOn, { record, timeline, at });
  if (more) return { kind: "waiving", state };

  const what = living === null ? "created" : "updated";
  const diff = living === null ? {} : { diff: differences(living.record.definition, record.definition) };
  const event = scheduleEvent(record, state, what, { at, commandId, actor, reason }, diff);
  const schedule: Schedule = { record, timeline, state: { ...state, owed: [...state.owed, event] } };
  return { kind: "accepted", schedule: { ...schedule, state: proceed(schedule, at) }, redefined: true };
}

function quotaFault({ command, rules }: Question, { createdBy }: DefinitionRecord) {
  const settings = rules.tenants.get(command.tenant);
  if (settings === undefined) return null;
  const count = rules.count(command.tenant, createdBy);
  if (count.tenant >= settings.maxSchedules) {
    const limit = `its limit is ${settings.maxSchedules}`;
    return reject("quota_exceeded", `tenant "${command.tenant}" has ${count.tenant} schedules; ${limit}`);
  }
  if (count.creator >= settings.maxSchedulesPerCreator) {
    const limit = `the limit per creator is ${settings.maxSchedulesPerCreator}`;
    return reject("quota_exceeded", `"${createdBy}" has ${count.creator} schedules; ${limit}`);
  }
  return null;
}

const refuse = ({ error }: ReturnType<typeof reject>): Effect => ({ kind: "rejected", error });
