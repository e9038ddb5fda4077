import { describe, expect, it } from "vitest";
import { aSchedule, RULES, STORED_AT, withState } from "../domain/testing/builders.ts";
import { Claimer } from "./claimer.ts";
import { Committer } from "./committer.ts";
import { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import type { Payer } from "./payer.ts";
import type { Stored, Written } from "./ports.ts";
import { Windows } from "./windows.ts";

const WARMER = { admits: () => true, warm: async () => {}, rest: () => {} };

const WEEK_MS = 604_800_000;

const aTombstone = () => withState(aSchedule(), { status: "deleted", sinceAt: STORED_AT, dueAt: null });

/** A claimer with one tombstone to purge, on a store that answers the purge of the state as the test says. */
function purging(answer: Written, stored: Stored | null = null) {
  const asked: string[] = [];
  const forgotten: Held[] = [];
  const held = new Held({ key: "0.acme.daily", tenant: "acme" });
  held.adopt(aTombstone(), 7);
  const anew = aSchedule();
  const context = {
    clock: { now: () => STORED_AT + WEEK_MS, monotonicMs: () => 0, after: () => () => {} },
    guard: () => true,
    rules: () => RULES,
    tell: () => {},
    fault: (error: unknown) => void asked.push(String(error)),
    rearm: () => {},
    courier: { laneOf: () => "target" },
    windows: new Windows({ room: () => 100 }),
    records: { inspect: async () => ({ ok: true, schedule: anew }) },
    store: {
      purge: async (bucket: string, _key: string, expected: number | null) => {
        asked.push(`${bucket} ${expected}`);
        return bucket === "state" ? answer : { kind: "written", revision: 9 };
      },
      read: async () => stored,
    },
  } as unknown as PartitionContext;
  const { store, records, guard } = context;
  const claimer = new Claimer(context, {
    committer: new Committer({
      store,
      records,
      term: 1,
      guard,
      spare: () => true,
      note: () => {},
      setAside: () => {},
    }),
    payer: {} as Payer,
    warmer: WARMER,
    forget: (one) => void forgotten.push(one),
    turn: () => {},
  });
  claimer.rearm(held);
  return { claimer, held, asked, forgotten, anew };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a tombstone that was kept for long enough", () => {
  it("is purged as it was last seen, its state first, and forgotten", async () => {
    const { claimer, held, asked, forgotten } = purging({ kind: "written", revision: 8 });
    claimer.pass();
    await turns();
    expect(asked).toEqual(["state 7", `schedules ${aTombstone().state.revision}`]);
    expect([held.schedule, forgotten]).toEqual([null, [held]]);
  });

  it("stays where a newer owner made the schedule anew", async () => {
    const stored = { key: "0.acme.daily", value: new Uint8Array(), revision: 8, storedAt: STORED_AT };
    const { claimer, held, asked, forgotten, anew } = purging({ kind: "stale" }, stored);
    claimer.pass();
    await turns();
    expect(asked).toEqual(["state 7"]);
    expect([held.schedule, held.revision, forgotten]).toEqual([anew, 8, []]);
  });

  it("is gone, too, where the answer to its purge was lost", async () => {
    const { claimer, held, asked } = purging({ kind: "stale" });
    claimer.pass();
    await turns();
    expect(asked).toHaveLength(2);
    expect([held.schedule, held.revision]).toEqual([null, 0]);
  });

  it("is not forgotten while a command waits for its turn", async () => {
    const { claimer, held, forgotten } = purging({ kind: "written", revision: 8 });
    const gate = Promise.withResolvers<void>();
    claimer.pass();
    const command = held.take(() => gate.promise);
    await turns();
    expect(forgotten).toEqual([]);
    gate.resolve();
    await command;
  });
});

/** A claimer whose claims are begun and never answered, and a lane with as much room as the test says. */
function claiming(rooms: { lane: number }) {
  const schedule = aSchedule();
  const dueAt = schedule.state.dueAt ?? 0;
  const begun: string[] = [];
  const windows = new Windows({ room: (lane) => (lane === "target" ? rooms.lane : 1_000) });
  const context = {
    clock: { now: () => dueAt + 60_000, monotonicMs: () => 0, after: () => () => {} },
    courier: { laneOf: () => "target" },
    windows,
    rearm: () => {},
  } as unknown as PartitionContext;
  const read: string[] = [];
  const unanswered = {
    commit: ({ key }: Held) => new Promise(() => void begun.push(key)),
  } as unknown as Committer;
  const claimer = new Claimer(context, {
    committer: unanswered,
    payer: {} as Payer,
    warmer: WARMER,
    forget: () => {},
    turn: (lane) => claimer.unpark(lane),
  });
  const add = (key: string): Held => {
    const held = new Held({ key, tenant: "acme" }, async (cold) => {
      read.push(`${key} ${windows.hasRoom("target")}`);
      cold.adopt(schedule, 1);
    });
    held.adopt(schedule, 1);
    claimer.rearm(held);
    return held;
  };
  return { claimer, windows, begun, read, add, dueAt };
}

describe("what is due", () => {
  it.each([
    ["while its claim waits for an answer", 1],
    ["while its target has no room", 0],
  ])("stays overdue %s", async (_, lane) => {
    const { claimer, add, dueAt } = claiming({ lane });
    add("0.acme.daily");
    claimer.pass();
    await turns();
    expect([claimer.dueAt(), claimer.backlog(dueAt + 60_000)]).toEqual([dueAt, 1]);
  });

  it("and went cold while it found no room is read in the place that it was given, so once", async () => {
    const rooms = { lane: 0 };
    const { claimer, windows, begun, read, add } = claiming(rooms);
    const held = add("0.acme.daily");
    claimer.pass();
    held.cool(1, 1, null);
    rooms.lane = 1;
    windows.admit();
    await turns();
    expect([read, begun]).toEqual([["0.acme.daily false"], ["0.acme.daily"]]);
  });

  it("and cold is not read before there is room for it, where its target is known", async () => {
    const rooms = { lane: 0 };
    const { claimer, windows, begun, read, add, dueAt } = claiming(rooms);
    const held = add("0.acme.daily");
    held.cool(1, 1, "cmd.x");
    claimer.expect(held, dueAt);
    claimer.pass();
    await turns();
    expect([read, claimer.backlog(dueAt + 60_000), claimer.dueAt()]).toEqual([[], 1, dueAt]);
    rooms.lane = 1;
    windows.admit();
    await turns();
    expect([read, begun]).toEqual([["0.acme.daily false"], ["0.acme.daily"]]);
  });

  it("and found no room is claimed once there is some, a few at a turn, and in the order in which it came", async () => {
    const rooms = { lane: 0 };
    const { claimer, windows, begun, add, dueAt } = claiming(rooms);
    const keys = Array.from({ length: 80 }, (_, n) => `0.acme.s${n}`);
    for (const key of keys) {
      add(key);
      claimer.pass();
    }
    rooms.lane = 1_000;
    for (const count of [32, 64, 80]) {
      windows.admit();
      await turns();
      expect(begun).toEqual(keys.slice(0, count));
    }
    expect(claimer.backlog(dueAt + 60_000)).toBe(80);
  });
});
