/**
 * The workers of a soak run. Two elders live through all of it, so that what they use can be measured: they are only ever
 * paused, for longer than a lease, and wake up as zombies. Beside them is a mortal that is killed when its turn comes,
 * and replaced.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../support/stack.ts";
import type { WorkerProcess } from "../support/worker-process.ts";

export interface Crew {
  readonly elders: readonly WorkerProcess[];
  /** Takes the partitions from whoever holds them; answers what was done. */
  strike(): Promise<string>;
  /** Errors in anybody's log, the dead included. */
  errors(): string[];
}

const LOOK_EVERY_MS = 50;
/** Somebody holds the partitions within this. */
const HOLDER_MS_MAX = 30_000;

/** `pauseMs`: how long an elder is stopped. */
export async function openCrew(stack: Stack, pauseMs: number): Promise<Crew> {
  const first = stack.worker();
  await first.active();
  const elders = [first, stack.worker()];
  let mortal = stack.worker();
  const everybody = [...elders, mortal];
  await Promise.all([elders[1]?.standby(), mortal.standby()]);

  /** Who said last that it took over and has not lost it since. */
  const holder = async (): Promise<WorkerProcess> => {
    const endMs = performance.now() + HOLDER_MS_MAX;
    while (performance.now() < endMs) {
      for (const worker of [...elders, mortal]) if (await holds(worker)) return worker;
      await delay(LOOK_EVERY_MS);
    }
    throw new Error(`nobody holds the partitions after ${HOLDER_MS_MAX} ms`);
  };
  return {
    elders,
    strike: async () => {
      const victim = await holder();
      if (victim === mortal) {
        await victim.end("SIGKILL");
        mortal = stack.worker();
        everybody.push(mortal);
        await mortal.standby();
        return "killed";
      }
      process.kill(victim.pid, "SIGSTOP");
      await delay(pauseMs);
      process.kill(victim.pid, "SIGCONT");
      return "paused";
    },
    errors: () =>
      everybody.flatMap(({ pid, log }) =>
        log.items.filter(({ level }) => level === "error").map(({ msg }) => `worker ${pid} logged "${msg}"`),
      ),
  };
}

async function holds(worker: WorkerProcess): Promise<boolean> {
  const { body } = await worker.page("/ready");
  return JSON.parse(body).checks.role === "active";
}
