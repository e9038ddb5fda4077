/** What a worker uses of its machine, as its own metrics page says. */

import type { WorkerProcess } from "./worker-process.ts";

export interface Vitals {
  /** Megabytes. */
  readonly rss: number;
  /** Megabytes. */
  readonly heap: number;
  readonly descriptors: number;
  /** Timers, sockets and other things that keep Node busy. */
  readonly handles: number;
}

const MEGABYTE = 1_048_576;

const METRICS = {
  rss: ["process_resident_memory_bytes", MEGABYTE],
  heap: ["nodejs_heap_size_used_bytes", MEGABYTE],
  descriptors: ["process_open_fds", 1],
  handles: ["nodejs_active_resources_total", 1],
} as const satisfies Record<keyof Vitals, readonly [string, number]>;

export const VITALS = ["rss", "heap", "descriptors", "handles"] as const satisfies (keyof Vitals)[];

export async function vitalsOf(worker: WorkerProcess): Promise<Vitals> {
  const { body } = await worker.page("/metrics");
  const read = ([name, unit]: readonly [string, number]): number => {
    const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(body)?.[1];
    if (value === undefined) throw new Error(`the metrics page does not show ${name}`);
    return Number(value) / unit;
  };
  return {
    rss: read(METRICS.rss),
    heap: read(METRICS.heap),
    descriptors: read(METRICS.descriptors),
    handles: read(METRICS.handles),
  };
}
