/**
 * The workers of a soak run. The elder lives through all of it, so that what it uses can be measured; the mortal beside it
 * is killed and replaced. In turns the elder is paused for longer than its lease, so that the mortal takes over and the
 * elder wakes up as a zombie; and the mortal is killed, so that the elder takes over.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { Stack } from "../support/stack.ts";
import type { Settings, WorkerProcess } from "../support/worker-process.ts";

export interface Crew {
  readonly elder: WorkerProcess;
  /** Takes the partitions from whoever holds them; answers what was done. */
  strike(): Promise<"paused" | "killed">;
  /** Errors in anybody's log, the dead included. */
  errors(): string[];
}

/** `pauseMs`: how long the elder is stopped. */
export async function openCrew(stack: Stack, elderSettings: Settings, pauseMs: number): Promise<Crew> {
  const elder = stack.worker(elderSettings);
  await elder.active();
  let mortal = stack.worker();
  await mortal.standby();
  const everybody = [elder, mortal];
  let terms = 1;
  let elderHolds = true;

  const pause = async (): Promise<"paused"> => {
    process.kill(elder.pid, "SIGSTOP");
    await delay(pauseMs);
    process.kill(elder.pid, "SIGCONT");
    await mortal.active();
    return "paused";
  };
  const kill = async (): Promise<"killed"> => {
    await mortal.end("SIGKILL");
    await elder.active(++terms);
    mortal = stack.worker();
    everybody.push(mortal);
    await mortal.standby();
    return "killed";
  };
  return {
    elder,
    strike: async () => {
      const done = await (elderHolds ? pause() : kill());
      elderHolds = !elderHolds;
      return done;
    },
    errors: () =>
      everybody.flatMap(({ pid, log }) =>
        log.items.filter(({ level }) => level === "error").map(({ msg }) => `worker ${pid} logged "${msg}"`),
      ),
  };
}
