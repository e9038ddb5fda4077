/**
 * A million schedules of one worker, hardly any of them due: how fast they are made, what they take, how soon a worker has loaded
 * them, and how soon it fires for one that was killed.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../support/stack.ts";
import type { Settings, WorkerProcess } from "../support/worker-process.ts";
import { bareCreationsPerSecond } from "./bare-creation.ts";
import { type Bulk, createBulk } from "./bulk.ts";
import { createBeacons, type Failover, failOver } from "./failover.ts";
import { type Bench, type Figure, median, type Outcome } from "./figure.ts";
import { populationOf } from "./population.ts";
import { cpuMsOf, rssOf } from "./process-usage.ts";
import { openWorkplace, startReady, untilQuiet } from "./workplace.ts";

export interface CapacityPlan {
  readonly schedules: number;
  /** Of the bare loop, beside them. */
  readonly bareCreations: number;
  readonly repeats: number;
  /** Until memory is what it will be. */
  readonly settleMs: number;
  /** Nothing is due for so long. */
  readonly idleMs: number;
  /** Of its workers. */
  readonly settings?: Settings;
}

const FULL: CapacityPlan = {
  schedules: 1_000_000,
  bareCreations: 200_000,
  repeats: 2,
  settleMs: 15_000,
  idleMs: 30_000,
};
const QUICK: CapacityPlan = {
  schedules: 5_000,
  bareCreations: 5_000,
  repeats: 1,
  settleMs: 500,
  idleMs: 2_000,
  settings: { LOCK_TIMEOUT_SECONDS: "2" },
};

export const capacity: Bench = {
  name: "capacity",
  what: "a million schedules of one worker, hardly any of them due",
  run: ({ quick }) => measureCapacity(quick ? QUICK : FULL),
};

interface Capacity {
  readonly emptyBytes: number;
  readonly emptyShare: number;
  readonly creation: Bulk;
  readonly barePerSecond: number;
  readonly createdBytes: number;
  readonly idleShare: number;
  readonly restarts: readonly { readonly readyMs: number; readonly bytes: number }[];
  readonly failovers: readonly Failover[];
}

export async function measureCapacity(plan: CapacityPlan): Promise<Outcome> {
  const stack = await openWorkplace(plan.settings);
  try {
    const { worker } = await startReady(stack);
    await delay(plan.settleMs);
    const emptyBytes = rssOf(worker.pid);
    const emptyShare = await idleShareOf(worker, plan.idleMs);
    const creation = await createBulk(stack.nc, plan.schedules, populationOf(Date.now()));
    await untilQuiet(stack);
    const barePerSecond = await bareCreationsPerSecond(stack.nc, plan.bareCreations);
    await delay(plan.settleMs);
    const createdBytes = rssOf(worker.pid);
    const idleShare = await idleShareOf(worker, plan.idleMs);
    const { restarts, worker: last } = await restart(stack, worker, plan);
    const failovers = await killSome(stack, last, plan.repeats);
    const created = { creation, barePerSecond, createdBytes };
    const measured = { emptyBytes, emptyShare, ...created, idleShare, restarts, failovers };
    return { figures: figuresOf(plan.schedules, measured), notes: notesOf(measured) };
  } finally {
    await stack.close();
  }
}

/** Of one processor, in hundredths. */
async function idleShareOf({ pid }: WorkerProcess, idleMs: number): Promise<number> {
  const before = cpuMsOf(pid);
  const startedMs = performance.now();
  await delay(idleMs);
  return ((cpuMsOf(pid) - before) * 100) / (performance.now() - startedMs);
}

async function restart(stack: Stack, first: WorkerProcess, { repeats, settleMs }: CapacityPlan) {
  const restarts: { readyMs: number; bytes: number }[] = [];
  let worker = first;
  for (let repeat = 0; repeat < repeats; repeat++) {
    await worker.end();
    const started = await startReady(stack);
    worker = started.worker;
    await delay(settleMs);
    restarts.push({ readyMs: started.readyMs, bytes: rssOf(worker.pid) });
  }
  return { restarts, worker };
}

async function killSome(stack: Stack, first: WorkerProcess, repeats: number): Promise<Failover[]> {
  await createBeacons(stack);
  const failovers: Failover[] = [];
  let victim = first;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const failover = await failOver(stack, victim);
    failovers.push(failover);
    victim = failover.survivor;
  }
  return failovers;
}

const MEGABYTE = 1_048_576;

function figuresOf(schedules: number, measured: Capacity): Figure[] {
  const { emptyBytes, creation, createdBytes, restarts, failovers } = measured;
  const loadedBytes = median(restarts.map(({ bytes }) => bytes));
  const bare = { name: "bare loop", value: measured.barePerSecond };
  const most = (value: number): Figure["target"] => ({ most: value });
  const told = (
    name: string,
    unit: Figure["unit"],
    value: number,
    { target = null, peer = null }: Partial<Pick<Figure, "target" | "peer">> = {},
  ): Figure => ({ name: `${schedules} schedules, ${name}`, unit, value, peer, target });
  return [
    told("created", "creates/s", creation.perSecond, { target: { least: 8_000 }, peer: bare }),
    told("memory after creating them", "MB", createdBytes / MEGABYTE, { target: most(1_024) }),
    told("memory after loading them", "MB", loadedBytes / MEGABYTE, { target: most(1_024) }),
    told("memory a schedule, created", "bytes", (createdBytes - emptyBytes) / schedules),
    told("memory a schedule, loaded", "bytes", (loadedBytes - emptyBytes) / schedules),
    told("from start to ready", "s", median(restarts.map(({ readyMs }) => readyMs)) / 1_000, {
      target: most(15),
    }),
    told("processor with nothing due", "%", measured.idleShare, { target: most(2) }),
    told("from kill to fire, first partition", "s", median(failovers.map(({ firstMs }) => firstMs)) / 1_000),
    told("from kill to fire, last partition", "s", median(failovers.map(({ lastMs }) => lastMs)) / 1_000),
  ];
}

const notesOf = ({ emptyBytes, emptyShare, failovers }: Capacity): string[] => [
  `a worker without schedules: ${(emptyBytes / MEGABYTE).toFixed(0)} MB, ${emptyShare.toFixed(2)} % of a processor`,
  `partitions that changed hands: ${failovers.map(({ partitions }) => partitions).join(", ")}`,
];
