/*
 * The wall clock of a worker is set, forward and back, while it runs; its monotonic clock and the server's clock stay as
 * they are. What falls due or becomes late by that is judged by the misfire policies, as after an outage.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { Misfire, ScheduleDefinition } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, once } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { openWallClock, type WallClock } from "../../support/wall-clock.ts";
import { nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const CATCH_UP_MAX = 5;
/** After a step, what is not told within this is not going to be. */
const QUIET_MS = 1_500;
/** A year of minutes is judged within this. */
const JUDGED_MS_MAX = 30_000;

interface Case {
  readonly periodMs: number;
  readonly definition: ScheduleDefinition;
  /** How many may fire after a step forward, and why the others do not. */
  readonly firesMax: number;
  readonly reason: string;
}

const misfire = (policy: NonNullable<Misfire["policy"]>, graceSeconds = 0): { misfire: Misfire } => ({
  misfire: { policy, graceSeconds, maxCatchUp: CATCH_UP_MAX },
});

// What is due at the very moment of a step may fire on time, hence one more than the policy lets through.
const CASES: Readonly<Record<string, Case>> = {
  skip: {
    periodMs: MINUTE_MS,
    definition: every(60, misfire("skip")),
    firesMax: 1,
    reason: "misfire_grace",
  },
  "fire-once": {
    periodMs: MINUTE_MS,
    definition: every(60, misfire("fire_once")),
    firesMax: 2,
    reason: "coalesced",
  },
  "fire-all": {
    periodMs: MINUTE_MS,
    definition: every(60, misfire("fire_all")),
    firesMax: CATCH_UP_MAX + 1,
    reason: "catch_up_limit",
  },
  graceful: {
    periodMs: MINUTE_MS,
    definition: every(60, misfire("skip", 300)),
    firesMax: 6,
    reason: "misfire_grace",
  },
  cron: {
    periodMs: MINUTE_MS,
    definition: define(
      { type: "cron", expression: "* * * * *", timezone: "Europe/Vienna" },
      misfire("fire_once"),
    ),
    firesMax: 2,
    reason: "coalesced",
  },
  second: {
    periodMs: SECOND_MS,
    definition: every(1, misfire("fire_all", 2)),
    // It goes on firing every second while the test looks.
    firesMax: CATCH_UP_MAX + 3 + JUDGED_MS_MAX / SECOND_MS,
    reason: "catch_up_limit",
  },
};
const IDS = Object.keys(CASES);

let stack: Stack;
let clock: WallClock;
let worker: WorkerProcess;
let witness: Witness;
beforeAll(async () => {
  stack = await openStack();
  clock = await openWallClock(stack.folder);
  worker = stack.worker(clock.settings);
  await worker.settled();
  witness = await witnessOf(stack.nc);
  const client = stack.client();
  for (const [id, { definition }] of Object.entries(CASES)) await client.create(id, definition);
  await client.create("in-60-days", once(ahead((60 * DAY_MS) / 1_000)));
  await client.create("after-30-days", define({ type: "delay", delaySeconds: (30 * DAY_MS) / 1_000 }));
  await witness.sent("second", 2);
});
afterAll(async () => {
  await worker?.end();
  await stack?.close();
});

let jumps = 0;

/** Steps the clock, and waits until the worker has said so. */
async function step(byMs: number): Promise<void> {
  await clock.step(byMs);
  const line = await worker.log.nth(
    ++jumps,
    ({ msg }) => msg === "the wall clock jumped",
    10_000,
    "a warning",
  );
  expect(line.level).toBe("warn");
  expect(Math.abs(Number(line["byMs"]) - byMs)).toBeLessThan(SECOND_MS);
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** What the final events of a schedule cover, in the order in which it was told. */
const rangesOf = (id: string): Range[] =>
  witness
    .story(id)
    .filter(({ data }) => data.final)
    .map(({ data }) => ({
      first: Date.parse(data.firstNominalAt ?? data.nominalAt ?? ""),
      last: Date.parse(data.lastNominalAt ?? data.nominalAt ?? ""),
      count: data.count ?? 1,
    }));

/** Waits until everything that is due by the worker's clock has been told. */
async function judged(id: string): Promise<void> {
  const { periodMs } = CASES[id] ?? { periodMs: Number.NaN };
  const until = clock.now() - periodMs;
  const covers = (): boolean => rangesOf(id).some(({ last }) => last >= until);
  await witness.executions.until(covers, `what ${id} has due`, JUDGED_MS_MAX);
}

async function everythingJudged(): Promise<void> {
  for (const id of IDS) await judged(id);
  await witness.caughtUp();
}

async function expectHealthy(): Promise<void> {
  expect((await worker.page("/live")).status).toBe(200);
  expect((await worker.page("/ready")).status).toBe(200);
  const { body } = await worker.page("/metrics");
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(body)?.[1]);
  expect(value("schedule_fire_lag_seconds_sum")).toBeGreaterThanOrEqual(0);
  expect(value("schedule_oldest_overdue_seconds")).toBeGreaterThanOrEqual(0);
  expect(value("schedule_oldest_overdue_seconds")).toBeLessThan(60);
}

