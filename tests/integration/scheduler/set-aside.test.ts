/*
 * Records in the buckets that a worker cannot read: each is set aside and told, all others fire, nothing stored is
 * touched, and once somebody has mended or removed it the schedule works again.
 */

import { names, type SetAsideEventData } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { every, manual } from "../../support/definition.ts";
import { scheduleKey } from "../../support/schedule-key.ts";
import { ownerOf, shared } from "../../support/sharing.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { store } from "../../support/wire.ts";
import { type Told, type Witness, whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const { keys, buckets, streams } = names();
const PARTITIONS = 4;
const keyOf = (scheduleId: string): string => scheduleKey(scheduleId, PARTITIONS);

type Bucket = "schedules" | "state";

let stack: Stack;
let witness: Witness;
let worker: WorkerProcess;

const put = (bucket: Bucket, key: string, body: unknown): Promise<number> =>
  store(stack.nc, { subject: keys.subject(buckets[bucket], key), body });

const purge = (bucket: Bucket, key: string): Promise<number> =>
  store(stack.nc, {
    subject: keys.subject(buckets[bucket], key),
    headers: { "KV-Operation": "PURGE", "Nats-Rollup": "sub" },
  });

async function read(bucket: Bucket, key: string): Promise<{ revision: number; value: string }> {
  const manager = await jetstreamManager(stack.nc);
  const stored = await manager.streams.getMessage(keys.stream(buckets[bucket]), {
    last_by_subj: keys.subject(buckets[bucket], key),
  });
  if (stored === null) throw new Error(`${bucket} ${key}: nothing is stored`);
  return { revision: stored.seq, value: stored.string() };
}

const changed = async (bucket: Bucket, key: string, change: object): Promise<unknown> => ({
  ...JSON.parse((await read(bucket, key)).value),
  ...change,
});

/** The only worker ends, somebody works on the buckets, and the next worker takes over. */
async function meanwhile(work: () => Promise<unknown>): Promise<void> {
  await worker.end();
  await work();
  worker = stack.worker();
  await worker.settled();
}

const setAsides = (scheduleId: string): Told<SetAsideEventData>[] =>
  witness
    .record(scheduleId)
    .filter((event) => whatOf(event) === "set_aside") as unknown as Told<SetAsideEventData>[];

const complaints = (key: string): unknown[] =>
  worker.log.items.filter((line) => line.msg.includes("it is set aside") && line["key"] === key);

const unreadable = async (): Promise<number> =>
  Number(/^scheduler_records_unreadable_total (\d+)$/m.exec((await worker.page("/metrics")).body)?.[1]);

/** What somebody did to the records of a schedule, in which bucket the fault then is, and its words. */
const DAMAGES: Record<string, [damage: (key: string) => Promise<unknown>, bucket: Bucket, words: string]> = {
  garbage: [(key) => put("state", key, "\u0000\u0001 not a record"), "state", "not JSON"],
  truncated: [
    async (key) => put("state", key, (await read("state", key)).value.slice(0, 100)),
    "state",
    "not JSON",
  ],
  empty: [(key) => put("state", key, undefined), "state", "empty"],
  shape: [(key) => put("state", key, ["valid", "JSON"]), "state", "not as this version knows it"],
  newer: [async (key) => put("state", key, await changed("state", key, { v: 2 })), "state", "/v"],
  event: [
    async (key) => {
      const event = { kind: "announcement", id: "x", entity: "schedule", at: 0, data: {}, definition: false };
      await put("state", key, await changed("state", key, { owed: [{ ...event, what: "no token" }] }));
    },
    "state",
    "/owed/0",
  ],
  revision: [
    async (key) => put("state", key, await changed("state", key, { revision: 999_999 })),
    "schedules",
    "revision 999999",
  ],
  forgotten: [(key) => purge("schedules", key), "schedules", "no longer stored"],
  definition: [
    async (key) =>
      put("state", key, await changed("state", key, { revision: await put("schedules", key, "{") })),
    "schedules",
    "not JSON",
  ],
  foreign: [
    async (key) => {
      const revision = await put(
        "schedules",
        key,
        await changed("schedules", key, { scheduleId: "another" }),
      );
      await put("state", key, await changed("state", key, { revision }));
    },
    "schedules",
    'schedule "another"',
  ],
};
const STRAYS = ["nonsense", `${PARTITIONS + 5}.default.far`, "0.default.two.much", "x.default.letters"];
const TERM = keys.term.build({ partition: 2 });
const damaged = Object.keys(DAMAGES);
const before = new Map<string, string>();
const after = new Map<string, string>();

beforeAll(async () => {
  ({ stack, worker } = await openRunning({ settings: { SCHEDULER_PARTITIONS: String(PARTITIONS) } }));
  witness = await witnessOf(stack.nc);
  for (const id of damaged) await stack.client().create(id, manual());
  for (let n = 0; n < 8; n++) await stack.client().create(`sound-${n}`, every(0.5));
  await meanwhile(async () => {
    for (const [id, [damage]] of Object.entries(DAMAGES)) {
      before.set(id, (await read("state", keyOf(id))).value);
      await damage(keyOf(id));
      after.set(id, (await read("state", keyOf(id))).value);
    }
    for (const key of STRAYS)
      for (const bucket of ["state", "schedules"] as const) await put(bucket, key, "stray");
    await put("state", TERM, "no term");
  });
});

afterAll(() => stack.close());

describe("a record that cannot be read", () => {
  it.each(damaged)("(%s) is set aside, told with its place, and left as it is", async (id) => {
    const [, bucket, words] = DAMAGES[id] ?? [];
    const { data, message } = await witness.recorded(id, "set_aside");
    expect(data).toMatchObject({ tenant: "default", scheduleId: id, bucket: buckets[bucket ?? "state"] });
    const { revision, message: why } = data as unknown as SetAsideEventData;
    expect(why).toContain(words);
    expect(message.headers["Nats-Msg-Id"]).toBe(
      `default.${id}.set_aside.${buckets[bucket ?? "state"]}.${revision}`,
    );
    expect(complaints(keyOf(id))).toHaveLength(1);
    for (const verb of ["pause", "trigger", "delete"] as const)
      await expect(stack.client()[verb](id)).rejects.toMatchObject({ code: "definition_unavailable" });
    await expect(stack.client().apply(id, manual())).rejects.toMatchObject({
      code: "definition_unavailable",
    });
    await expect(stack.client().get(id)).rejects.toMatchObject({ code: "definition_unavailable" });
    expect((await read("state", keyOf(id))).value).toBe(after.get(id));
  });

  it("is counted, and so are keys that no schedule can have and a term that is counted anew", async () => {
    for (const key of STRAYS) expect(complaints(key)).toHaveLength(2);
    expect(complaints(TERM)).toHaveLength(1);
    expect(await unreadable()).toBe(damaged.length + 2 * STRAYS.length + 1);
    expect((await worker.page("/ready")).status).toBe(200);
  });

  it("keeps no other schedule from firing, or from being made", async () => {
    const sound = Array.from({ length: 8 }, (_, n) => `sound-${n}`);
    await Promise.all(sound.map((id) => witness.sent(id, witness.commands(id).length + 2)));
    expect((await stack.client().create("newcomer", manual())).version).toBe(1);
  });

  it("is told once, whoever takes over, and works again once it is mended or removed", async () => {
    const [removed = "", ...mended] = damaged.filter((id) => DAMAGES[id]?.[1] === "state");
    await meanwhile(async () => {
      for (const id of mended) await put("state", keyOf(id), before.get(id));
      for (const bucket of ["state", "schedules"] as const) await purge(bucket, keyOf(removed));
    });
    for (const id of mended) {
      await stack.client().trigger(id);
      await witness.sent(id);
    }
    expect((await stack.client().create(removed, manual())).version).toBe(1);
    const remaining = damaged.filter((id) => DAMAGES[id]?.[1] === "schedules");
    for (const id of remaining) expect(complaints(keyOf(id))).toHaveLength(1);
    // The terms of an unreadable record went on beyond any before.
    expect(JSON.parse((await read("state", TERM)).value).term).toBeGreaterThan(10);
    expect(complaints(TERM)).toEqual([]);
    await stack.client().create("last", manual());
    await witness.recorded("last", "created");
    for (const id of damaged) expect(setAsides(id)).toHaveLength(1);
  });
});

describe("a takeover", () => {
  it("does not wait until a record that is set aside has been told", { timeout: 60_000 }, async () => {
    await stack.client().create("late", manual());
    const workers = [worker, stack.worker()];
    await shared(workers, { partitions: PARTITIONS });
    const { owner, others } = await ownerOf(stack, workers, "late", PARTITIONS);
    await put("state", keyOf("late"), "spoilt");
    const manager = await jetstreamManager(stack.nc);
    const { config } = await manager.streams.info(streams.audit);
    await manager.streams.delete(streams.audit);
    await owner.end();
    worker = others[0] ?? owner;
    await shared([worker], { partitions: PARTITIONS });
    await witness.sent("sound-0", witness.commands("sound-0").length + 2);
    await manager.streams.add(config);
    witness = await witnessOf(stack.nc);
    await witness.recorded("late", "set_aside");
  });
});
