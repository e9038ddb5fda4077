/*
 * How long a list over 100,000 schedules takes, and how long it holds up everything else in its worker meanwhile. The figures are
 * printed; what is asserted holds on any machine.
 */

import { type ListBody, type PageAnswer, partitionOf } from "@carillon/contracts";
import { expect, it } from "vitest";
import { systemClock } from "../../services/scheduler/src/adapters/system-clock.ts";
import { Held } from "../../services/scheduler/src/app/held.ts";
import { Holdings } from "../../services/scheduler/src/app/holdings.ts";
import type { Partition } from "../../services/scheduler/src/app/partition.ts";
import type { Worker } from "../../services/scheduler/src/app/worker.ts";
import { cursorAfter } from "../../services/scheduler/src/domain/cursor.ts";
import { aSchedule, SETTINGS } from "../../services/scheduler/src/domain/testing/builders.ts";
import { say } from "../support/measure.ts";

const SCHEDULES = 100_000;
const PARTITIONS = 32;
const FOREVER = Number.POSITIVE_INFINITY;

/** As they come: in no order. */
const ids = Array.from(
  { length: SCHEDULES },
  (_, n) => `s${String((n * 48_271) % 100_003).padStart(6, "0")}`,
);
const sorted = [...ids].sort();

function holdingsOfAll(): Holdings {
  const schedule = aSchedule({ name: "Daily summary", description: "x".repeat(200), tags: ["mail"] });
  const shelves: Held[][] = Array.from({ length: PARTITIONS }, () => []);
  for (const scheduleId of ids) {
    const held = new Held({ key: `0.acme.${scheduleId}`, tenant: "acme" });
    held.adopt({ ...schedule, record: { ...schedule.record, scheduleId } }, 1);
    shelves[partitionOf("acme", scheduleId, PARTITIONS)]?.push(held);
  }
  const owned = shelves.map((shelf, partition) => {
    return { partition, term: 1, schedules: () => shelf } as unknown as Partition;
  });
  const worker = {
    speaking: () => owned,
    role: { role: "active", sinceAt: 0 },
  } as unknown as Worker;
  const peers = { messageBytesMax: () => 1_048_576 };
  return new Holdings({
    clock: systemClock(),
    peers,
    worker,
    name: "w",
    records: { currentAll: async () => [] },
    settings: () => SETTINGS,
    count: () => SCHEDULES,
  });
}

/** Runs `work`, and sees how often and how late the event loop comes round meanwhile. */
async function watched<T>(
  work: () => Promise<T>,
): Promise<{ result: T; tookMs: number; turns: number; heldUpMs: number }> {
  let [turns, heldUpMs, running] = [0, 0, true];
  let lastMs = performance.now();
  const turn = (): void => {
    const nowMs = performance.now();
    heldUpMs = Math.max(heldUpMs, nowMs - lastMs);
    lastMs = nowMs;
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const startedMs = performance.now();
  const result = await work();
  running = false;
  return { result, tookMs: performance.now() - startedMs, turns, heldUpMs };
}

it.each<[string, ListBody, number, string | undefined]>([
  ["the first page", { limit: 100 }, 100, sorted[0]],
  ["the largest page", { limit: 500, cursor: cursorAfter(sorted[49_999] ?? "") }, 500, sorted[50_000]],
  ["a search that finds nothing", { search: "weekly" }, 0, undefined],
  ["a search that finds one", { search: "S099999" }, 1, "s099999"],
])("%s of 100,000 schedules", async (what, body, count, first) => {
  const holdings = holdingsOfAll();
  await holdings.page("acme", body, FOREVER);
  const { result, tookMs, turns, heldUpMs } = await watched(() => holdings.page("acme", body, FOREVER));
  say(
    `${what}: ${tookMs.toFixed(1)} ms, the loop held up ${heldUpMs.toFixed(1)} ms at most, in ${turns} turns`,
  );
  expect([result?.entries.length, result?.entries[0]?.scheduleId]).toEqual([count, first]);
  expect(turns).toBeGreaterThan(1);
});

it("twenty lists at once take turns, and other work goes on between them", async () => {
  const holdings = holdingsOfAll();
  const all = (): Promise<(PageAnswer | null)[]> =>
    Promise.all(Array.from({ length: 20 }, () => holdings.page("acme", { search: "weekly" }, FOREVER)));
  const { result, tookMs, turns, heldUpMs } = await watched(all);
  say(
    `twenty searches: ${tookMs.toFixed(0)} ms, the loop held up ${heldUpMs.toFixed(1)} ms at most, in ${turns} turns`,
  );
  expect(result.map((answer) => answer?.entries.length)).toEqual(Array(20).fill(0));
  expect(turns).toBeGreaterThan(20);
});
