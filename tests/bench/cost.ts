/**
 * What a schedule, and what a fire, costs among a thousand schedules and among a million: everything a worker does should cost the
 * same however many there are.
 */

import { setTimeout as delay } from "node:timers/promises";
import { startNats } from "@carillon/local";
import { COLLECTING } from "../support/collect-often.ts";
import type { Stack } from "../support/stack.ts";
import { vitalsOf } from "../support/vitals.ts";
import type { Bench, Figure, Outcome } from "./figure.ts";
import { limitLoop } from "./limit-loop.ts";
import { rssOf } from "./process-usage.ts";
import { createFleet } from "./wave-fleet.ts";
import { type Saturation, saturate, type WavePlan } from "./waves.ts";
import { openWorkplace, ROOMY, startReady, untilQuiet } from "./workplace.ts";

export interface CostPlan extends WavePlan {
  /** Numbers of schedules, rising. */
  readonly sizes: readonly number[];
  /** The largest of them is judged by this one, and may be worse by a share of LOSS_MAX. */
  readonly judgedBy: number;
  /** Whether the largest is measured once more, all of it warm. */
  readonly allWarm: boolean;
  /** Fires of the bare loop. */
  readonly limitFires: number;
  /** Until memory is what it will be; garbage is collected every second where it is. */
  readonly settleMs: number;
}

const FULL: CostPlan = {
  sizes: [1_000, 10_000, 100_000, 1_000_000],
  judgedBy: 10_000,
  allWarm: true,
  limitFires: 200_000,
  warmUpFires: 10_000,
  waves: 1,
  fires: 30_000,
  windowMsMax: 60_000,
  settleMs: 5_000,
};
const QUICK: CostPlan = {
  sizes: [2_000],
  judgedBy: 2_000,
  allWarm: false,
  limitFires: 10_000,
  warmUpFires: 0,
  waves: 1,
  fires: 0,
  windowMsMax: 10_000,
  settleMs: 1_200,
};
const LOSS_MAX = 0.2;

/** After creation, until everything struck is stored. */
const STORED_MS = 4_000;
/** Before the first wave a worker is started twice. */
const RESTARTS_MS_MIN = 3_000;
const RESTARTS_MS_EACH = 0.1;
const MEGABYTE = 1_048_576;
const ALL_WARM = ", all warm";

interface Firing extends Saturation {
  readonly schedules: number;
  /** Of the bare loop among as many keys. */
  readonly limitPerSecond: number;
  /** Of the worker that has created them. */
  readonly rssBytes: number;
}

export interface Cost extends Firing {
  /** More than a worker holds of none. */
  readonly bytesPerSchedule: number;
}

export const cost: Bench = {
  name: "cost",
  what: "fires, processor time and memory of one worker by the number of its schedules, as much due as saturates it",
  run: ({ quick }) => measureCost(quick ? QUICK : FULL),
};

type Each = Omit<CostPlan, "sizes" | "judgedBy" | "allWarm">;

export async function measureCost({ sizes, judgedBy, allWarm, ...plan }: CostPlan): Promise<Outcome> {
  const emptyBytes = await heldByEmpty(plan.settleMs);
  const costs: Cost[] = [];
  for (const schedules of sizes) costs.push(await costOf(schedules, emptyBytes, plan));
  const largest = costs.at(-1);
  const warm = allWarm && largest !== undefined ? [await allWarmCostOf(largest, plan)] : [];
  return {
    figures: [
      ...costs.flatMap(figuresOf),
      ...judged(costs, judgedBy),
      ...warm.flatMap((firing) => firingFigures(firing, ALL_WARM)),
    ],
    notes: [...costs.map((each) => noteOf(each)), ...warm.map((firing) => noteOf(firing, ALL_WARM))],
  };
}

async function costOf(schedules: number, emptyBytes: number, plan: Each): Promise<Cost> {
  const limitPerSecond = await limitOf(schedules, plan.limitFires);
  const stack = await openWorkplace();
  try {
    const restartsMs = RESTARTS_MS_MIN + schedules * RESTARTS_MS_EACH;
    const { creator, fleet, rssBytes } = await fill(stack, { ...plan, schedules, restartsMs });
    await creator.end();
    const bytesPerSchedule = ((await heldBytes(stack, plan.settleMs)) - emptyBytes) / schedules;
    const { worker } = await startReady(stack);
    const saturation = await saturate(stack, [worker.pid], fleet, plan);
    return { ...saturation, schedules, limitPerSecond, rssBytes, bytesPerSchedule };
  } finally {
    await stack.close();
  }
}

