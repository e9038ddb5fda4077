/*
 * Workers share the partitions: those that start together, one that joins, one that leaves. What need not move stays where it is, and
 * while partitions move nothing is lost or doubled.
 */

import { names } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, it, onTestFinished } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { percentile, percentiles, say } from "../../support/measure.ts";
import { ownersOf, PARTITIONS, shared, startCrew, waitsOf } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

/** Each partition has some of them. */
const SCHEDULES = 100;
const EVERY_MS = 250;
/** Fires before and after partitions move. */
const CALM = 4 * SCHEDULES;
/** Of a planned handover: from due to stored, of what fell due in it. A machine that is not shared takes a third of it. */
const HANDOVER_P99_MS_MAX = 1_500;

async function open(): Promise<Stack> {
  const stack = await openStack();
  onTestFinished(() => stack.close());
  return stack;
}

/** Nothing need fall due in a move that takes no time. */
const p99Of = (waits: readonly number[]): number => percentile([0, ...waits], 0.99);

const complaintsOf = (workers: readonly WorkerProcess[]): unknown[] =>
  workers.flatMap(({ log }) => log.items.filter(({ level }) => level === "error" || level === "warn"));

it("three that start at once make one set of streams, and each owns a part", {
  timeout: 60_000,
}, async () => {
  const stack = await open();
  const workers = await startCrew(stack, 3);
  const owned = await shared(workers);
  say(`three workers started at once own ${owned.join(" + ")} of ${PARTITIONS} partitions`);
  expect(Math.min(...owned)).toBeGreaterThan(0);
  expect(complaintsOf(workers)).toEqual([]);
  const { streams, buckets, keys } = names();
  const manager = await jetstreamManager(stack.nc);
  const found = (await manager.streams.list().next()).map(({ config }) => config.name).sort();
  const { reports: _, ...made } = streams;
  const expected = [
    ...Object.values(made),
    ...Object.values(buckets).map((bucket) => keys.stream(bucket)),
  ].sort();
  expect(found).toEqual(expected);
  const status = await stack.client().status();
  expect(status.partitions.owners.map(({ partition }) => partition)).toEqual(
    Array.from({ length: PARTITIONS }, (_, partition) => partition),
  );
  const roles = status.workers.map(({ name, role }) => [name, role]);
  const workerNames = await Promise.all(workers.map((worker) => worker.name()));
  expect(roles).toEqual(workerNames.sort().map((name) => [name, "active"]));
});

/** Who owns what, and by which term. */
async function termsOf(stack: Stack): Promise<ReadonlyMap<number, string>> {
  const { partitions } = await stack.client().status();
  return new Map(partitions.owners.map(({ partition, worker, term }) => [partition, `${worker} ${term}`]));
}

/** Moves partitions while a fleet fires; answers which moved, and how long after due what fell due meanwhile was stored. */
async function moveWhileFiring(stack: Stack, move: () => Promise<WorkerProcess[]>) {
  const fleet = await createFleet(stack.client(), { name: "steady", size: SCHEDULES, everyMs: EVERY_MS });
  const books = await openBooks(stack.nc, fleet);
  const { targets } = await witnessOf(stack.nc);
  await books.more(CALM);
  const before = await termsOf(stack);
  const fromAt = Date.now();
  const workers = await move();
  await shared(workers);
  const untilAt = Date.now();
  const after = await termsOf(stack);
  await books.more(CALM);
  const balance = await books.close(stack.client());
  await targets.caughtUp();
  const moved = [...after.keys()].filter((partition) => after.get(partition) !== before.get(partition));
  const waits = waitsOf(moved, { fromAt, untilAt }, targets.items);
  return { balance, before, after, moved, waits, lag: books.lag, tookMs: untilAt - fromAt };
}

it("one that joins takes what is wanted of it and no more, and delays only that", {
  timeout: 60_000,
}, async () => {
  const stack = await open();
  const workers = await startCrew(stack, 2);
  const joiner = async (): Promise<WorkerProcess[]> => {
    workers.push(stack.worker());
    return workers;
  };
  const { balance, moved, waits, lag, after, tookMs } = await moveWhileFiring(stack, joiner);
  const name = await workers[2]?.name();
  say(
    `a third worker joined within ${tookMs} ms and took ${moved.length} partitions; from due to stored there: ` +
      `${percentiles(waits)} of ${waits.length}, all in all ${lag}; ${inWords(balance)}`,
  );
  expect(isEven(balance)).toBe(true);
  expect(moved.length).toBeGreaterThan(0);
  const its = [...after].filter(([, owner]) => owner.startsWith(`${name} `)).map(([partition]) => partition);
  expect(moved).toEqual(its);
  expect(p99Of(waits)).toBeLessThan(HANDOVER_P99_MS_MAX);
  expect(complaintsOf(workers)).toEqual([]);
});

it("one that gets SIGTERM hands on what it owns to all others, and they keep what they had", {
  timeout: 60_000,
}, async () => {
  const stack = await open();
  const workers = await startCrew(stack, 3);
  const [leaver, ...others] = workers;
  const name = await leaver?.name();
  const leave = async (): Promise<WorkerProcess[]> => {
    expect((await leaver?.end())?.code).toBe(0);
    return others;
  };
  const { balance, before, moved, waits, lag, tookMs } = await moveWhileFiring(stack, leave);
  say(
    `one of three handed on ${moved.length} partitions within ${tookMs} ms; from due to stored there: ` +
      `${percentiles(waits)} of ${waits.length}, all in all ${lag}; ${inWords(balance)}`,
  );
  expect(isEven(balance)).toBe(true);
  const its = [...before].filter(([, owner]) => owner.startsWith(`${name} `)).map(([partition]) => partition);
  expect(moved).toEqual(its);
  const heirs = new Set((await ownersOf(stack)).values());
  expect(heirs.size).toBe(others.length);
  expect(p99Of(waits)).toBeLessThan(HANDOVER_P99_MS_MAX);
  expect(complaintsOf(workers)).toEqual([]);
});
