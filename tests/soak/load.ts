/**
 * Minutes of firing while workers are killed and paused: nothing may be lost or doubled, and a worker that lives through
 * it may not grow.
 */

import { setTimeout as delay } from "node:timers/promises";
import { createFleet, inWords, isEven, openBooks } from "../support/books.ts";
import { COLLECTING } from "../support/collect-often.ts";
import { openStack } from "../support/stack.ts";
import { VITALS, type Vitals, vitalsOf } from "../support/vitals.ts";
import { type Crew, openCrew } from "./crew.ts";
import type { Report } from "./report.ts";
import { slopePerMinute } from "./trend.ts";

const LEASE_MS = 2_000;
/** An elder is stopped for longer than its lease, so that it wakes up as a zombie. */
const PAUSE_MS = 1.5 * LEASE_MS;
const SIZE = 500;
const EVERY_MS = 1_000;
/** Share of the run after which a worker has warmed up. */
const WARM_UP = 0.25;
/** Strikes in a run, whatever its length, and one in so long at least. */
const STRIKES_MIN = 2;
const STRIKE_EVERY_MS_MAX = 12_000;
const SAMPLE_EVERY_MS = 1_000;
const MINUTE_MS = 60_000;
/** A run shorter than this shows no trend, and only its ceilings are held. */
const TREND_MINUTES_MIN = 2;
/**
 * A worker that lives through the run may rise by so much a minute. Keeping 35 bytes of each of the 30,000 fires of a
 * minute would show in the heap; RSS is coarser, since pages come and go with collections.
 */
const SLOPE_MAX: Vitals = { rss: 5, heap: 1, descriptors: 0.5, handles: 1 };
/** And may never have more. After a takeover every schedule waits for a moment on a timer of its own. */
const CEILING: Vitals = { rss: 600, heap: 300, descriptors: 100, handles: 4 * SIZE };

interface Reading extends Vitals {
  readonly atMs: number;
}

export async function soakLoad({ minutes }: { minutes: number }): Promise<Report> {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  try {
    const crew = await openCrew(stack, COLLECTING, PAUSE_MS);
    const fleet = await createFleet(stack.client(), { name: "soak", size: SIZE, everyMs: EVERY_MS });
    const books = await openBooks(stack.nc, fleet);
    const { readings, strikes } = await trouble(crew, minutes * MINUTE_MS);
    const balance = await books.close(stack.client());
    const trends = trendsOf(readings, minutes);
    return {
      lines: [
        `${minutes} min of ${SIZE * (1_000 / EVERY_MS)} fires/s, ${strikes.length} strikes (${summary(strikes)}): ${inWords(balance)}`,
        `lag, strikes included: ${books.lag}`,
        ...trends.lines,
      ],
      faults: [
        ...(isEven(balance) ? [] : [`the balance is not even: ${JSON.stringify(balance)}`]),
        ...trends.faults,
        ...crew.errors(),
      ],
    };
  } finally {
    await stack.close();
  }
}

/** Strikes and takes readings until the time is over. */
async function trouble(crew: Crew, lengthMs: number): Promise<{ readings: Reading[]; strikes: string[] }> {
  const endMs = performance.now() + lengthMs;
  const warmAtMs = performance.now() + lengthMs * WARM_UP;
  const strikeEveryMs = Math.min(STRIKE_EVERY_MS_MAX, lengthMs / (STRIKES_MIN + 1));
  const readings: Reading[] = [];
  const strikes: string[] = [];

  const strikeNowAndThen = async (): Promise<void> => {
    for (let atMs = performance.now() + strikeEveryMs; atMs < endMs; atMs += strikeEveryMs) {
      await delay(Math.max(0, atMs - performance.now()));
      strikes.push(await crew.strike());
    }
  };
  const read = async (): Promise<void> => {
    for (; performance.now() < endMs; await delay(SAMPLE_EVERY_MS)) {
      const vitals = await vitalsOf(crew.elder);
      const atMs = performance.now();
      if (atMs >= warmAtMs) readings.push({ atMs, ...vitals });
    }
  };
  await Promise.all([strikeNowAndThen(), read()]);
  return { readings, strikes };
}

function trendsOf(readings: readonly Reading[], minutes: number): Report {
  const faults: string[] = [];
  const shown = VITALS.map((vital) => {
    const values = readings.map((reading) => ({ atMs: reading.atMs, value: reading[vital] }));
    const slope = slopePerMinute(values);
    const max = Math.max(...values.map(({ value }) => value));
    if (values.length === 0) faults.push("nothing was read of the elder");
    if (max > CEILING[vital]) faults.push(`${vital} ${max} is above ${CEILING[vital]}`);
    const span = `${vital} ${values[0]?.value.toFixed(0)} → ${values.at(-1)?.value.toFixed(0)}, max ${max.toFixed(0)}`;
    if (minutes < TREND_MINUTES_MIN) return span;
    if (slope > SLOPE_MAX[vital]) {
      faults.push(`${vital} rises by ${slope} a minute, more than ${SLOPE_MAX[vital]}`);
    }
    return `${span}, ${signed(slope)}/min (bound ${SLOPE_MAX[vital]})`;
  });
  return {
    lines: [
      `the worker that lives through it, after warm-up, ${readings.length} readings: ${shown.join("; ")}`,
    ],
    faults,
  };
}

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(2)}`;

function summary(strikes: readonly string[]): string {
  const kinds = [...new Set(strikes)];
  return kinds.map((kind) => `${strikes.filter((each) => each === kind).length} ${kind}`).join(", ");
}
