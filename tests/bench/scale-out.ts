/** More workers on one server: what all of them fire together, what a fire costs, and what there is no more of. */

import { cpus } from "node:os";
import { shared } from "../support/sharing.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import type { Bench, Figure, Outcome } from "./figure.ts";
import { createFleet } from "./wave-fleet.ts";
import { type Saturation, saturate, type WavePlan } from "./waves.ts";
import { openWorkplace } from "./workplace.ts";

export interface ScaleOutPlan extends WavePlan {
  readonly schedules: number;
  /** How many workers, rising. */
  readonly sizes: readonly number[];
}

const FULL: ScaleOutPlan = {
  schedules: 30_000,
  sizes: [1, 2, 4],
  warmUpFires: 30_000,
  waves: 3,
  fires: 0,
  windowMsMax: 60_000,
};
const QUICK: ScaleOutPlan = {
  ...FULL,
  schedules: 2_000,
  sizes: [1, 2],
  warmUpFires: 0,
  waves: 1,
  windowMsMax: 10_000,
};
/** From the last creation to the first wave. */
const REST_MS = 1_000;
/** Of a processor, or of all of them: as good as used up. */
const USED_UP = 0.9;

export const scaleOut: Bench = {
  name: "scale-out",
  what: "1, 2 and 4 workers on one server, as much due as saturates them",
  run: ({ quick }) => measureScaleOut(quick ? QUICK : FULL),
};

export async function measureScaleOut({ schedules, sizes, ...waves }: ScaleOutPlan): Promise<Outcome> {
  const stack = await openWorkplace();
  try {
    const workers: WorkerProcess[] = [];
    const join = async (size: number): Promise<void> => {
      while (workers.length < size) workers.push(stack.worker());
      await shared(workers);
    };
    await join(sizes[0] ?? 1);
    const fleet = await createFleet(stack, { schedules, restMs: REST_MS });
    const measured: { size: number; saturation: Saturation }[] = [];
    for (const size of sizes) {
      await join(size);
      const pids = workers.map(({ pid }) => pid);
      measured.push({ size, saturation: await saturate(stack, pids, fleet, waves) });
    }
    const one = measured[0]?.saturation.firesPerSecond ?? Number.NaN;
    return {
      figures: measured.flatMap(({ size, saturation }) => figuresOf(size, saturation, one)),
      notes: measured.map(({ size, saturation }) => `${workersOf(size)}: ${limitOf(saturation, size)}`),
    };
  } finally {
    await stack.close();
  }
}

const workersOf = (size: number): string => (size === 1 ? "1 worker" : `${size} workers`);

function figuresOf(size: number, saturation: Saturation, one: number): Figure[] {
  const told = (what: string, unit: Figure["unit"], value: number): Figure => ({
    name: `${workersOf(size)}, ${what}`,
    unit,
    value,
    peer: null,
    target: null,
  });
  return [
    {
      ...told("fires at saturation", "fires/s", saturation.firesPerSecond),
      peer: size === 1 ? null : { name: "1 worker", value: one },
    },
    told("workers' processor time a fire", "µs", saturation.workerUs),
    told("the server's processor time a fire", "µs", saturation.serverUs),
  ];
}

/** What there was no more of, as far as processors tell. */
function limitOf({ workerLoad, serverLoad }: Saturation, size: number): string {
  const cores = cpus().length;
  const loads = `workers ${workerLoad.toFixed(2)} + server ${serverLoad.toFixed(2)} of ${cores} processors`;
  if (workerLoad + serverLoad > USED_UP * cores) return `${loads}; all of the machine is used up`;
  if (workerLoad > USED_UP * size) return `${loads}; each worker has one thread, and it is used up`;
  return `${loads}; neither is used up: they wait for each other, or others use the machine`;
}
