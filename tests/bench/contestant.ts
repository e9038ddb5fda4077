/**
 * Somebody whose schedules fire every second, and how much of that is kept up: more and more schedules, until commands come a second
 * late. What counts is what was stored, or called, in the window; who leaves occurrences out is not charged for them.
 */

import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../support/measure.ts";

export interface Contestant {
  readonly name: string;
  /** Starts servers and processes of its own. */
  open(): Promise<Rig>;
}

export interface Rig {
  /** Adds schedules until there are so many; those of any number have their phases spread evenly over the second. */
  grow(schedules: number): Promise<void>;
  /** Lets so much time pass; resolves to how late each command was that was stored in it (milliseconds). */
  watch(windowMs: number): Promise<number[]>;
  close(): Promise<void>;
}

export interface Climb {
  /** Numbers of schedules, rising. */
  readonly steps: readonly number[];
  /** Measured in any case. */
  readonly always: readonly number[];
  /** After new schedules were added; then it is measured. */
  readonly settleMs: number;
  readonly windowMs: number;
}

export interface Step {
  readonly schedules: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const LATE_MS = 1_000;
/** Who fires less of what is due has no more to give. */
const SHARE_MIN = 0.9;

export async function climb(
  contestant: Contestant,
  { steps, always, settleMs, windowMs }: Climb,
): Promise<Step[]> {
  const rig = await contestant.open();
  try {
    const taken: Step[] = [];
    for (const schedules of steps) {
      if (taken.some(isTooMuch) && !always.includes(schedules)) continue;
      await rig.grow(schedules);
      await delay(settleMs);
      const lags = await rig.watch(windowMs);
      taken.push({
        schedules,
        // What was left over from before the window is not kept up in it.
        perSecond: Math.min(schedules, (lags.length * 1_000) / windowMs),
        p50: percentile(lags, 0.5),
        p99: percentile(lags, 0.99),
      });
    }
    return taken;
  } finally {
    await rig.close();
  }
}

const isSustained = ({ p99 }: Step): boolean => p99 < LATE_MS;
const isTooMuch = (step: Step): boolean => !isSustained(step) || step.perSecond < step.schedules * SHARE_MIN;

/** The step with the most commands a second of those in which 99 of 100 were less than a second late; null: there is none. */
export function best(steps: readonly Step[]): Step | null {
  return steps
    .filter(isSustained)
    .reduce<Step | null>((most, step) => (step.perSecond > (most?.perSecond ?? 0) ? step : most), null);
}
