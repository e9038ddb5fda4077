/** An installation that a benchmark fills and looks at from outside: a server and workers, each a process. */

import { setTimeout as delay } from "node:timers/promises";
import { names } from "@carillon/contracts";
import { openStack, type Stack } from "../support/stack.ts";
import type { Settings, WorkerProcess } from "../support/worker-process.ts";
import { TENANTS } from "./fleet.ts";
import { lastSequence } from "./stored-range.ts";

const READY_MS_MAX = 300_000;
const LOOK_EVERY_MS = 20;
/** Longer than a worker leaves unstored what it has struck. */
const QUIET_MS = 3_000;
const QUIET_LOOK_EVERY_MS = 250;

/** Node's own bound would end a worker of a million schedules at some 4 GB; what it takes is to be measured, and judged by that. */
export const ROOMY = "--max-old-space-size=16384";

export const openWorkplace = (settings: Settings = {}): Promise<Stack> =>
  openStack({ servers: "processes", settings: { NODE_OPTIONS: ROOMY, ...settings }, tenants: TENANTS });

/** Starts a worker, and waits until it owns what is wanted of it: all there is, where it is alone. */
export async function startReady(
  stack: Stack,
  settings: Settings = {},
): Promise<{ worker: WorkerProcess; readyMs: number }> {
  const startedMs = performance.now();
  const worker = stack.worker(settings);
  const address = await worker.address();
  while (!(await isReady(address))) {
    if (performance.now() - startedMs > READY_MS_MAX) throw new Error("the worker does not get ready");
    await delay(LOOK_EVERY_MS);
  }
  return { worker, readyMs: performance.now() - startedMs };
}

/** False also while nobody answers. */
const isReady = async (address: string): Promise<boolean> => {
  const response = await fetch(`${address}/ready`).catch(() => null);
  return response?.status === 200;
};

/**
 * Resolves once no state has been stored for some seconds: after creations and fires a worker stores, when nothing is due, what it
 * has struck.
 */
export async function untilQuiet({ nc }: Stack): Promise<void> {
  const { keys, buckets } = names();
  let last = -1;
  for (let sinceMs = performance.now(); performance.now() - sinceMs < QUIET_MS; ) {
    const now = await lastSequence(nc, keys.stream(buckets.state));
    if (now !== last) sinceMs = performance.now();
    last = now;
    await delay(QUIET_LOOK_EVERY_MS);
  }
}
