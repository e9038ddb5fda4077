/** When the faults have stopped, everything comes to rest: nothing overdue, nothing owed, and fires on time. */

import { FIRE_HEADERS } from "@carillon/contracts";
import type { History } from "../history.ts";
import { iso, type Law } from "./law.ts";

/** Lateness in the calm. */
const LAG_MS_MAX = 1_000;

/** Strikes are stored after two seconds of quiet. */
const UPKEEP_MS = 5_000;

export const nothingLeft: Law = function* (history) {
  const { shown, inboxPending } = history;
  for (const { gauges } of shown) {
    const { oldestOverdueMs } = gauges;
    if (oldestOverdueMs > LAG_MS_MAX) yield `something is ${oldestOverdueMs} ms overdue`;
  }
  if (inboxPending > 0) yield `${inboxPending} commands wait`;
  const endAt = history.epochAt + history.endMs;
  for (const { key, state, atMs } of lastStates(history)) {
    if (state === null) continue;
    if (state.owed.length > 0 && atMs < history.endMs - UPKEEP_MS)
      yield `${key} still owes ${state.owed.map(({ kind }) => kind).join()}`;
    if (state.status === "active" && state.dueAt !== null && state.dueAt < endAt - LAG_MS_MAX)
      yield `${key} has been due since ${iso(state.dueAt)}`;
  }
};

/** As they were at the end of the calm. */
function lastStates({ states, endMs }: History) {
  return new Map(states.filter(({ atMs }) => atMs <= endMs).map((write) => [write.key, write])).values();
}

export const punctual: Law = function* ({ targets, epochAt, settledMs }) {
  for (const { id, atMs, headers } of targets) {
    const dueMs = Date.parse(headers[FIRE_HEADERS.dueAt] ?? "") - epochAt;
    const first = headers[FIRE_HEADERS.attempt] === "1" && headers[FIRE_HEADERS.cause] === "schedule";
    if (first && dueMs > settledMs && atMs - dueMs > LAG_MS_MAX)
      yield `${id} came ${atMs - dueMs} ms late in the calm`;
  }
};
