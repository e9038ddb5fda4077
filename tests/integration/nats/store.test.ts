import type { NatsServer } from "@carillon/local";
import type { StreamInfo } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declareTopology } from "../../../services/scheduler/src/adapters/nats/topology.ts";
import type { Stored } from "../../../services/scheduler/src/app/ports.ts";
import { always, ownServer, PARTITIONS, settings, until, type Workbench, workbench } from "./workbench.ts";

const EVERY = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);

let server: NatsServer;
let bench: Workbench;
beforeAll(async () => {
  server = await ownServer();
  bench = await workbench(server);
  await declareTopology(bench, settings);
});
afterAll(async () => {
  await bench.close();
  await server.stop();
});

const write = (key: string, value: string, expected: number | null = null) =>
  bench.store.write("state", key, value, expected, always);

/** As the store purges, but with a mark that expires while the test watches. */
async function purgeForASecond(bucket: "schedules" | "state", key: string): Promise<void> {
  const headers = { "KV-Operation": "PURGE", "Nats-Rollup": "sub", "Nats-TTL": "1s" };
  const message = { subject: `$KV.scheduler_${bucket}.${key}`, data: "", id: null, headers };
  await bench.publisher.send(message, { lane: "own", guard: always, patienceMs: null });
}

async function loaded(partitions: readonly number[]): Promise<Map<string, Stored>> {
  const found = new Map<string, Stored>();
  await bench.store.load(
    "state",
    partitions,
    (stored) => found.set(stored.key, stored),
    () => found.clear(),
  );
  return found;
}

describe("a purged key", () => {
  it("does not come back when the mark has expired", async () => {
    for (const version of ["v1", "v2", "v3"]) {
      await bench.store.write("schedules", "1.acme.purged", version, null, always);
    }
    await purgeForASecond("schedules", "1.acme.purged");
    await until(async () => (await bench.store.lastRevision("schedules", "1.acme.purged")) === 0);
    expect(await bench.store.read("schedules", "1.acme.purged")).toBeNull();
  });
});

describe("many revisions", () => {
  it("are read from the leader where the bucket does not allow to ask anybody else", async () => {
    const written = await write("4.acme.direct", "here");
    const { config } = await bench.api.ask<StreamInfo>("STREAM.INFO.KV_scheduler_state");
    const forbidding = { ...config, allow_direct: false, mirror_direct: false };
    await bench.api.ask("STREAM.UPDATE.KV_scheduler_state", forbidding);
    const revision = written.kind === "written" ? written.revision : 0;
    const wanted = [revision, 999_999].map((one) => ({ key: "4.acme.direct", revision: one }));
    const [found, none] = await bench.store.readRevisions("state", wanted);
    expect([text(found?.value), none]).toEqual(["here", null]);
    await bench.api.ask("STREAM.UPDATE.KV_scheduler_state", config);
  });
});

describe("many revisions, for a user who may not ask just any server", () => {
  it("are read from the leader", async () => {
    const users = `{ user: root, password: root },
      { user: limited, password: limited, permissions: { publish: { deny: ["$JS.API.DIRECT.>"] } } }`;
    const strict = await ownServer(`authorization { users: [ ${users} ] }`);
    const limited = await workbench(strict, { user: "limited" });
    await declareTopology(limited, settings);
    const written = await limited.store.write("state", "7.acme.denied", "here", null, always);
    const revision = written.kind === "written" ? written.revision : 0;
    const wanted = Array.from({ length: 300 }, () => ({ key: "7.acme.denied", revision }));
    const found = await limited.store.readRevisions("state", wanted);
    expect(new Set(found.map((stored) => text(stored?.value)))).toEqual(new Set(["here"]));
    await limited.close();
    await strict.stop();
  });
});

describe("a load", () => {
  it("of an empty bucket ends at once", async () => {
    const seen: Stored[] = [];
    const startedAt = performance.now();
    await bench.store.load("state", [7], (stored) => seen.push(stored));
    expect(seen).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it("finds 5,000 keys, each with its last value", async () => {
    const keys = Array.from({ length: 5_000 }, (_, n) => `${n % 4}.acme.s${n}`);
    await Promise.all(keys.map((key) => write(key, "old")));
    await Promise.all(keys.map((key) => write(key, `new ${key}`)));
    const all = await loaded(EVERY);
    expect(all.has("installation")).toBe(true);
    expect(keys.every((key) => text(all.get(key)?.value) === `new ${key}`)).toBe(true);
    expect((await loaded([2])).size).toBe(1_250);
  });

  it("finds what another writer moves behind its end meanwhile", async () => {
    // More than the server sends before it hears that some has arrived; and longer than what is read from the socket at once.
    const [long, longer] = ["x".repeat(4_096), "x".repeat(131_072)];
    const keys = Array.from({ length: 12_000 }, (_, n) => `8.acme.s${n}`);
    await Promise.all(keys.map((key) => write(key, long)));
    const found = new Set<string>();
    const loading = bench.store.load("state", [8], ({ key }) => found.add(key));
    await Promise.all(keys.slice(-20).map((key) => write(key, longer)));
    await loading;
    expect(keys.filter((key) => !found.has(key))).toEqual([]);
  });

  it("is complete although the last message of the bucket is gone", async () => {
    await write("5.acme.stays", "here");
    await write("6.acme.goes", "away");
    await purgeForASecond("state", "6.acme.goes");
    await until(async () => (await bench.store.lastRevision("state", "6.acme.goes")) === 0);
    expect([...(await loaded([5])).keys()]).toEqual(["5.acme.stays"]);
    expect([...(await loaded([6])).keys()]).toEqual([]);
    expect((await loaded(EVERY)).has("5.acme.stays")).toBe(true);
  });
});
