/**
 * The workers of a soak run, which share the partitions. The elder lives through all of it, so that what it uses can be measured; the
 * mortal beside it is killed and replaced. In turns the elder is paused for longer than its lease, so that the mortal takes everything
 * over and the elder wakes up as a zombie, whose partitions are given back; and the mortal is killed, so that the elder has everything
 * until another one comes.
 */

import { setTimeout as delay } from "node:timers/promises";
import { shared } from "../support/sharing.ts";
import type { Stack } from "../support/stack.ts";
import type { Settings, WorkerProcess } from "../support/worker-process.ts";

export interface Crew {
  readonly elder: WorkerProcess;
  /** Takes partitions from one of them; answers what was done, once both share again. */
  strike(): Promise<"paused" | "killed">;
  /** Errors in anybody's log, the dead included. */
  errors(): string[];
}

/** `pauseMs`: how long the elder is stopped. */
export async function openCrew(stack: Stack, elderSettings: Settings, pauseMs: number): Promise<Crew> {
  const elder = stack.worker(elderSettings);
  let mortal = stack.worker();
  await shared([elder, mortal]);
  const everybody = [elder, mortal];
  let strikes = 0;

  const pause = async (): Promise<"paused"> => {
    process.kill(elder.pid, "SIGSTOP");
    await delay(pauseMs);
    await shared([mortal]);
    process.kill(elder.pid, "SIGCONT");
    return "paused";
  };
  const kill = async (): Promise<"killed"> => {
    await mortal.end("SIGKILL");
    await shared([elder]);
    mortal = stack.worker();
    everybody.push(mortal);
    return "killed";
  };
  return {
    elder,
    strike: async () => {
      const done = await (strikes++ % 2 === 0 ? pause() : kill());
      await shared([elder, mortal]);
      return done;
    },
    errors: () =>
      everybody.flatMap(({ pid, log }) =>
        log.items.filter(({ level }) => level === "error").map(({ msg }) => `worker ${pid} logged "${msg}"`),
      ),
  };
}
