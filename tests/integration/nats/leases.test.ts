import type { NatsServer } from "@carillon/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NatsLeases } from "../../../services/scheduler/src/adapters/nats/leases.ts";
import { declareTopology } from "../../../services/scheduler/src/adapters/nats/topology.ts";
import type { Lease } from "../../../services/scheduler/src/app/ports.ts";
import { ownServer, paused, settings, type Workbench, workbench } from "./workbench.ts";

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

describe("a lease", () => {
  it("is lost at its deadline, and no earlier, while the server does not answer", async () => {
    const lease = await taken("unreachable", "a");
    await paused(bench);
    const renewed = await lease.renew();
    const late = bench.clock.monotonicMs() - lease.deadlineMs();
    server.resume();
    expect(renewed).toBe(false);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
  });
});
