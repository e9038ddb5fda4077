import type { ListBody } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { aSchedule, SETTINGS } from "../domain/testing/builders.ts";
import { Held } from "./held.ts";
import { Holdings } from "./holdings.ts";
import type { Partition } from "./partition.ts";
import type { Worker } from "./worker.ts";

const SCHEDULES = 1_000;

/** Two partitions of schedules, in a world where a look at one schedule takes `lookMs`, and pauses end when the test says so. */
function holding(lookMs: number) {
  let nowMs = 0;
  const pauses: (() => void)[] = [];
  const clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: (_delayMs: number, wake: () => void) => {
      pauses.push(wake);
      return () => {};
    },
  };
  const held = Array.from({ length: SCHEDULES }, (_, n) => {
    const one = new Held({ key: `0.acme.s${String(n).padStart(4, "0")}`, tenant: "acme" });
    one.adopt(aSchedule(), 1);
    return one;
  });
  const shelf = (partition: number, from: number): Partition => {
    const schedules = function* (): Generator<Held> {
      for (const one of held.slice(from, from + SCHEDULES / 2)) {
        nowMs += lookMs;
        yield one;
      }
    };
    return { partition, term: 7, schedules } as unknown as Partition;
  };
  let owned: Partition[] = [shelf(0, 0), shelf(1, SCHEDULES / 2)];
  const worker = {
    speaking: () => owned,
    role: { role: "active", sinceAt: 0 },
  } as unknown as Worker;
  const peers = { messageBytesMax: () => 1_048_576 };
  const holdings = new Holdings({
    clock,
    peers,
    worker,
    name: "w",
    records: { currentAll: async () => [] },
    settings: () => SETTINGS,
    count: () => SCHEDULES,
  });
  const page = (body: ListBody = {}, untilMs = Number.POSITIVE_INFINITY) =>
    holdings.page("acme", body, untilMs);
  const lose = (partition: number): void => {
    owned = owned.filter((one) => one.partition !== partition);
  };
  /** Ends the pauses that there are; false: there were none. */
  const goOn = async (): Promise<boolean> => {
    await turns();
    const waiting = pauses.splice(0);
    for (const wake of waiting) wake();
    return waiting.length > 0;
  };
  return { page, lose, pauses, goOn };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a list", () => {
  it("lets others have their turn every two milliseconds", async () => {
    const { page, goOn } = holding(0.01);
    const answering = page({ limit: 3 });
    let count = 0;
    while (await goOn()) count++;
    // 10 ms of work, and a look at the clock every 1.28 ms.
    expect(count).toBe(3);
    expect(await answering).toMatchObject({
      partitions: [
        { partition: 0, term: 7 },
        { partition: 1, term: 7 },
      ],
      entries: [{ scheduleId: "s0000" }, { scheduleId: "s0001" }, { scheduleId: "s0002" }],
      more: true,
    });
  });

  it("waits for the one before it", async () => {
    const { page, pauses, goOn } = holding(0.01);
    const done: number[] = [];
    const answering = [0, 1, 2].map((n) => page().then(() => done.push(n)));
    await turns();
    expect(pauses).toHaveLength(1);
    while (await goOn());
    await Promise.all(answering);
    expect(done).toEqual([0, 1, 2]);
  });

  it("is given up when nobody waits for it any more, and not begun where it comes too late", async () => {
    const { page, goOn } = holding(0.01);
    const answering = [page({}, 5), page({}, 5)];
    while (await goOn());
    expect(await Promise.all(answering)).toEqual([null, null]);
  });

  it("is not waited for where too many wait", async () => {
    const { page, goOn } = holding(0);
    const answering = Array.from({ length: 300 }, () => page());
    while (await goOn());
    const answered = (await Promise.all(answering)).map((answer) => answer !== null);
    expect(answered).toEqual(answered.map((_, n) => n < 256));
    expect(await page()).not.toBeNull();
  });

  it("does not speak for a partition that was lost meanwhile", async () => {
    const { page, lose, goOn } = holding(0.01);
    const answering = page();
    await goOn();
    lose(0);
    while (await goOn());
    expect((await answering)?.partitions).toEqual([{ partition: 1, term: 7 }]);
  });

  it("is nobody's where nothing is owned", async () => {
    const { page, lose } = holding(0);
    lose(0);
    lose(1);
    expect(await page()).toBeNull();
  });
});
