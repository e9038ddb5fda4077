import { type ListBody, type ListReply, partitionOf } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import type { Schedule } from "../domain/schedule.ts";
import { aSchedule, SETTINGS } from "../domain/testing/builders.ts";
import { Held } from "./held.ts";
import { Holdings } from "./holdings.ts";
import { answerList } from "./list.ts";
import type { Partition } from "./partition.ts";
import { pause } from "./pause.ts";
import { answerPeers } from "./peer-answers.ts";
import type { Clock, Peers } from "./ports.ts";
import type { Worker } from "./worker.ts";

const PARTITIONS = 4;
const IDS = Array.from({ length: 40 }, (_, n) => `s${String(n).padStart(2, "0")}`);

/** Its time passes as soon as nothing else is left to do. */
function aClock(): Clock & { passedMs: number } {
  const timers = new Set<{ atMs: number; wake: () => void }>();
  const ring = (): void => {
    const [next] = [...timers].sort((one, two) => one.atMs - two.atMs);
    if (next === undefined) return;
    timers.delete(next);
    clock.passedMs = Math.max(clock.passedMs, next.atMs);
    next.wake();
  };
  const clock = {
    passedMs: 0,
    now: () => clock.passedMs,
    monotonicMs: () => clock.passedMs,
    after: (delayMs: number, wake: () => void) => {
      const timer = { atMs: clock.passedMs + delayMs, wake };
      timers.add(timer);
      setImmediate(ring);
      return () => timers.delete(timer);
    },
  };
  return clock;
}

interface Owns {
  partitions: readonly number[];
  term?: number;
  /** How long it takes to answer. */
  slowMs?: number;
  /** Instead of `IDS`; null: set aside. */
  schedules?: Readonly<Record<string, "held" | null>>;
}

