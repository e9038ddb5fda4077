/** The verbs that say what a schedule is: `create`, `apply`, `update`. */

import {
  type DefinitionRecord,
  equalJson,
  type FieldChange,
  type ScheduleDefinition,
  type StateRecord,
  validate,
} from "@carillon/contracts";
import { scheduleEvent } from "../announcement.ts";
import { proceed } from "../completion.ts";
import type { Effect } from "../decide.ts";
import { parseDefinition, resolveDefinition } from "../definition.ts";
import { redefine } from "../redefinition.ts";
import { reject, rejectFaults } from "../rejection.ts";
import type { Schedule } from "../schedule.ts";
import { checkTarget } from "../target.ts";
import { timelineOf } from "../timeline.ts";
import type { Question } from "./index.ts";

export function decideCreate(question: Question): Effect {
  const { living, command } = question;
  if (living === null) return define(question, command.body);
  if (equalJson(living.record.definition, command.body)) return { kind: "accepted", schedule: null };
  const message = `schedule "${command.scheduleId}" exists with another definition (version ${living.record.version})`;
  return refuse(reject("schedule_exists", message));
}

/** An equal definition changes nothing, except that a completed schedule starts anew. */
export function decideApply(question: Question): Effect {
  const { living, command } = question;
  const equal = living !== null && equalJson(living.record.definition, command.body);
  if (equal && living.state.status !== "completed") return { kind: "accepted", schedule: null };
  return define(question, command.body);
}

export function decideUpdate(question: Question): Effect {
  const { living, command } = question;
  if (living === null) return refuse(reject("not_found", "the schedule does not exist"));
  const faults = validate.updateBody(command.body);
  if (faults.length > 0) return refuse(rejectFaults("invalid_body", faults));
  const merged = merge(living.record.definition, command.body as Readonly<Record<string, unknown>>);
  if (equalJson(living.record.definition, merged)) return { kind: "accepted", schedule: null };
  return define(question, merged);
}

/** Each field given replaces that field whole; null removes it. */
function merge(definition: ScheduleDefinition, patch: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries({ ...definition, ...patch }).filter(([, value]) => value !== null),
  );
}

function define(question: Question, body: unknown): Effect {
  const { current, living, command, rules } = question;
  const parsed = parseDefinition(body);
  if (!parsed.ok) return refuse(parsed);
  const definition = parsed.value;
  const restarts = living === null || living.state.status === "completed";
  const { storedAt, tenant, actor } = command;
  const previous = restarts ? null : living.record;
  const resolved = resolveDefinition(definition, {
    acceptedAt: storedAt,
    defaults: rules.defaults,
    previous,
  });
  if (!resolved.ok) return refuse(resolved);
  const effective = resolved.value;
  const denied = checkTarget(rules.tenants, tenant, effective.target, effective.payload);
  if (denied !== null) return refuse(reject(denied.code, denied.message, denied.details));
  const overQuota = restarts ? quotaFault(question) : null;
  if (overQuota !== null) return overQuota;

  const keepsTrigger = previous !== null && equalJson(previous.effective.trigger, effective.trigger);
  const same = living !== null && equalJson(living.record.definition, definition);
  const record: DefinitionRecord = {
    v: 1,
    term: 0,
    write: 0,
    tenant,
    scheduleId: command.scheduleId,
    version: same ? living.record.version : (current?.record.version ?? 0) + 1,
    definition,
    effective,
    acceptedAt: keepsTrigger ? previous.acceptedAt : storedAt,
    createdBy: living?.record.createdBy ?? actor,
    createdAt: living?.record.createdAt ?? storedAt,
    updatedBy: actor,
    updatedAt: storedAt,
  };
  return conclude(question, record);
}

function conclude(question: Question, record: DefinitionRecord): Effect {
  const { living, command, now } = question;
  const compiled = timelineOf(record);
  if (!compiled.ok) return refuse(reject(compiled.fault.code, compiled.fault.message));
  const redefined = redefine(question, record, compiled.timeline, Math.min(now, command.storedAt));
  if (redefined.kind === "waiving") return redefined;

  const { storedAt: at, commandId, actor, reason } = command;
  const what = living === null ? "created" : "updated";
  const more = living === null ? {} : { diff: diff(living.record.definition, record.definition) };
  const event = scheduleEvent(record, redefined.state, what, { at, commandId, actor, reason }, more);
  const state: StateRecord = { ...redefined.state, owed: [...redefined.state.owed, event] };
  const schedule: Schedule = { record, state, timeline: compiled.timeline };
  return { kind: "accepted", schedule: { ...schedule, state: proceed(schedule, at) }, redefined: true };
}

function quotaFault({ command, rules }: Question): Effect | null {
  const settings = rules.tenants.get(command.tenant);
  if (settings === undefined) return null;
  const count = rules.count(command.tenant, command.actor);
  if (count.tenant >= settings.maxSchedules) {
    return refuse(
      reject(
        "quota_exceeded",
        `tenant "${command.tenant}" has ${count.tenant} schedules; its limit is ${settings.maxSchedules}`,
      ),
    );
  }
  if (count.creator >= settings.maxSchedulesPerCreator) {
    return refuse(
      reject(
        "quota_exceeded",
        `"${command.actor}" has ${count.creator} schedules; the limit per creator is ${settings.maxSchedulesPerCreator}`,
      ),
    );
  }
  return null;
}

/** Fields that changed, by name; with their values, except those that may hold secrets. */
function diff(before: ScheduleDefinition, after: ScheduleDefinition): FieldChange[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((field) => !equalJson(old.get(field) ?? null, now.get(field) ?? null))
    .map((field) => {
      if (OPAQUE_FIELDS.has(field)) return { path: `/${field}` };
      return {
        path: `/${field}`,
        ...(old.has(field) ? { before: old.get(field) } : {}),
        ...(now.has(field) ? { after: now.get(field) } : {}),
      };
    });
}

const OPAQUE_FIELDS: ReadonlySet<string> = new Set(["payload", "target"]);

const refuse = ({ error }: ReturnType<typeof reject>): Effect => ({ kind: "rejected", error });
