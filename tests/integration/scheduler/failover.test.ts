/*
 * One of three workers is killed (SIGKILL) again and again while many schedules fire every second, and another one comes for it. What
 * was planned is computed from the definitions alone. The streams hold exactly one command and exactly one final event for each of those
 * occurrences, and none for anything else. What the dead worker owned waits for its lease; what others own does not.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { type Balance, createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { percentiles, say } from "../../support/measure.ts";
import { gapsOf, ownersOf, shared, startCrew, waitsOf } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

/** Kills in a row; CARILLON_TEST_KILLS=10 for the long run. */
const KILLS = Number(process.env["CARILLON_TEST_KILLS"] ?? 3);
const WORKERS = 3;
const SCHEDULES = 400;
const EVERY_MS = 1_000;
/** Time to live of a lease and of a heartbeat, the shortest that is allowed. */
const LEASE_MS = 2_000;
/** A worker is gone when its heartbeat has run out, and for a second more it may still come back. */
const GAP_MS_MAX = LEASE_MS + 2_500;
/** Rounds that the schedules fire between one takeover and the next kill. */
const CALM_ROUNDS = 2;

let stack: Stack;
let workers: WorkerProcess[];
beforeAll(async () => {
  stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  workers = await startCrew(stack, WORKERS);
});
afterAll(() => stack?.close());

it(`loses and doubles nothing while one of ${WORKERS} workers is killed ${KILLS} times`, {
  timeout: 60_000 + KILLS * 20_000,
}, async () => {
  const fleet = await createFleet(stack.client(), { name: "steady", size: SCHEDULES, everyMs: EVERY_MS });
  const books = await openBooks(stack.nc, fleet);
  const { targets } = await witnessOf(stack.nc);
  const gaps: number[] = [];
  const survivorWaits: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await books.more(SCHEDULES * CALM_ROUNDS + ((kill * 67) % SCHEDULES));
    const [doomed, ...survivors] = workers;
    const name = await doomed?.name();
    const owners = await ownersOf(stack);
    const [its, theirs] = [true, false].map((own) =>
      [...owners].flatMap(([partition, owner]) => ((owner === name) === own ? [partition] : [])),
    );
    const fromAt = Date.now();
    await doomed?.end("SIGKILL");
    await targets.caughtUp();
    const seen = targets.items.length;
    await shared(survivors);
    const untilAt = Date.now();
    await books.more(SCHEDULES * CALM_ROUNDS);
    const after = targets.items.slice(seen);
    gaps.push(...gapsOf(its ?? [], fromAt, after));
    survivorWaits.push(...waitsOf(theirs ?? [], { fromAt, untilAt }, after));
    workers = [...survivors, stack.worker()];
    await shared(workers);
  }
  const balance: Balance = await books.close(stack.client());
  say(
    `${KILLS} kills of one of ${WORKERS} workers: ${inWords(balance)}; lag ${books.lag}; gap of each partition of the dead: ` +
      `${percentiles(gaps)}; from due to stored meanwhile with the others: ${percentiles(survivorWaits)}`,
  );
  expect(isEven(balance)).toBe(true);
  expect(gaps.length).toBeGreaterThan(0);
  expect(Math.max(...gaps)).toBeLessThan(GAP_MS_MAX);
  expect(Math.max(...survivorWaits)).toBeLessThan(LEASE_MS);
});
