/**
 * A fleet of schedules that fires in waves: all of one interval, due one after the other faster than anybody can fire them, and time
 * between two waves for all that is left over. So each claim is of one occurrence, as under a load that is kept up with; a schedule
 * that falls behind its own interval claims several in one write, and would look cheaper than it is.
 */

import { define, instant } from "../support/definition.ts";
import type { Stack } from "../support/stack.ts";
import { createBulk } from "./bulk.ts";

export interface Fleet {
  /** Schedules that take part. */
  readonly size: number;
  /** When the first schedule of the first wave is due. */
  readonly firstAt: number;
  readonly periodMs: number;
}

/** Faster than any installation on one server fires. */
const DUE_PER_MS = 20;
/** Schedules that are never due, created first to see how long the others will take. */
const PROBE_SHARE = 0.05;
/** Creating the others may be so much slower. */
const SLOWER_BY = 1.5;
/** From one wave to the next: so much a schedule, and some seconds. */
const PERIOD_MS_EACH = 0.5;
const PERIOD_MS_MIN = 3_000;

/** So many schedules, all but a few of which take part; the first wave comes about `restMs` after they are there. A worker must run. */
export async function createFleet(
  { nc }: Stack,
  { schedules, restMs }: { schedules: number; restMs: number },
): Promise<Fleet> {
  const probes = Math.ceil(schedules * PROBE_SHARE);
  const idle = JSON.stringify(define({ type: "manual" }));
  const { perSecond } = await createBulk(nc, probes, (n) => ({ scheduleId: `idle-${n}`, body: idle }));
  const size = schedules - probes;
  const periodMs = Math.ceil(PERIOD_MS_MIN + size * PERIOD_MS_EACH);
  const firstAt = Math.ceil(Date.now() + restMs + ((size * 1_000) / perSecond) * SLOWER_BY);
  await createBulk(nc, size, (n) => {
    const startAt = instant(firstAt + Math.floor(n / DUE_PER_MS));
    const trigger = { type: "interval", everySeconds: periodMs / 1_000, startAt } as const;
    return { scheduleId: `wave-${n}`, body: JSON.stringify(define(trigger)) };
  });
  return { size, firstAt, periodMs };
}