function aScheduleOf(scheduleId: string): Schedule {
  const schedule = aSchedule();
  return { ...schedule, record: { ...schedule.record, scheduleId } };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Workers that hear each other at once, each with the schedules of `IDS` that belong to its partitions. */
function workers<Several extends readonly [Owns, ...Owns[]]>(...several: Several) {
  const responders: ((question: string, clock: Clock) => Promise<string | null>)[] = [];
  const asked: string[] = [];
  const made = several.map(({ partitions, term = 1, slowMs = 0, schedules }, index) => {
    const clock = aClock();
    const peers: Peers = {
      tell: () => {},
      hear: () => () => {},
      messageBytesMax: () => 1_048_576,
      answer: (respond) => {
        responders[index] = async (question, asking) => {
          if (slowMs > 0) await pause(asking, slowMs);
          return respond(question);
        };
        return () => {};
      },
      ask: async (question, waitMs, heard) => {
        asked.push(question);
        for (const [other, respond] of responders.entries()) {
          const answer = other === index ? null : await respond(question, clock);
          if (answer !== null && heard(answer)) return;
        }
        await pause(clock, waitMs);
      },
    };
    const held = (schedules === undefined ? IDS : Object.keys(schedules)).map((scheduleId) => {
      const one = new Held({ key: `0.acme.${scheduleId}`, tenant: "acme" });
      const setAside = schedules?.[scheduleId] === null;
      one.adopt(setAside ? null : aScheduleOf(scheduleId), 1, setAside);
      return one;
    });
    const all = Array.from({ length: PARTITIONS }, (_, partition): Partition => {
      const mine = held.filter(({ scheduleId }) => partitionOf("acme", scheduleId, PARTITIONS) === partition);
      return { partition, term, schedules: () => mine } as unknown as Partition;
    });
    const speaking = (): Partition[] => all.filter(({ partition }) => partitions.includes(partition));
    const worker = { speaking, role: { role: "active", sinceAt: 0 } } as unknown as Worker;
    const records = { currentAll: async () => [] };
    const settings = () => SETTINGS;
    const deps = { clock, peers, worker, records, settings, name: `w${index}`, count: () => 0 };
    const holdings = new Holdings(deps);
    peers.answer(answerPeers({ clock, holdings, tell: () => {} }));
    const list = async (body: ListBody = {}): Promise<ListReply> =>
      JSON.parse((await answerList({ clock, peers, holdings, partitions: PARTITIONS }, "acme", body)).data);
    return { list, asked, clock };
  });
  return made as [(typeof made)[number], ...typeof made];
}

const idsOf = (reply: ListReply): string[] => reply.items.map(({ scheduleId }) => scheduleId);

const ofPartitions = (...partitions: readonly number[]): string[] =>
  IDS.filter((id) => partitions.includes(partitionOf("acme", id, PARTITIONS)));

describe("a worker that owns everything", () => {
  it("answers without a question to anybody", async () => {
    const [worker] = workers({ partitions: [0, 1, 2, 3] }, { partitions: [] });
    const reply = await worker.list({ limit: 500 });
    expect([idsOf(reply), reply.cursor, reply.complete]).toEqual([IDS, null, true]);
    expect(worker.asked).toEqual([]);
  });
});

describe("a worker that owns nothing, or a part", () => {
  it.each<[string, Owns]>([
    ["nothing", { partitions: [] }],
    ["a part", { partitions: [2] }],
  ])("(%s) says the same as those who own the rest, page after page", async (_what, mine) => {
    const [one, ...others] = workers(mine, { partitions: [0, 3] }, { partitions: [1, 2] });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const reply = await one.list({ limit: 7, cursor });
      for (const { list } of others) expect(await list({ limit: 7, cursor })).toEqual(reply);
      expect(reply.complete).toBe(true);
      seen.push(...idsOf(reply));
      cursor = reply.cursor;
    } while (cursor !== null);
    expect(seen).toEqual(IDS);
  });

  it("says so where some owners keep silent", async () => {
    const [worker] = workers({ partitions: [] }, { partitions: [0, 1, 2] });
    const reply = await worker.list({ limit: 500 });
    expect([idsOf(reply), reply.complete]).toEqual([ofPartitions(0, 1, 2), false]);
    expect(worker.clock.passedMs).toBe(1_500);
  });

  it("asks again, so that a handover goes unnoticed", async () => {
    const next: number[] = [];
    const [worker] = workers({ partitions: [] }, { partitions: next, term: 5 });
    const replying = worker.list({ limit: 500 });
    while (worker.asked.length === 0) await turns();
    next.push(0, 1, 2, 3);
    const reply = await replying;
    expect([idsOf(reply), reply.complete, worker.asked.length]).toEqual([IDS, true, 2]);
  });

  it("hears an owner who needs longer than a round", async () => {
    const [worker] = workers({ partitions: [] }, { partitions: [0, 1, 2, 3], slowMs: 1_200 });
    expect((await worker.list()).complete).toBe(true);
    const [other] = workers({ partitions: [] }, { partitions: [0, 1, 2, 3], slowMs: 1_600 });
    expect(await other.list()).toMatchObject({ ok: false });
  });

  it("believes the owner whose term is higher", async () => {
    const zombie: Owns = { partitions: [0, 1], term: 3, schedules: { gone: "held" } };
    const [worker] = workers({ partitions: [] }, zombie, { partitions: [0, 1, 2, 3], term: 4 });
    expect(idsOf(await worker.list())).toEqual(IDS);
  });

  it("refuses, for now, where nobody owns anything", async () => {
    const [worker] = workers({ partitions: [] }, { partitions: [] });
    expect(await worker.list()).toMatchObject({
      ok: false,
      error: { code: "partition_unavailable", retryable: true, retryAfterMs: 1_000 },
    });
    expect(worker.clock.passedMs).toBe(1_500);
  });
});

describe("a record that cannot be read", () => {
  it("is left out with a warning that names it, whatever was asked", async () => {
    const schedules = { a: "held", b: null } as const;
    const all = workers({ partitions: [0, 1, 2, 3], schedules }, { partitions: [] });
    for (const worker of all) {
      const reply = await worker.list({ status: "active" });
      expect(idsOf(reply)).toEqual(["a"]);
      expect(reply.warnings).toMatchObject([{ code: "definition_unavailable", path: "" }]);
      expect(reply.warnings[0]?.message).toContain('"b"');
    }
  });
});
