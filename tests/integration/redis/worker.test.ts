/* Workers whose leases are kept in Redis: started without it, cut off from it, and configured otherwise than their installation. */

import type { RedisServer } from "@carillon/local";
import { afterAll, beforeAll, expect, it } from "vitest";
import { every } from "../../support/definition.ts";
import { eventually, startNodes, urlOf } from "../../support/redis.ts";
import { shared } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const CONFIGURATION = 78;
const LEASE_MS = 2_000;
const EVERY_MS = 250;
/** What was sent before the deadline may be acknowledged a little later. */
const ACKNOWLEDGED_MS = 500;

let redis: RedisServer;
let stack: Stack;
let worker: WorkerProcess;
beforeAll(async () => {
  [redis] = (await startNodes(1)) as [RedisServer];
  await redis.kill();
  stack = await openStack({
    settings: { REDIS_URL: urlOf([redis]), LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) },
  });
  worker = stack.worker();
});
afterAll(async () => {
  await stack.close();
  await redis.stop();
});

const ready = async (): Promise<{ status: number; checks: unknown }> => {
  const { status, body } = await worker.page("/ready");
  return { status, checks: JSON.parse(body).checks };
};
const metrics = async (): Promise<string> => (await worker.page("/metrics")).body;

it("start without Redis, say why they are not ready, and begin once it is there", async () => {
  await worker.log.nth(1, ({ msg }) => msg === "worker started", 15_000, "that it has started");
  const complaint = await worker.log.nth(1, ({ msg }) => msg === "connection to Redis", 5_000, "a complaint");
  expect(complaint).toMatchObject({
    level: "warn",
    status: "unreachable",
    detail: expect.stringContaining(`127.0.0.1:${redis.port}`),
  });
  expect(await ready()).toMatchObject({ status: 503, checks: { nats: "connected", redis: "disconnected" } });
  expect(await metrics()).toMatch(
    /^distributed_lock_failures_total\{backend="redis",reason="unreachable"\} [1-9]/m,
  );
  await redis.restart();
  await worker.settled();
  await expect.poll(async () => (await ready()).status).toBe(200);
  expect(await ready()).toMatchObject({ checks: { redis: "connected", role: "active" } });
  const { body } = await worker.page("/health/detailed");
  expect(JSON.parse(body).details.redisNodes).toEqual({ [`127.0.0.1:${redis.port}`]: "connected" });
  expect(await metrics()).toMatch(/^distributed_locks_acquired_total\{backend="redis"\} [1-9]/m);
  expect(await metrics()).toMatch(
    /^distributed_lock_acquire_duration_seconds_count\{.*backend="redis".*\} [1-9]/m,
  );
  expect(await stack.client().status()).toMatchObject({ leases: { backend: "redis" } });
});

it("fire nothing after their deadline once Redis is gone, and fire what was due when it is back", async () => {
  const witness = await witnessOf(stack.nc);
  await stack.client().create("steady", every(EVERY_MS / 1_000));
  await witness.sent("steady", 4);
  await redis.kill();
  const killedAt = Date.now();
  await expect.poll(async () => (await ready()).status).toBe(503);
  await worker.log.nth(1, ({ msg }) => msg === "lease lost; another worker may take over", 5_000, "the loss");
  await witness.caughtUp();
  const sent = witness.commands("steady");
  const last = Math.max(...sent.map(({ storedAt }) => storedAt));
  expect(last).toBeLessThan(killedAt + LEASE_MS + ACKNOWLEDGED_MS);
  await eventually(() => Date.now() > killedAt + 2 * LEASE_MS);
  await witness.caughtUp();
  expect(witness.commands("steady")).toHaveLength(sent.length);
  expect(await metrics()).toMatch(/^distributed_locks_lost_total\{backend="redis"\} [1-9]/m);

  await redis.restart();
  await witness.sent("steady", sent.length + (2 * LEASE_MS) / EVERY_MS);
  const ids = witness.commands("steady").map(({ headers }) => headers["Scheduler-Execution-Id"]);
  expect(new Set(ids).size).toBe(ids.length);
});

it("are succeeded after a SIGKILL as soon as their leases are over", async () => {
  const next = stack.worker();
  await next.log.nth(1, ({ msg }) => msg === "worker started", 15_000, "that it has started");
  await worker.end("SIGKILL");
  await shared([next]);
});

it("that would keep leases in NATS do not join them, and say how both can be changed", async () => {
  const { code, stderr } = await stack.worker({ REDIS_URL: "", SCHEDULER_LEASES: "nats" }).exited;
  expect(code).toBe(CONFIGURATION);
  expect(stderr).toContain("set SCHEDULER_LEASES=redis; or, to move them, stop all workers, run nats kv put");
  expect(stderr).toContain(
    `nats kv put scheduler_state installation '{"v":1,"partitions":32,"leases":"nats"}'`,
  );
});
