/*
 * A nats-server that is killed may bring keys back whose time to live was over before its last orderly end, and keep them for ever. Nobody
 * may wait for whoever wrote them.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { NatsServer } from "@carillon/local";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NatsHeartbeats } from "../../../services/scheduler/src/adapters/nats/heartbeats.ts";
import { NatsLeases } from "../../../services/scheduler/src/adapters/nats/leases.ts";
import { declareTopology } from "../../../services/scheduler/src/adapters/nats/topology.ts";
import { until } from "../../support/until.ts";
import { ownServer, settings, type Workbench, workbench } from "./workbench.ts";

const TTL_MS = 1_000;
const LONG_MS = 60_000;
/** A lease of somebody who is not there may be held for its time, and what the server takes to remove it. */
const FREE_MS_MAX = 5_000;
const LOOK_EVERY_MS = 100;
const RECONNECT_MS_MAX = 10_000;

let server: NatsServer;
let bench: Workbench;
beforeAll(async () => {
  server = await ownServer();
  bench = await workbench(server);
  await declareTopology(bench, settings);
  await new NatsLeases(bench).acquire("lease.1", "gone", TTL_MS);
  await new NatsHeartbeats(bench).beat("gone", "I am here", TTL_MS);
  await others(2);
  await untilOthersOnly();
  await server.restart();
  await others(3);
  await server.kill();
  await server.restart();
  await until(() => bench.link.up(), RECONNECT_MS_MAX);
});
afterAll(async () => {
  await bench.close();
  await server.stop();
});

/** What the server keeps in one file with what expires, before and after its orderly end. */
async function others(partition: number): Promise<void> {
  await until(() => bench.link.up(), RECONNECT_MS_MAX);
  await new NatsLeases(bench).acquire(`lease.${partition}`, "other", LONG_MS);
  await new NatsHeartbeats(bench).beat("other", "I am here", LONG_MS);
}

/** The marks of what has expired expire as well. */
async function untilOthersOnly(): Promise<void> {
  const manager = await jetstreamManager(bench.link.nc);
  const { buckets, keys } = bench.names;
  for (const bucket of [buckets.leases, buckets.workers])
    while ((await manager.streams.info(keys.stream(bucket))).state.messages > 1) await delay(LOOK_EVERY_MS);
}

describe("after the server was killed", () => {
  it("a worker that was gone before is not told", async () => {
    const heard: unknown[] = [];
    const forget = await new NatsHeartbeats(bench).watch((...told) => void heard.push(told));
    forget();
    expect(heard).toEqual([["other", "I am here"]]);
  });

  it("a lease that had expired before is free", async () => {
    const leases = new NatsLeases(bench);
    const taken = async (): Promise<boolean> => (await leases.acquire("lease.1", "next", TTL_MS)) !== null;
    await expect.poll(taken, { timeout: FREE_MS_MAX, interval: LOOK_EVERY_MS }).toBe(true);
  });
});
