/**
 * How far the heap may grow before all of it is collected. V8 would let that of a large worker grow fourfold. But a collection keeps a core
 * busy, whatever it finds, and answers take ten times as long meanwhile: under load it must not come every other second.
 */

import {
  constants,
  type PerformanceEntry,
  type PerformanceNodeEntry,
  PerformanceObserver,
} from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** Of what is kept. */
const GROWTH_PERCENT_MIN = 80;
/** Of a heap that is all but empty; V8 knows no more of it than a number. */
const GROWTH_PERCENT_MAX = 1_000;
/** Collections of the whole heap are so far apart (s), where that takes no more than so many bytes. */
const APART_SECONDS = 15;
const GROWTH_BYTES_MAX = 320 * 1024 * 1024;

/** In percent of what is kept (bytes); `bytesPerSecond`: by which it has grown lately. */
export function growthPercent(keptBytes: number, bytesPerSecond: number): number {
  const bytes = Math.min(bytesPerSecond * APART_SECONDS, GROWTH_BYTES_MAX);
  return Math.min(Math.max(Math.round((100 * bytes) / keptBytes), GROWTH_PERCENT_MIN), GROWTH_PERCENT_MAX);
}

/** From now on. V8 reads its flag when it has collected everything, and so heeds what was found out at the collection before. */
export function limitHeapGrowth(): void {
  let kept = { bytes: usedBytes(), atMs: performance.now() };
  let lastBytes = kept.bytes;
  const limit = (bytesPerSecond: number): void =>
    setFlagsFromString(`--heap-growing-percent=${growthPercent(kept.bytes, bytesPerSecond)}`);
  limit(0);
  new PerformanceObserver((collections) => {
    const bytes = usedBytes();
    if (collections.getEntries().some(isOfWholeHeap)) {
      const atMs = performance.now();
      const grown = lastBytes - kept.bytes;
      const tookMs = atMs - kept.atMs;
      kept = { bytes, atMs };
      limit((grown * 1_000) / tookMs);
    }
    lastBytes = bytes;
  }).observe({ entryTypes: ["gc"] });
}

const usedBytes = (): number => getHeapStatistics().used_heap_size;

const isOfWholeHeap = (entry: PerformanceEntry): boolean =>
  (entry as PerformanceNodeEntry).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
