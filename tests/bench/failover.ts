/**
 * One of two workers is killed: how long until the schedules that it had fire again. Every partition has a schedule that is due every
 * second and nothing else is due, so what is seen is at most a second late.
 */

import { DEFAULT_TENANT, names, partitionOf } from "@carillon/contracts";
import { every } from "../support/definition.ts";
import { inTurn } from "../support/in-turn.ts";
import { tailLasting } from "../support/lasting-tail.ts";
import { ownersOf, PARTITIONS } from "../support/sharing.ts";
import type { Stack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import { startReady } from "./workplace.ts";

export interface Failover {
  /** From the kill until the first of its partitions fired, and the last. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly partitions: number;
  readonly survivor: WorkerProcess;
}

/** The survivor has so long to take the rest. */
const WAIT_MS = 300_000;

/** One schedule of each partition, due every second. */
export async function createBeacons(stack: Stack): Promise<void> {
  const client = stack.client();
  await inTurn(beacons(), (id) => client.create(id, every(1)));
}

function beacons(): string[] {
  const ids = new Map<number, string>();
  for (let n = 0; ids.size < PARTITIONS; n++)
    ids.set(partitionOf(DEFAULT_TENANT, `beacon-${n}`, PARTITIONS), `beacon-${n}`);
  return [...ids.values()];
}

/** `worker` owns everything; it is killed once another one has taken its share, and that one survives. */
export async function failOver(stack: Stack, worker: WorkerProcess): Promise<Failover> {
  const { worker: survivor } = await startReady(stack);
  const name = await worker.name();
  const lost = new Set(
    [...(await ownersOf(stack))].filter(([, owner]) => owner === name).map(([partition]) => partition),
  );
  let killedAt = Number.POSITIVE_INFINITY;
  const firstAt = new Map<number, number>();
  const tail = tailLasting(
    stack.nc,
    names().streams.targets,
    (message) => {
      const scheduleId = message.header("Scheduler-Schedule-Id");
      const partition = partitionOf(DEFAULT_TENANT, scheduleId, PARTITIONS);
      const counts = lost.has(partition) && message.storedAt > killedAt;
      if (counts && !firstAt.has(partition)) firstAt.set(partition, message.storedAt);
    },
    { headersOnly: true },
  );
  try {
    const signalledAt = Date.now();
    await worker.end("SIGKILL");
    // What it had sent is stored by now or soon; what comes a moment later is not its own.
    killedAt = Date.now();
    if (!(await until(() => firstAt.size === lost.size, WAIT_MS)))
      throw new Error("partitions do not fire again");
    const waits = [...firstAt.values()].map((at) => at - signalledAt);
    return { firstMs: Math.min(...waits), lastMs: Math.max(...waits), partitions: lost.size, survivor };
  } finally {
    tail.close();
  }
}
