import { describe, expect, it } from "vitest";
import { measureCapacity } from "./capacity.ts";
import { measureCommands } from "./commands.ts";
import { type Cost, judged, measureCost } from "./cost.ts";
import { isMet, type Outcome } from "./figure.ts";
import { measureScaleOut } from "./scale-out.ts";

const WAVES = { warmUpFires: 0, waves: 1, fires: 0, windowMsMax: 5_000 };
const PATIENCE_MS = 120_000;

function expectFigures({ figures }: Outcome, names: readonly RegExp[]): void {
  for (const name of names)
    expect(figures.map((figure) => figure.name)).toContainEqual(expect.stringMatching(name));
  for (const { name, value, peer } of figures) {
    expect(Number.isFinite(value), name).toBe(true);
    expect(peer === null || Number.isFinite(peer.value), `${name}, peer`).toBe(true);
  }
}

describe.concurrent("a benchmark of a small installation ends, with its figures", () => {
  it("capacity", { timeout: PATIENCE_MS }, async () => {
    const settings = { LOCK_TIMEOUT_SECONDS: "2" };
    const plan = { schedules: 100, bareCreations: 100, repeats: 1, settleMs: 0, idleMs: 100, settings };
    expectFigures(await measureCapacity(plan), [/created/, /loaded/, /ready/, /nothing due/, /kill to fire/]);
  });

  it("commands", { timeout: PATIENCE_MS }, async () => {
    const plan = {
      rpc: { perSecond: 50, seconds: 1 },
      firesPerSecond: 20,
      warmUpMs: 0,
      durable: 100,
      repeats: 1,
    };
    expectFigures(await measureCommands(plan), [/p50/, /p99/, /durable creates/]);
  });

  it("scale-out", { timeout: PATIENCE_MS }, async () => {
    const outcome = await measureScaleOut({ ...WAVES, schedules: 100, sizes: [1, 2] });
    expectFigures(outcome, [/1 worker, fires/, /2 workers, fires/, /2 workers, the server's/]);
    expect(outcome.notes).toHaveLength(2);
  });

  it("cost", { timeout: PATIENCE_MS }, async () => {
    const plan = { ...WAVES, sizes: [50], judgedBy: 50, allWarm: true, limitFires: 100, settleMs: 0 };
    const names = [
      /^50 schedules, fires/,
      /time a fire/,
      /memory once/,
      /held a schedule/,
      /all warm, fires/,
    ];
    expectFigures(await measureCost(plan), names);
  });
});

describe("the cost of the most schedules", () => {
  const cost: Cost = {
    schedules: 10,
    limitPerSecond: 1_000,
    rssBytes: 0,
    bytesPerSchedule: 100,
    firesPerSecond: 500,
    workerUs: 100,
    serverUs: 0,
    workerLoad: 0,
    serverLoad: 0,
    stateWritesPerFire: 1,
  };
  const verdicts = (many: Partial<Cost>): boolean[] =>
    judged([cost, { ...cost, schedules: 1_000, ...many }], 10).map(isMet);

  it("may be a fifth more than that of some, beside what the bare loop fires among as many", () => {
    expect(verdicts({ firesPerSecond: 200, limitPerSecond: 500 })).toEqual([true, true, true]);
    expect(verdicts({ workerUs: 120, bytesPerSchedule: 120 })).toEqual([true, true, true]);
  });

  it("may be no more", () => {
    expect(verdicts({ firesPerSecond: 399 })).toEqual([false, true, true]);
    expect(verdicts({ workerUs: 121 })).toEqual([true, false, true]);
    expect(verdicts({ bytesPerSchedule: 121 })).toEqual([true, true, false]);
  });
});
