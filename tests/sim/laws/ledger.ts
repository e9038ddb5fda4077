/** Between what was decided and what the streams tell: every occurrence has one final event, no more and no other. */

import type { CloudEvent, ExecutionEventData, StateRecord } from "@carillon/contracts";
import type { History, Logged } from "../history.ts";
import { nominals } from "../oracle.ts";
import { rangeOf } from "./commits.ts";
import { idOf, isClaim, stepsOf } from "./decisions.ts";
import { grouped, iso, type Law } from "./law.ts";

export interface Final {
  readonly message: Logged;
  readonly id: string;
  readonly what: string;
  readonly data: ExecutionEventData;
}

/** Final events, distinct by id, in the order of their stream. */
export function finalsOf({ executions }: History): readonly Final[] {
  const finals = new Map<string, Final>();
  for (const message of executions) {
    const event = JSON.parse(String(message.data)) as CloudEvent<ExecutionEventData>;
    if (!event.data.final || finals.has(event.id)) continue;
    finals.set(event.id, {
      message,
      id: event.id,
      what: event.type.split(".").at(-2) ?? "",
      data: event.data,
    });
  }
  return [...finals.values()];
}

const addressOf = ({ data: { tenant, scheduleId } }: Final): string => `${tenant}.${scheduleId}`;
const addressOfKey = (key: string): string => key.slice(key.indexOf(".") + 1);

/** Each execution that was claimed or triggered, and each range that was decided, is told once; nothing else is. */
export const toldOnce: Law = function* (history) {
  const finals = grouped(finalsOf(history), addressOf);
  for (const [key, steps] of stepsOf(history)) {
    const told = finals.get(addressOfKey(key)) ?? [];
    const about = grouped(told, ({ id, data }) => data.executionId ?? id);
    const decided = new Set<string>();
    for (const { dispatches, announcements } of steps) {
      for (const { executionId } of dispatches) decided.add(executionId);
      for (const announcement of announcements) {
        const range = rangeOf(announcement);
        if (range === null || announcement.entity !== "execution") continue;
        const single = announcement.data["executionId"];
        decided.add(typeof single === "string" ? single : announcement.id);
      }
    }
    const pending = pendingIn(steps.at(-1)?.write.state);
    for (const id of decided) {
      const events = about.get(id) ?? [];
      if (events.length > 1 || (events.length === 0 && !pending.has(id)))
        yield `${id} has ${events.length} final events: ${events.map(({ what }) => what)}`;
    }
    for (const id of about.keys()) if (!decided.has(id)) yield `${id} is told and was never decided`;
  }
};

/** What waits for another attempt, or was left to the next owner when the last one ended, may have no final event yet. */
function pendingIn(state: StateRecord | undefined): ReadonlySet<string> {
  const { retries, owed } = state ?? { retries: [], owed: [] };
  return new Set([
    ...retries.map(({ dispatch }) => dispatch.executionId),
    ...owed.map((left) => (left.kind === "dispatch" ? left.executionId : idOf(left))),
  ]);
}

/** Under one definition no occurrence is settled twice, and no execution is claimed twice at all. */
export const settledOnce: Law = function* (history) {
  for (const [key, steps] of stepsOf(history)) {
    const settled = new Map<string, string>();
    const claims = new Set<string>();
    for (const { write, dispatches, announcements, recordBefore, record } of steps) {
      const times = JSON.stringify([
        (recordBefore ?? record)?.effective.trigger,
        (recordBefore ?? record)?.acceptedAt,
      ]);
      for (const dispatch of dispatches.filter(isClaim)) {
        // A clock that was set back names instants again; a new definition, which knows nothing of them, may then fire there again.
        const relived = history.scenario.faults.clock > 0;
        if (claims.has(dispatch.executionId) && !relived)
          yield `${key}: ${dispatch.executionId} was claimed twice`;
        claims.add(dispatch.executionId);
        yield* enter(settled, `${times} ${iso(dispatch.nominalAt)}`, `claimed at ${write.revision}`);
      }
      for (const announcement of announcements) {
        const range = rangeOf(announcement);
        const within = range && recordBefore && nominals(recordBefore, range.first, range.last + 1);
        for (const at of within ?? [])
          yield* enter(settled, `${times} ${iso(at)}`, `${announcement.what} at ${write.revision}`);
        const count = announcement.data["count"];
        if (within !== null && typeof count === "number" && count !== within.length)
          yield `${announcement.id}: ${count} are told, and there are ${within.length}`;
      }
    }
  }
};

function* enter(settled: Map<string, string>, occurrence: string, how: string): Iterable<string> {
  const before = settled.get(occurrence);
  if (before !== undefined) yield `${occurrence}: ${before}, then ${how}`;
  settled.set(occurrence, how);
}

/** The counters of a schedule are the sums over its final events since it was created. */
export const counted: Law = function* (history) {
  const finals = grouped(finalsOf(history), addressOf);
  for (const [key, steps] of stepsOf(history)) {
    const last = history.states.findLast((write) => write.key === key)?.state;
    const created = steps.findLast(
      ({ before, write }) =>
        write.state.status !== "deleted" && (before === null || before.status === "deleted"),
    );
    if (last == null || created === undefined) continue;
    // What was still on its way when the schedule was made anew is settled, and counted, in its new life.
    const since = new Set(
      created.write.state.owed
        .filter((owed) => owed.kind === "dispatch")
        .map(({ executionId }) => executionId),
    );
    for (const { write, dispatches, announcements } of steps) {
      if (write.order < created.write.order) continue;
      for (const { executionId } of dispatches) since.add(executionId);
      for (const { id, data } of announcements) since.add(String(data["executionId"] ?? id));
    }
    const sums = { fired: 0, manual: 0, missed: 0, skipped: 0, failed: 0 };
    for (const { id, what, data } of finals.get(addressOfKey(key)) ?? []) {
      if (!since.has(data.executionId ?? id)) continue;
      const counter = COUNTERS[what];
      if (counter === "fired") sums[data.cause === "trigger" ? "manual" : "fired"]++;
      else if (counter !== undefined) sums[counter] += data.count ?? 1;
    }
    for (const [name, sum] of Object.entries(sums)) {
      const stat = last.stats[name as keyof typeof sums];
      if (stat !== sum) yield `${key}: ${name} is ${stat}, and the events say ${sum}`;
    }
  }
};

const COUNTERS: Readonly<Record<string, "fired" | "missed" | "skipped" | "failed">> = {
  dispatched: "fired",
  missed: "missed",
  skipped: "skipped",
  failed: "failed",
};
