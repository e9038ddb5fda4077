/*
 * One of two workers is cut off from NATS for three leases, while its schedules fire. The other one takes its partitions over as if it
 * had been killed; it lives on, and once it is back its partitions are handed back to it.
 */

import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { percentiles, say } from "../../support/measure.ts";
import { openProxy } from "../../support/proxy.ts";
import { gapsOf, ownersOf, shared } from "../../support/sharing.ts";
import { openStack } from "../../support/stack.ts";
import { witnessOf } from "../../support/witness.ts";

const LEASE_MS = 2_000;
const CUT_MS = 3 * LEASE_MS;
/** As of a worker that was killed. */
const GAP_MS_MAX = LEASE_MS + 2_500;
const SIZE = 200;
const EVERY_MS = 1_000;

it("loses and doubles nothing, is not ready meanwhile, and owns its partitions again after", {
  timeout: 90_000,
}, async ({ onTestFinished }) => {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  onTestFinished(() => stack.close());
  const proxy = await openProxy(stack.server.port);
  onTestFinished(() => proxy.close());
  const [lost, other] = [stack.worker({ NATS_URL: proxy.url }), stack.worker()];
  await shared([lost, other]);
  const fleet = await createFleet(stack.client(), { name: "steady", size: SIZE, everyMs: EVERY_MS });
  const books = await openBooks(stack.nc, fleet);
  const { targets } = await witnessOf(stack.nc);
  await books.more(2 * SIZE);
  const owners = await ownersOf(stack);
  const name = await lost.name();
  const its = [...owners].flatMap(([partition, owner]) => (owner === name ? [partition] : []));

  const cutAt = Date.now();
  proxy.cut();
  await targets.caughtUp();
  const seen = targets.items.length;
  await shared([other]);
  const meanwhile = await lost.standing();
  await delay(CUT_MS - (Date.now() - cutAt));
  await targets.caughtUp();
  const gaps = gapsOf(its, cutAt, targets.items.slice(seen));
  proxy.mend();
  const mendedAt = Date.now();
  await shared([lost, other]);
  const backMs = Date.now() - mendedAt;
  await books.more(2 * SIZE);
  const balance = await books.close(stack.client());
  say(
    `cut off for ${CUT_MS} ms with ${its.length} partitions: gap of each ${percentiles(gaps)}; shares again ${backMs} ms after; ${inWords(balance)}`,
  );
  expect(isEven(balance)).toBe(true);
  expect(meanwhile).toEqual({ ready: false, role: "starting", owned: 0 });
  expect(Math.max(...gaps)).toBeLessThan(GAP_MS_MAX);
  const again = [...(await ownersOf(stack))].flatMap(([partition, owner]) =>
    owner === name ? [partition] : [],
  );
  expect(again).toEqual(its);
  for (const { log } of [lost, other]) {
    expect(log.items.filter(({ level }) => level === "error")).toEqual([]);
  }
});
