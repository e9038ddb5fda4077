/* Three Redis nodes that know nothing of each other, of which a majority decides. */

import type { RedisServer } from "@carillon/local";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectedTo, eventually, type Holder, holderOn, startNodes, urlOf } from "../../support/redis.ts";

const TTL_MS = 2_000;
const NODES = 3;

let servers: readonly RedisServer[];
let one: Holder;
let other: Holder;
beforeEach(async () => {
  servers = await startNodes(NODES);
  one = await connectedTo(urlOf(servers));
  other = await connectedTo(urlOf(servers));
});
afterEach(async () => {
  one.link.close();
  other.link.close();
  await Promise.all(servers.map((server) => server.stop()));
});

const acquire = (holder: Holder, name: string) => holder.leases.acquire(name, "owner", TTL_MS);

async function kill(...nodes: number[]): Promise<void> {
  await Promise.all(nodes.map((node) => servers[node]?.kill()));
  const left = NODES - nodes.length;
  const connected = ({ link }: Holder): number => link.nodes.filter((node) => node.up()).length;
  await eventually(() => connected(one) === left && connected(other) === left);
}

it("grant, renew and free a lease with one of them down", async () => {
  const held = await acquire(one, "held");
  await kill(0);
  expect(one.link.up()).toBe(true);
  expect(await held?.renew()).toBe(true);
  expect(await acquire(other, "held")).toBeNull();
  const lease = await acquire(one, "free");
  expect(await lease?.renew()).toBe(true);
  expect(await acquire(other, "free")).toBeNull();
  await lease?.release();
  expect(await acquire(other, "free")).not.toBeNull();
});

it("grant nothing with two of them down, and who holds a lease has it until its deadline", async () => {
  const held = await acquire(one, "held");
  await kill(0, 1);
  expect(one.link.up()).toBe(false);
  await expect(acquire(other, "free")).rejects.toThrow("too few Redis nodes answered");
  expect(await held?.renew()).toBe(false);
  expect(one.clock.monotonicMs()).toBeGreaterThanOrEqual(held?.deadlineMs() ?? Number.POSITIVE_INFINITY);
  await held?.release();
});

it("grant a lease to one of two that ask at once, or to none, and never to both", async () => {
  const names = Array.from({ length: 50 }, (_, n) => `wanted-${n}`);
  const grants = await Promise.all(
    names.map(async (name) => {
      const leases = await Promise.all([acquire(one, name), acquire(other, name)]);
      return leases.filter((lease) => lease !== null).length;
    }),
  );
  expect(Math.max(...grants)).toBe(1);
});

async function forget(...nodes: number[]): Promise<void> {
  await kill(...nodes);
  await Promise.all(nodes.map((node) => servers[node]?.restart()));
  await eventually(() => [one, other].every(({ link }) => link.nodes.every((node) => node.up())));
}

it("that come back empty one after the other are given the key again, and cost nobody the lease", async () => {
  const held = await acquire(one, "held");
  for (const node of [0, 1, 2]) {
    await forget(node);
    expect(await held?.renew()).toBe(true);
    expect(await acquire(other, "held")).toBeNull();
  }
  await held?.release();
  const next = await acquire(other, "held");
  expect(await next?.renew()).toBe(true);
});

it("are not given the key again by a holder that lost the majority, nor where somebody else has it", async () => {
  const held = await acquire(one, "held");
  await forget(0, 1);
  expect(await held?.renew()).toBe(false);
  expect(await acquire(other, "held")).not.toBeNull();
  expect(await held?.renew()).toBe(false);
  await held?.release();
  expect(await acquire(one, "held")).toBeNull();
});

it("need not be there when somebody begins to ask", async () => {
  await kill(0, 1, 2);
  await using early = holderOn(urlOf(servers));
  await expect(acquire(early, "early")).rejects.toThrow("too few Redis nodes answered");
  await Promise.all(servers.map((server) => server.restart()));
  await eventually(() => early.link.up());
  expect(await acquire(early, "early")).not.toBeNull();
});
