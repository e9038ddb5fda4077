import type { DefinitionRecord, StateRecord } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { outlineOf } from "../domain/schedule.ts";
import { anAnnouncement, aSchedule, NAMES, STORED_AT } from "../domain/testing/builders.ts";
import { Census } from "./census.ts";
import type { Held } from "./held.ts";
import { Loading } from "./loading.ts";
import { Abandoned, type Bucket, type Revision, type Store, type Stored } from "./ports.ts";
import { Records } from "./records.ts";
import { Shelf } from "./shelf.ts";
import { WarmSet } from "./warm-set.ts";

const { state, record } = aSchedule();
const encoder = new TextEncoder();

/** What a state has otherwise than the ordinary one; `outline` undefined: none. */
type Own = Omit<Partial<StateRecord>, "outline"> & { outline?: StateRecord["outline"] | undefined };

/** Schedules `s0`, `s1` … in one partition, with room for so many warm ones. */
async function loaded(warmMax: number, states: readonly Own[], wanted = true) {
  const rows = states.map((own, n) => {
    const definition: DefinitionRecord = { ...record, scheduleId: `s${n}` };
    const outline = outlineOf(definition, n + 1);
    return {
      key: `0.acme.s${n}`,
      definition,
      state: { ...state, revision: n + 1, owed: [], outline, ...own },
    };
  });
  const read: string[] = [];
  const storedOf = (bucket: Bucket, row: (typeof rows)[number], n: number): Stored => ({
    key: row.key,
    value: encoder.encode(JSON.stringify(bucket === "state" ? row.state : row.definition)),
    revision: n + 1,
    storedAt: STORED_AT,
  });
  const store = {
    load: async (bucket: Bucket, _: unknown, each: (stored: Stored) => void) => {
      for (const [n, row] of rows.entries()) each(storedOf(bucket, row, n));
    },
    readRevisions: async (bucket: Bucket, wanted: readonly Revision[]) => {
      read.push(...wanted.map(({ key }) => `${bucket} ${key}`));
      return wanted.map(({ revision }) => {
        const row = rows[revision - 1];
        return row === undefined ? null : storedOf(bucket, row, revision - 1);
      });
    },
  } as unknown as Store;
  const [census, warmSet] = [new Census(), new WarmSet(warmMax)];
  const told: string[] = [];
  const wakes = new Map<string, number | null>();
  const shelf = new Shelf({
    census,
    warmSet,
    warm: async () => {},
    expect: ({ scheduleId }, at) => void wakes.set(scheduleId, at),
    setAside: ({ scheduleId }) => void told.push(`set aside: ${scheduleId}`),
  });
  const deps = {
    names: NAMES,
    clock: { now: () => 0, monotonicMs: () => 0, after: () => () => {} },
    store,
    records: new Records({ store, names: NAMES, tell: (signal) => void told.push(signal.kind) }),
    partitions: 1,
    room: warmSet.room,
    wanted: () => wanted,
  };
  const loading = new Loading(deps, new Map([[0, { shelf }]]), () => STORED_AT + 7_000);
  const ages = await loading.run();
  const held = [...shelf.values()];
  const named = (which: (one: Held) => boolean) => held.filter(which).map(({ scheduleId }) => scheduleId);
  const owing = [...ages].map(([{ scheduleId }, ageMs]) => `${scheduleId} ${ageMs}`);
  return {
    cold: named((one) => one.cold),
    warm: named((one) => one.schedule !== null),
    ...{ owing, read, told, wakes, census },
  };
}

describe("what is loaded", () => {
  it("is warm where there is room for all, and nothing is read twice", async () => {
    const { warm, cold, read, owing } = await loaded(3, [{}, { owed: [anAnnouncement()] }, {}]);
    expect([warm, cold, read, owing]).toEqual([["s0", "s1", "s2"], [], [], ["s1 7000"]]);
  });

  it("is cold where there is not, but for what owes something", async () => {
    const { warm, cold, read, owing } = await loaded(2, [{}, { owed: [anAnnouncement()] }, {}]);
    expect([warm, cold, owing]).toEqual([["s1"], ["s0", "s2"], ["s1 7000"]]);
    expect(read).toEqual(["state 0.acme.s1", "schedules 0.acme.s1"]);
  });

  it("counts, and is known to wake, without having been read", async () => {
    const states = [{ dueAt: 5 }, { status: "paused" }, { status: "completed", sinceAt: 0 }] as const;
    const { wakes, census } = await loaded(0, states);
    const keptUntil = record.effective.keepSeconds * 1_000;
    expect([...wakes]).toEqual([
      ["s0", 5],
      ["s1", null],
      ["s2", keptUntil],
    ]);
    expect([census.total, census.count("acme", record.createdBy).tenant]).toEqual([3, 2]);
  });

  it("is read where an older version wrote its state, or changed its definition", async () => {
    const changed = { outline: { ...outlineOf(record, 99), type: "manual" } };
    const { cold, read, census } = await loaded(0, [{ outline: undefined }, changed]);
    expect([cold, census.total, [...census.kinds]]).toEqual([["s0", "s1"], 2, [["interval active", 2]]]);
    expect(read.filter((one) => one.startsWith("schedules"))).toHaveLength(2);
  });

  it("is given up where nobody waits for it any more", async () => {
    await expect(loaded(1, [{}], false)).rejects.toThrow(Abandoned);
  });

  it.each([0, 2])("is set aside, once, where it cannot be read (room for %d)", async (warmMax) => {
    const { told, cold, warm } = await loaded(warmMax, [{ v: 2 as 1 }, {}]);
    expect(told).toEqual(["set aside: s0"]);
    expect([...cold, ...warm]).toEqual(["s1"]);
  });
});
