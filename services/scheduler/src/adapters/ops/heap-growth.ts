/**
 * How far the heap may grow before all of it is collected. V8 would let that of a large worker grow fourfold. But a collection keeps a core
 * busy, whatever it finds, and answers take ten times as long meanwhile, so that one of a small heap must not come every few seconds.
 */

import {
  constants,
  type PerformanceEntry,
  type PerformanceNodeEntry,
  PerformanceObserver,
} from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** Of what is kept, and of any heap at least so much may be added to it. */
const GROWTH_PERCENT_MIN = 80;
const GROWTH_BYTES_MIN = 160 * 1024 * 1024;
/** Of a heap that is all but empty; V8 knows no more of it than a number. */
const GROWTH_PERCENT_MAX = 1_000;

/** In percent of what is kept (bytes). */
export function growthPercent(keptBytes: number): number {
  const percent = Math.round((100 * GROWTH_BYTES_MIN) / keptBytes);
  return Math.min(Math.max(percent, GROWTH_PERCENT_MIN), GROWTH_PERCENT_MAX);
}

/** From the next collection of the whole heap on, and adjusted after each: V8 reads its flag when one ends. */
export function limitHeapGrowth(): void {
  const limit = (): void => {
    setFlagsFromString(`--heap-growing-percent=${growthPercent(getHeapStatistics().used_heap_size)}`);
  };
  limit();
  new PerformanceObserver((list) => {
    if (list.getEntries().some(isOfWholeHeap)) limit();
  }).observe({ entryTypes: ["gc"] });
}

const isOfWholeHeap = (entry: PerformanceEntry): boolean =>
  (entry as PerformanceNodeEntry).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
