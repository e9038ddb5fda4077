import type { NatsServer } from "@carillon/local";
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

describe("a write", () => {
  it("is refused as stale unless it names the last revision", async () => {
    const first = await write("0.acme.cas", "one", 0);
    if (first.kind !== "written") throw new Error(first.kind);
    expect(await write("0.acme.cas", "again", 0)).toEqual({ kind: "stale" });
    expect(await write("0.acme.cas", "two", first.revision)).toMatchObject({ kind: "written" });
    expect(await write("0.acme.cas", "late", first.revision)).toEqual({ kind: "stale" });
    expect(text((await bench.store.read("state", "0.acme.cas"))?.value)).toBe("two");
  });

  it("creates a key again after it was purged", async () => {
    await write("0.acme.gone", "one");
    await bench.store.purge("state", "0.acme.gone", null, always);
    expect(await bench.store.read("state", "0.acme.gone")).toBeNull();
    expect(await bench.store.lastRevision("state", "0.acme.gone")).toBeGreaterThan(0);
    expect(await write("0.acme.gone", "two", 0)).toMatchObject({ kind: "written" });
    expect(text((await bench.store.read("state", "0.acme.gone"))?.value)).toBe("two");
  });

  it("is not undone by whoever would purge what was there before", async () => {
    const first = await write("0.acme.anew", "tombstone");
    if (first.kind !== "written") throw new Error(first.kind);
    const { revision } = first;
    const again = await write("0.acme.anew", "anew", revision);
    expect(await bench.store.purge("state", "0.acme.anew", revision, always)).toEqual({ kind: "stale" });
    expect(text((await bench.store.read("state", "0.acme.anew"))?.value)).toBe("anew");
    if (again.kind !== "written") throw new Error(again.kind);
    expect(await bench.store.purge("state", "0.acme.anew", again.revision, always)).toMatchObject({
      kind: "written",
    });
    expect(await bench.store.read("state", "0.acme.anew")).toBeNull();
  });

  it("is refused when the bucket is full, and not stale", async () => {
    const config = {
      name: "KV_tiny",
      subjects: ["$KV.tiny.>"],
      max_msgs: 1,
      discard: "new",
      storage: "file",
    };
    await bench.api.ask("STREAM.CREATE.KV_tiny", config);
    const { inbox } = bench;
    const order = { data: "{}", headers: null, lane: "own", guard: always, patienceMs: null };
    await inbox.ship({ ...order, subject: "$KV.tiny.a" });
    expect(await inbox.ship({ ...order, subject: "$KV.tiny.b" })).toMatchObject({
      kind: "refused",
      code: "stream_full",
    });
  });
});

describe("revisions", () => {
  it("are read by their number, of their own key only", async () => {
    const put = async (key: string, value: string): Promise<number> => {
      const written = await bench.store.write("schedules", key, value, null, always);
      return written.kind === "written" ? written.revision : 0;
    };
    const first = await put("0.acme.versions", "v1");
    await put("0.acme.versions", "v2");
    const other = await put("0.acme.other", "x");
    const read = await bench.store.readRevision("schedules", "0.acme.versions", first);
    expect(text(read?.value)).toBe("v1");
    expect(Math.abs((read?.storedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(await bench.store.readRevision("schedules", "0.acme.versions", other)).toBeNull();
    expect(await bench.store.readRevision("schedules", "0.acme.versions", 999_999)).toBeNull();
  });

  it("do not come back when the mark of a purge has expired", async () => {
    for (const version of ["v1", "v2", "v3"]) {
      await bench.store.write("schedules", "1.acme.purged", version, null, always);
    }
    await purgeForASecond("schedules", "1.acme.purged");
    await until(async () => (await bench.store.lastRevision("schedules", "1.acme.purged")) === 0);
    expect(await bench.store.read("schedules", "1.acme.purged")).toBeNull();
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

  it("finds 5,000 keys, each with its last value, and no purged ones", async () => {
    const keys = Array.from({ length: 5_000 }, (_, n) => `${n % 4}.acme.s${n}`);
    await Promise.all(keys.map((key) => write(key, "old")));
    await Promise.all(keys.map((key) => write(key, `new ${key}`)));
    await Promise.all(keys.slice(0, 100).map((key) => bench.store.purge("state", key, null, always)));
    await write("term.2", "term of two");
    await write("term.3", "term of three");

    const all = await loaded(EVERY);
    expect([...all.keys()].filter((key) => key.includes(".acme.s"))).toHaveLength(4_900);
    expect(all.has("installation")).toBe(true);
    expect(keys.slice(100).every((key) => text(all.get(key)?.value) === `new ${key}`)).toBe(true);

    const two = await loaded([2]);
    expect(two.size).toBe(1_225 + 1);
    expect(two.has("installation")).toBe(false);
    expect(text(two.get("term.2")?.value)).toBe("term of two");
    expect([...two.keys()].every((key) => key.startsWith("2.") || key === "term.2")).toBe(true);
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

  it("begins anew when the link drops in its midst, and is complete", async () => {
    const expected = (await loaded(EVERY)).size;
    let restarts = 0;
    let seen = 0;
    let dropped: Promise<void> | null = null;
    const found = new Set<string>();
    const load = bench.store.load(
      "state",
      EVERY,
      (stored) => {
        found.add(stored.key);
        seen++;
        if (seen === 500) dropped = bench.link.nc.reconnect();
      },
      () => {
        restarts++;
        found.clear();
      },
    );
    await load;
    await dropped;
    expect(restarts).toBeGreaterThan(0);
    expect(found.size).toBe(expected);
  });
});