/**
 * Fired by the worker that has created them, since one that is started would have to read each of them first. Its leases outlive the
 * collections of so large a heap.
 */
async function allWarmCostOf({ schedules, limitPerSecond }: Cost, plan: Each): Promise<Firing> {
  const stack = await openWorkplace({ SCHEDULER_WARM_MAX: String(schedules), LOCK_TIMEOUT_SECONDS: "15" });
  try {
    const { creator, fleet, rssBytes } = await fill(stack, { ...plan, schedules, restartsMs: 0 });
    const saturation = await saturate(stack, [creator.pid], fleet, plan);
    return { ...saturation, schedules, limitPerSecond, rssBytes };
  } finally {
    await stack.close();
  }
}

/** By a worker, which goes on running. `restartsMs`: what there must be time for between this and the first wave. */
async function fill(
  stack: Stack,
  { schedules, settleMs, restartsMs }: { schedules: number; settleMs: number; restartsMs: number },
) {
  const { worker: creator } = await startReady(stack);
  const fleet = await createFleet(stack, { schedules, restMs: STORED_MS + 2 * settleMs + restartsMs });
  await untilQuiet(stack);
  await delay(settleMs);
  return { creator, fleet, rssBytes: rssOf(creator.pid) };
}

async function heldByEmpty(settleMs: number): Promise<number> {
  const stack = await openWorkplace();
  try {
    return await heldBytes(stack, settleMs);
  } finally {
    await stack.close();
  }
}

/**
 * What a worker holds once it has loaded everything. Its RSS would tell of a few thousand schedules how much it has not thrown away
 * yet, which is far more than they are.
 */
async function heldBytes(stack: Stack, settleMs: number): Promise<number> {
  const { worker } = await startReady(stack, { NODE_OPTIONS: `${COLLECTING["NODE_OPTIONS"]} ${ROOMY}` });
  await delay(settleMs);
  const { heap } = await vitalsOf(worker);
  await worker.end();
  return heap * MEGABYTE;
}

async function limitOf(keys: number, fires: number): Promise<number> {
  const server = await startNats({ ignoreEnvironment: true });
  try {
    return (await limitLoop({ server, keys, fires })).perSecond;
  } finally {
    await server.stop();
  }
}

const noteOf = ({ schedules, stateWritesPerFire, workerLoad, serverLoad }: Firing, which = ""): string =>
  `${schedules} schedules${which}: ${stateWritesPerFire.toFixed(2)} state writes a fire, ` +
  `worker ${workerLoad.toFixed(2)} + server ${serverLoad.toFixed(2)} processors`;

function firingFigures(firing: Firing, which = ""): Figure[] {
  const told = teller(firing.schedules, which);
  return [
    {
      ...told("fires at saturation", "fires/s", firing.firesPerSecond),
      peer: { name: "bare loop", value: firing.limitPerSecond },
    },
    told("worker's processor time a fire", "µs", firing.workerUs),
    told("memory once they are created", "MB", firing.rssBytes / MEGABYTE),
  ];
}

const figuresOf = (cost: Cost): Figure[] => [
  ...firingFigures(cost),
  teller(cost.schedules)("held a schedule", "bytes", cost.bytesPerSchedule),
];

const teller =
  (schedules: number, which = "") =>
  (what: string, unit: Figure["unit"], value: number): Figure => ({
    name: `${schedules} schedules${which}, ${what}`,
    unit,
    value,
    peer: null,
    target: null,
  });

/** The largest beside the one that it is judged by; nothing where either was not measured. */
export function judged(costs: readonly Cost[], judgedBy: number): Figure[] {
  const few = costs.find(({ schedules }) => schedules === judgedBy);
  const many = costs.at(-1);
  if (few === undefined || many === undefined || many === few) return [];
  const beside = (
    what: string,
    unit: Figure["unit"],
    of: (cost: Cost) => number,
    target: Figure["target"] = { timesAsDear: 1 + LOSS_MAX },
  ): Figure => ({
    name: `${many.schedules} schedules beside ${judgedBy}, ${what}`,
    unit,
    value: of(many),
    peer: { name: String(judgedBy), value: of(few) },
    target,
  });
  const shareOfLimit = ({ firesPerSecond, limitPerSecond }: Cost): number =>
    (firesPerSecond * 100) / limitPerSecond;
  return [
    beside("of what the bare loop fires", "%", shareOfLimit, { timesAsMany: 1 - LOSS_MAX }),
    beside("worker's processor time a fire", "µs", ({ workerUs }) => workerUs),
    beside("held a schedule", "bytes", ({ bytesPerSchedule }) => bytesPerSchedule),
  ];
}
