import type { NatsServer } from "@carillon/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NatsLeases } from "../../../services/scheduler/src/adapters/nats/leases.ts";
import { declareTopology } from "../../../services/scheduler/src/adapters/nats/topology.ts";
import type { Lease } from "../../../services/scheduler/src/app/ports.ts";
import { ownServer, settings, until, type Workbench, workbench } from "./workbench.ts";

const TTL_MS = 2_000;

let server: NatsServer;
let bench: Workbench;
let leases: NatsLeases;
beforeAll(async () => {
  server = await ownServer();
  bench = await workbench(server);
  await declareTopology(bench, settings);
  leases = new NatsLeases(bench);
});
afterAll(async () => {
  await bench.close();
  await server.stop();
});

async function taken(name: string, owner: string): Promise<Lease> {
  const lease = await leases.acquire(name, owner, TTL_MS);
  if (lease === null) throw new Error(`${name} is held`);
  return lease;
}

/** A signal takes a moment to stop a process: asks until nothing answers. */
async function paused(): Promise<void> {
  server.pause();
  const answers = (): Promise<boolean> =>
    bench.api.request("$JS.API.INFO", "", null, 50).then(
      () => true,
      () => false,
    );
  await until(async () => !(await answers()));
}

describe("a lease", () => {
  it("is held by one, believed for less than its time to live, and free at once when given up", async () => {
    const lease = await taken("one", "a");
    const left = lease.deadlineMs() - bench.clock.monotonicMs();
    expect(left).toBeGreaterThan(1_000);
    expect(left).toBeLessThan(TTL_MS);
    expect(await leases.acquire("one", "b", TTL_MS)).toBeNull();
    await lease.release();
    expect(lease.deadlineMs()).toBeLessThan(bench.clock.monotonicMs());
    expect(await leases.acquire("one", "b", TTL_MS)).not.toBeNull();
  });

  it("is held beyond its time to live while it is renewed", async () => {
    const lease = await taken("renewed", "a");
    const endsAtMs = bench.clock.monotonicMs() + TTL_MS * 1.5;
    while (bench.clock.monotonicMs() < endsAtMs) {
      expect(await lease.renew()).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(await leases.acquire("renewed", "b", TTL_MS)).toBeNull();
    await lease.release();
  });

  it("goes to another once it expired, the watcher hears of it, and the stale owner cannot renew", async () => {
    const stale = await taken("expiring", "a");
    let freed = false;
    const forget = await leases.onFree("expiring", () => {
      freed = true;
    });
    expect(freed).toBe(false);
    await until(() => freed);
    expect(bench.clock.monotonicMs()).toBeGreaterThan(stale.deadlineMs());
    const next = await taken("expiring", "b");
    expect(await stale.renew()).toBe(false);
    expect(await next.renew()).toBe(true);
    await stale.release();
    expect(await next.renew()).toBe(true);
    forget();
    await next.release();
  });

  it("is lost at its deadline, and no earlier, while the server does not answer", async () => {
    const lease = await taken("unreachable", "a");
    await paused();
    const renewed = await lease.renew();
    const late = bench.clock.monotonicMs() - lease.deadlineMs();
    server.resume();
    expect(renewed).toBe(false);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
  });

  it("survives a renewal whose answer was lost", async () => {
    const lease = await taken("half-heard", "a");
    await paused();
    const renewing = lease.renew();
    await new Promise((resolve) => setTimeout(resolve, 900));
    server.resume();
    expect(await renewing).toBe(true);
    expect(await lease.renew()).toBe(true);
    expect(await leases.acquire("half-heard", "b", TTL_MS)).toBeNull();
    await lease.release();
  });
});
