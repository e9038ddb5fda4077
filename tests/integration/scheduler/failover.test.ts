/*
 * The active worker is killed (SIGKILL) again and again while many schedules fire every second. What was planned is
 * computed from the definitions alone: anchors and rates. The streams must hold exactly one command and exactly one
 * final event for each of those occurrences, and none for anything else.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { every } from "../../support/definition.ts";
import { percentiles, say } from "../../support/measure.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { lags, type Witness, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

/** Kills in a row; CARILLON_TEST_KILLS=10 for the long run. */
const KILLS = Number(process.env["CARILLON_TEST_KILLS"] ?? 3);
const SCHEDULES = 200;
const EVERY_MS = 1_000;
/** Time to live of a lease, the shortest that is allowed: a takeover cannot begin before it has run out. */
const LEASE_MS = 2_000;
/** Seconds that the schedules fire between one takeover and the next kill. */
const CALM_ROUNDS = 2;

let stack: Stack;
let witness: Witness;
let active: WorkerProcess;
let standby: WorkerProcess;
beforeAll(async () => {
  stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  active = stack.worker();
  await active.active();
  standby = stack.worker();
  await standby.standby();
  witness = await witnessOf(stack.nc);
});
afterAll(() => stack?.close());

const idOf = (n: number): string => `every-second-${n}`;
const ids = Array.from({ length: SCHEDULES }, (_, n) => idOf(n));

/** Creates the schedules; their anchors (first nominal instants) by id. */
async function createAll(): Promise<Map<string, number>> {
  const client = stack.client();
  const views = await Promise.all(ids.map((id) => client.create(id, every(EVERY_MS / 1_000))));
  return new Map(views.map((view) => [view.scheduleId, Date.parse(view.nextFireAt ?? "")]));
}

/** Kills the active worker while a round is on its way; answers the milliseconds until the next worker fires. */
async function killActive(kill: number): Promise<number> {
  const { targets } = witness;
  const midway = targets.items.length + SCHEDULES * CALM_ROUNDS + ((kill * 67) % SCHEDULES);
  await targets.until((items) => items.length > midway, `${CALM_ROUNDS} calm rounds`, 30_000);
  const killedAt = Date.now();
  await active.end("SIGKILL");
  await targets.caughtUp();
  const seen = targets.items.length;
  await standby.active();
  const next = await targets.until((items) => items[seen], "a command after the kill");
  active = standby;
  standby = stack.worker();
  await standby.standby();
  return Math.round(next.storedAt - killedAt);
}

/** Everything nominal up to `until` has its command and its final event. */
async function settledUntil(until: number): Promise<void> {
  const behind = new Set(ids);
  await witness.executions.until(
    (events) => {
      for (const { body } of events.slice(-SCHEDULES * 2)) {
        const { data } = JSON.parse(body);
        if (Date.parse(data.nominalAt) > until) behind.delete(data.scheduleId);
      }
      return behind.size === 0;
    },
    `events of every schedule after ${new Date(until).toISOString()}`,
    30_000,
  );
  await witness.caughtUp();
}

/** How often each key occurs. */
function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const key = (scheduleId: string | undefined, nominalAt: number): string => `${scheduleId} ${nominalAt}`;

it(`loses and doubles nothing while the active worker is killed ${KILLS} times`, {
  timeout: 40_000 + KILLS * 15_000,
}, async () => {
  const anchors = await createAll();
  await witness.targets.until((items) => items.length >= SCHEDULES, "a command of each schedule");
  const gaps: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) gaps.push(await killActive(kill));
  const until = Date.now();
  await settledUntil(until);

  const planned = ids.flatMap((id) => {
    const anchor = anchors.get(id) ?? Number.NaN;
    const count = Math.floor((until - anchor) / EVERY_MS) + 1;
    return Array.from({ length: count }, (_, n) => key(id, anchor + n * EVERY_MS));
  });
  const commands = witness.targets.items.filter(
    ({ headers }) => Date.parse(headers["Scheduler-Nominal-At"] ?? "") <= until,
  );
  const sent = countBy(
    commands.map(({ headers }) =>
      key(headers["Scheduler-Schedule-Id"], Date.parse(headers["Scheduler-Nominal-At"] ?? "")),
    ),
  );
  const finals = witness.executions.items
    .map(({ body }) => JSON.parse(body).data)
    .filter((data) => data.final && Date.parse(data.nominalAt) <= until);
  const told = countBy(finals.map((data) => key(data.scheduleId, Date.parse(data.nominalAt))));

  const lost = planned.filter((occurrence) => !sent.has(occurrence));
  const untold = planned.filter((occurrence) => !told.has(occurrence));
  const doubled = [...sent, ...told].filter(([, count]) => count > 1);
  say(
    `${KILLS} kills, ${SCHEDULES} schedules: planned ${planned.length}, commands ${commands.length}, final events ${finals.length}, ` +
      `lost ${lost.length}, untold ${untold.length}, doubled ${doubled.length}; gaps ${gaps.join(" ")} ms; lag ${percentiles(lags(commands))}`,
  );
  expect({ lost, untold, doubled }).toEqual({ lost: [], untold: [], doubled: [] });
  expect([commands.length, finals.length]).toEqual([planned.length, planned.length]);
  expect(finals.filter((data) => data.delivered === undefined)).toEqual([]);
  expect(Math.max(...gaps)).toBeLessThan(LEASE_MS * 3);
});