async function forward(byMs: number): Promise<void> {
  const before = new Map(IDS.map((id) => [id, witness.commands(id).length]));
  const startedMs = performance.now();
  await step(byMs);
  await everythingJudged();
  const fired = IDS.map((id) => `${id} ${witness.commands(id).length - (before.get(id) ?? 0)}`);
  say(
    `+${byMs / HOUR_MS} h, judged ${Math.round(performance.now() - startedMs)} ms later; fired: ${fired.join(", ")}`,
  );
  for (const [id, { firesMax }] of Object.entries(CASES)) {
    expect(witness.commands(id).length - (before.get(id) ?? 0), id).toBeLessThanOrEqual(firesMax);
  }
  await expectHealthy();
}

async function back(byMs: number): Promise<void> {
  await step(-byMs);
  const before = witness.targets.items.length;
  await delay(QUIET_MS);
  await witness.targets.caughtUp();
  say(`-${byMs / HOUR_MS} h; fired within ${QUIET_MS} ms: ${witness.targets.items.length - before}`);
  expect(witness.targets.items.length).toBe(before);
  await expectHealthy();
}

describe("a wall clock that is set", () => {
  it("by an hour forward and back, and by a day forward and back, fires by policy and nothing twice", {
    timeout: 90_000,
  }, async () => {
    await forward(HOUR_MS);
    await back(HOUR_MS);
    await forward(DAY_MS);
    await back(DAY_MS);
    expect(witness.commands("in-60-days")).toEqual([]);
    expect(witness.commands("after-30-days")).toEqual([]);
  });

  it("to where a delay of 30 days and an instant in 60 days are due, fires each then", {
    timeout: 60_000,
  }, async () => {
    await step(30 * DAY_MS);
    await witness.settled("after-30-days");
    expect(witness.commands("in-60-days")).toEqual([]);
    await step(30 * DAY_MS);
    await witness.settled("in-60-days");
    await witness.settled("after-30-days", 2);
    await everythingJudged();
    expect(witness.commands("in-60-days")).toHaveLength(1);
  });

  it("by a year forward, fires by policy", { timeout: 60_000 }, async () => {
    await forward(YEAR_MS);
  });

  it("leaves no occurrence out, covers none twice, fires none early, and costs no lease", async () => {
    await witness.caughtUp();
    for (const [id, { periodMs, reason }] of Object.entries(CASES)) {
      const ranges = rangesOf(id).sort((one, two) => one.first - two.first);
      const gaps = ranges.filter(({ first }, n) => n > 0 && first !== (ranges[n - 1]?.last ?? 0) + periodMs);
      expect(gaps, id).toEqual([]);
      expect(
        ranges.filter(({ first, last, count }) => (last - first) / periodMs + 1 !== count),
        id,
      ).toEqual([]);
      const fired = nominals(witness.commands(id));
      expect(fired, id).toEqual([...new Set(fired)].sort((one, two) => one - two));
      const reasons = witness
        .story(id)
        .flatMap((event) => (whatOf(event) === "missed" ? [event.data.reason] : []));
      expect(new Set(reasons), id).toEqual(new Set([reason]));
    }
    const early = witness.executions.items
      .map(({ body }) => JSON.parse(body).data)
      .filter(({ firedAt, dueAt }) => firedAt !== undefined && Date.parse(firedAt) < Date.parse(dueAt));
    expect(early).toEqual([]);
    const said = (msg: string): number => worker.log.items.filter((line) => line.msg === msg).length;
    expect(said("lease lost; another worker may take over")).toBe(0);
    expect(said("partitions taken over")).toBe(1);
    expect(worker.log.items.filter(({ level }) => level === "error")).toEqual([]);
  });
});
