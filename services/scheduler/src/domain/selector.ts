/**
 * Which schedules a list asks for. The conditions of its body are made ready once and then asked of every schedule, the cheap ones first;
 * all must hold. What was deleted is never asked for.
 */

import {
  containsPattern,
  equalJson,
  isSubjectPattern,
  type ListBody,
  type StateRecord,
} from "@carillon/contracts";
import { type EpochMs, parseInstant } from "./instant.ts";
import { accept, type Checked, rejectAt } from "./rejection.ts";
import type { Schedule } from "./schedule.ts";
import { nextFireAt } from "./view.ts";

export type Selector = (schedule: Pick<Schedule, "record" | "state">) => boolean;

/** Of a body that fits its schema; refused is what a schema cannot tell. */
export function selectorOf(body: ListBody): Checked<Selector> {
  const { target } = body;
  if (target !== undefined && !isSubjectPattern(target)) {
    const message = `target: ${JSON.stringify(target.slice(0, 60))}; expected a subject, in which whole tokens may be * and the last one >`;
    return rejectAt("invalid_body", "/target", message);
  }
  for (const name of ["dueAfter", "dueBefore"] as const) {
    const text = body[name];
    if (text !== undefined && parseInstant(text) === null)
      return rejectAt("invalid_body", `/${name}`, `${name}: expected an RFC 3339 instant`);
  }
  const conditions = conditionsOf(body);
  return accept((schedule) => conditions.every((holds) => holds(schedule)));
}

/** What is known of a schedule that is not in memory. */
export interface Glimpse {
  status: StateRecord["status"];
  type: string;
  createdBy: string;
  /** No later than it is due. */
  wakeAt: EpochMs | null;
}

export interface Sieve {
  /** False: the selector does not ask for it. True: it may. */
  passes(glimpse: Glimpse): boolean;
  /** What passes is asked for: there is no other condition. */
  decides: boolean;
}

/** The conditions of the body as far as they can be told at a glimpse. */
export function sieveOf({ status, type, createdBy, limit, cursor, full, ...others }: ListBody): Sieve {
  const { dueBefore } = others;
  const before = dueBefore === undefined ? null : parseInstant(dueBefore);
  const given = <T>(wanted: T | undefined, is: T): boolean => wanted === undefined || wanted === is;
  return {
    passes: (glimpse) =>
      glimpse.status !== "deleted" &&
      given(status, glimpse.status) &&
      given(type, glimpse.type) &&
      given(createdBy, glimpse.createdBy) &&
      (before === null || (glimpse.wakeAt !== null && glimpse.wakeAt < before)),
    decides: Object.keys(others).length === 0,
  };
}

function conditionsOf(body: ListBody): Selector[] {
  const { status, type, createdBy, tag, target, metadata, search } = body;
  const conditions: Selector[] = [({ state }) => state.status !== "deleted"];
  const when = (given: unknown, condition: Selector): void => {
    if (given !== undefined) conditions.push(condition);
  };
  when(status, ({ state }) => state.status === status);
  when(type, ({ record }) => record.effective.trigger.type === type);
  when(createdBy, ({ record }) => record.createdBy === createdBy);
  when(body.dueAfter ?? body.dueBefore, dueWithin(body));
  when(tag, ({ record }) => record.effective.tags.some((one) => one === tag));
  when(target, ({ record }) => containsPattern(target ?? "", record.effective.target.subject));
  when(metadata, holdsMetadata(metadata ?? {}));
  when(search, contains(search ?? ""));
  return conditions;
}

function dueWithin({ dueAfter, dueBefore }: ListBody): Selector {
  const from: EpochMs = (dueAfter === undefined ? null : parseInstant(dueAfter)) ?? Number.NEGATIVE_INFINITY;
  const before: EpochMs =
    (dueBefore === undefined ? null : parseInstant(dueBefore)) ?? Number.POSITIVE_INFINITY;
  return ({ state }) => {
    const at = nextFireAt(state);
    return at !== null && at >= from && at < before;
  };
}

function holdsMetadata(wanted: NonNullable<ListBody["metadata"]>): Selector {
  const members = Object.entries(wanted);
  return ({ record: { effective } }) =>
    members.every(
      ([name, value]) =>
        Object.hasOwn(effective.metadata, name) && equalJson(effective.metadata[name], value),
    );
}

function contains(search: string): Selector {
  const part = search.toLowerCase();
  return ({ record: { scheduleId, effective } }) =>
    [scheduleId, effective.name, effective.description].some((text) => text?.toLowerCase().includes(part));
}
