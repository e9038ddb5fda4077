/** Of the commands that targets got: not before they were due or claimed, once under each id, and none after an acknowledged end. */

import { FIRE_HEADERS } from "@carillon/contracts";
import type { History } from "../history.ts";
import { type Step, stepsOf } from "./decisions.ts";
import { grouped, iso, type Law } from "./law.ts";
import { finalsOf } from "./ledger.ts";

/** Before any worker's clock has shown its due time; a trigger fires when it is told to, whatever they show. */
export const neverEarly: Law = function* ({ sends }) {
  for (const { id, latestWallAt, dueAt } of sends) {
    if (latestWallAt < dueAt) yield `${id} was sent by ${iso(latestWallAt)} and due at ${iso(dueAt)}`;
  }
};

/** A stream may hold a message twice only where the event says that nobody could know. */
export const storedOnce: Law = function* (history) {
  const unverified = new Set(
    finalsOf(history)
      .filter(({ data }) => data.delivered?.verified === false)
      .map(({ data }) => `${data.tenant}.${data.executionId}.${data.attempt}`),
  );
  for (const [id, messages] of grouped(history.targets, (message) => message.id ?? "")) {
    if (messages.length > 1 && !unverified.has(id)) yield `${id} is stored ${messages.length} times`;
  }
};

/** What is told as dispatched was stored. */
export const toldTruly: Law = function* (history) {
  const stored = new Set(history.targets.map(({ id }) => id));
  for (const { what, data } of finalsOf(history)) {
    const id = `${data.tenant}.${data.executionId}.${data.attempt}`;
    if (what === "dispatched" && !stored.has(id))
      yield `${id} is told as dispatched, and no stream has had it`;
  }
};

/** Nothing is sent before the state that promises it is stored. */
export const claimedFirst: Law = function* (history) {
  const claimedAt = new Map<string, number>();
  for (const steps of stepsOf(history).values()) {
    for (const { key, write, dispatches } of steps) {
      const tenant = key.split(".")[1];
      for (const { executionId, attempt } of dispatches) {
        const id = `${tenant}.${executionId}.${attempt}`;
        if (!claimedAt.has(id)) claimedAt.set(id, write.order);
      }
    }
  }
  for (const message of history.targets) {
    const order = claimedAt.get(message.id ?? "");
    if (order === undefined || order > message.order) yield `${message.id} was sent unclaimed`;
  }
};

/** Once a pause or a deletion is acknowledged, nothing of the clock's is claimed until the schedule is active again. */
export const quiet: Law = function* (history) {
  for (const steps of stepsOf(history).values()) {
    for (const { key, write, before, dispatches, announcements } of steps) {
      if (announcements.some(({ what }) => what === "paused") && write.state.status !== "paused")
        yield `${key}: a pause is told, and ${write.state.status} is stored (${write.revision})`;
      if (before === null || before.status === "active") continue;
      for (const { executionId, cause } of dispatches) {
        if (cause !== "trigger")
          yield `${key}: ${executionId} was claimed while ${before.status} (${write.revision})`;
      }
    }
    yield* sentWhileAtRest(history, steps);
  }
};

function* sentWhileAtRest(history: History, steps: readonly Step[]): Iterable<string> {
  const restless = steps.flatMap(({ key, write, before }, index) => {
    const { status, memory } = write.state;
    const quieted = (status === "paused" || status === "deleted") && before?.status !== status;
    const ackedMs = quieted ? (history.commands.get(memory.sequence)?.ackedMs ?? null) : null;
    if (ackedMs === null) return [];
    const until = steps.slice(index + 1).find(({ write: { state } }) => state.status !== status)?.write.atMs;
    return [{ key, fromMs: ackedMs, untilMs: until ?? Number.POSITIVE_INFINITY, order: write.order }];
  });
  if (restless.length === 0) return;
  const claimed = new Map<string, number>(
    steps.flatMap(({ key, write, dispatches }) =>
      dispatches.map(
        ({ executionId, attempt }) =>
          [`${key.split(".")[1]}.${executionId}.${attempt}`, write.order] as const,
      ),
    ),
  );
  for (const { key, fromMs, untilMs, order } of restless) {
    const [, tenant, scheduleId] = key.split(".");
    for (const { id, atMs, headers } of history.targets) {
      const own = headers[FIRE_HEADERS.tenant] === tenant && headers[FIRE_HEADERS.scheduleId] === scheduleId;
      if (!own || atMs <= fromMs || atMs >= untilMs || headers[FIRE_HEADERS.cause] === "trigger") continue;
      if ((claimed.get(id ?? "") ?? Number.POSITIVE_INFINITY) > order)
        yield `${id} was sent after the end was acknowledged`;
    }
  }
}
