/* What can go wrong between a holder and one Redis node. What holds on any backend stands in the conformance suite. */

import { setTimeout as delay } from "node:timers/promises";
import type { RedisServer } from "@carillon/local";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Lease } from "../../../services/scheduler/src/app/ports.ts";
import { connectedTo, eventually, type Holder, startNodes, troubledOn, urlOf } from "../../support/redis.ts";

/** The shortest that is allowed. */
const TTL_MS = 2_000;
/** Longer than a node may take for an answer. */
const SLOW_MS = 700;

let server: RedisServer;
let one: Holder;
let other: Holder;
let redis: Redis;
beforeAll(async () => {
  [server] = (await startNodes(1)) as [RedisServer];
  one = await connectedTo(urlOf([server]));
  other = await connectedTo(urlOf([server]));
  redis = new Redis(server.port);
  // From here on the node knows all scripts, and does what it is asked at the first request.
  const lease = await taken(one, "first");
  await lease.renew();
  await lease.release();
});
afterAll(async () => {
  redis.disconnect();
  one.link.close();
  other.link.close();
  await server.stop();
});

async function taken(holder: Holder, name: string, ttlMs = TTL_MS): Promise<Lease> {
  const lease = await holder.leases.acquire(name, "owner", ttlMs);
  if (lease === null) throw new Error(`${name} is held`);
  return lease;
}

it("is kept under the name of the installation, and expires there", async () => {
  const lease = await taken(one, "named");
  const leftMs = await redis.pttl("scheduler:named");
  expect(leftMs).toBeGreaterThan(TTL_MS - 500);
  expect(leftMs).toBeLessThanOrEqual(TTL_MS);
  await lease.release();
  expect(await redis.exists("scheduler:named")).toBe(0);
});

it("is over at once for a process that stood still for longer than it lasts, and another's then", async () => {
  const lease = await taken(one, "stalled");
  const endMs = performance.now() + TTL_MS + 100;
  while (performance.now() < endMs);
  expect(one.clock.monotonicMs()).toBeGreaterThan(lease.deadlineMs());
  expect(await lease.renew()).toBe(false);
  await taken(other, "stalled");
  await lease.release();
  expect(await redis.exists("scheduler:stalled")).toBe(1);
});

it("is another's after FLUSHALL, and the former holder can neither renew nor release it", async () => {
  const lease = await taken(one, "flushed");
  await redis.flushall();
  const next = await taken(other, "flushed");
  expect(await lease.renew()).toBe(false);
  await lease.release();
  expect(await next.renew()).toBe(true);
});

it("is over when its key is gone, though nobody else has it", async () => {
  const lease = await taken(one, "vanished");
  await redis.del("scheduler:vanished");
  expect(await lease.renew()).toBe(false);
});

it("is another's once a node that forgot everything is back, as after a failover", async () => {
  const lease = await taken(one, "forgotten", 5 * TTL_MS);
  await server.kill();
  await server.restart();
  await eventually(() => one.link.up() && other.link.up());
  await taken(other, "forgotten");
  expect(await lease.renew()).toBe(false);
});

it("is not deleted by a renewal that was too slow, and is renewed by the next", async () => {
  await using slow = await troubledOn([server]);
  const lease = await taken(slow, "slow");
  slow.proxies[0]?.delay("toClient", SLOW_MS);
  const renewing = lease.renew();
  await delay(SLOW_MS + 100);
  expect(await other.leases.acquire("slow", "owner", TTL_MS)).toBeNull();
  slow.proxies[0]?.delay("toClient", 0);
  expect(await renewing).toBe(true);
});

it("leaves nothing behind where its answer is lost, and the next takes it", async () => {
  await using deaf = await troubledOn([server]);
  deaf.proxies[0]?.drop("toClient");
  await expect(deaf.leases.acquire("unheard", "owner", TTL_MS)).rejects.toThrow("too few Redis nodes");
  await taken(other, "unheard");
});

it("is nobody's for as long as it lasts where the link ended with its answer, and then anybody's", async () => {
  await using cut = await troubledOn([server]);
  cut.proxies[0]?.drop("toClient");
  const asking = cut.leases.acquire("orphaned", "owner", TTL_MS).catch((error: Error) => error.name);
  await eventually(async () => (await redis.exists("scheduler:orphaned")) === 1);
  cut.proxies[0]?.cut();
  expect(await asking).toBe("NoQuorum");
  expect(await other.leases.acquire("orphaned", "owner", TTL_MS)).toBeNull();
  await eventually(async () => (await redis.exists("scheduler:orphaned")) === 0);
  await taken(other, "orphaned");
});

it("is not asked for again by the client once a link has ended and is back", async () => {
  await using gone = await troubledOn([server]);
  gone.proxies[0]?.hold("toServer");
  const asking = gone.leases.acquire("late", "owner", TTL_MS).catch((error: Error) => error.name);
  gone.proxies[0]?.cut();
  gone.proxies[0]?.mend();
  expect(await asking).toBe("NoQuorum");
  await eventually(() => gone.link.up());
  expect(await redis.exists("scheduler:late")).toBe(0);
});

it("is renewed although the wall clock was set forward", async () => {
  const lease = await taken(one, "by-the-clock");
  const now = Date.now();
  const wallClock = vi.spyOn(Date, "now").mockReturnValue(now + 3_600_000);
  try {
    expect(await lease.renew()).toBe(true);
  } finally {
    wallClock.mockRestore();
  }
});

it("is over at its deadline on a node that stands still, and what is asked meanwhile holds nothing", async () => {
  const lease = await taken(one, "frozen");
  server.pause();
  const asking = other.leases.acquire("another", "owner", TTL_MS).catch((error: Error) => error.name);
  expect(await lease.renew()).toBe(false);
  expect(one.clock.monotonicMs()).toBeGreaterThanOrEqual(lease.deadlineMs());
  expect(await asking).toBe("NoQuorum");
  await delay(lease.deadlineMs() + 300 - one.clock.monotonicMs());
  server.resume();
  await eventually(() => one.link.up() && other.link.up());
  await eventually(async () => (await other.leases.acquire("frozen", "owner", TTL_MS)) !== null);
  await taken(one, "another");
});
