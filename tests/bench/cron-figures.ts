/**
 * Cron beside croner: the next time as the scheduler asks for it, and the price of many different expressions.
 * croner is given what it is best at: one parsed pattern for all schedules that share an expression.
 */

import type { EffectiveTrigger } from "@carillon/contracts";
import { Cron } from "croner";
import { resolveDefinition } from "../../services/scheduler/src/domain/definition.ts";
import { compile } from "../../services/scheduler/src/domain/recurrence/index.ts";
import { aDefinition, DEFAULTS } from "../../services/scheduler/src/domain/testing/builders.ts";
import { type Timeline, timelineOf } from "../../services/scheduler/src/domain/timeline.ts";
import { collect, type Figure, figure, microsecondsEach, milliseconds } from "./figure.ts";

const NOW = Date.parse("2026-11-21T09:00:00Z");
const ZONE = "America/New_York";
const SCHEDULES = 1_000;
const EXPRESSIONS = Array.from({ length: 50 }, (_, n) => `${n} ${n % 24} * * ${n % 2 === 0 ? "*" : "1-5"}`);
const DISTINCT = 100_000;
const DISTINCT_MS_MAX = 2_000;
const DISTINCT_CRONER = 2_000;

export function cronFigures(quick: boolean): Figure[] {
  const rounds = quick ? 20 : 200;
  const count = quick ? DISTINCT / 10 : DISTINCT;
  return [
    walk("cron, next time, 1,000 schedules share 50 expressions, side by side", rounds, () => NOW),
    walk("cron, next time, the same, each elsewhere in two years", rounds, (n) => NOW + n * 63_072_000),
    figure({
      name: `cron, ${count} different expressions, compiled and first answered`,
      unit: "ms",
      product: () => milliseconds(() => compileDistinct(count)),
      peer: {
        name: `croner (${DISTINCT_CRONER}, times ${count / DISTINCT_CRONER})`,
        measure: () => (milliseconds(() => cronerDistinct(DISTINCT_CRONER)) * count) / DISTINCT_CRONER,
      },
      ...(quick ? {} : { target: { most: DISTINCT_MS_MAX } }),
    }),
    figure({
      name: "cron, memory of one compiled expression",
      unit: "bytes",
      product: () => heapEach(10_000, compileDistinct),
      peer: { name: "croner", measure: () => heapEach(DISTINCT_CRONER, cronerDistinct) },
    }),
  ];
}

/** Every schedule asks for its own next time, from the last one it got; all in turn, so equal ones interleave. */
function walk(name: string, rounds: number, startOf: (n: number) => number): Figure {
  const expressionOf = (n: number): string => EXPRESSIONS[n % EXPRESSIONS.length] ?? "";
  const timelines = Array.from({ length: SCHEDULES }, (_, n) => timeline(n, expressionOf(n)));
  const patterns = new Map(
    EXPRESSIONS.map((text) => [text, new Cron(text, { timezone: ZONE, paused: true })]),
  );
  const cronerRounds = Math.max(1, rounds / 20);
  return figure({
    name,
    unit: "µs",
    product: () => walkTime(rounds, startOf, (n, at) => timelines[n]?.next(at) ?? null),
    peer: {
      name: "croner",
      measure: () =>
        walkTime(cronerRounds, startOf, (n, at) => {
          const next = patterns.get(expressionOf(n))?.nextRun(new Date(at));
          return next?.getTime() ?? null;
        }),
    },
    target: { timesCheaper: 20 },
  });
}

function walkTime(
  rounds: number,
  startOf: (n: number) => number,
  next: (n: number, at: number) => number | null,
): number {
  const places = Array.from({ length: SCHEDULES }, (_, n) => startOf(n));
  return microsecondsEach(rounds * SCHEDULES, () => {
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < SCHEDULES; n++) places[n] = next(n, places[n] ?? NOW) ?? NOW;
    }
  });
}

const trigger = (expression: string): EffectiveTrigger => ({
  type: "cron",
  expression,
  timezone: ZONE,
  dayMatch: "or",
  dst: { gap: "next", overlap: "first" },
});

/** A schedule of its own, through the path that a command takes. */
function timeline(n: number, expression: string): Timeline {
  const definition = aDefinition({ trigger: { type: "cron", expression, timezone: ZONE } });
  const effective = resolveDefinition(definition, { acceptedAt: NOW, defaults: DEFAULTS, previous: null });
  if (!effective.ok) throw new Error(effective.error.message);
  const made = timelineOf({
    tenant: "acme",
    scheduleId: `s${n}`,
    effective: effective.value,
    acceptedAt: NOW,
  });
  if (!made.ok) throw new Error(made.fault.message);
  return made.timeline;
}

/** Each answer is one that no bench of this run had before. */
let distinct = 0;
function nextExpression(): string {
  const n = distinct++;
  const minute = n % 60;
  const hour = Math.floor(n / 60) % 24;
  const day = 1 + (Math.floor(n / 1_440) % 28);
  const month = 1 + (Math.floor(n / 40_320) % 12);
  return `${minute} ${hour} ${day} ${month} *`;
}

function compileDistinct(count: number): unknown[] {
  return Array.from({ length: count }, () => {
    const compiled = compile(trigger(nextExpression()), NOW);
    if (!compiled.ok) throw new Error(compiled.fault.message);
    compiled.recurrence.next(NOW);
    return compiled.recurrence;
  });
}

function cronerDistinct(count: number): unknown[] {
  return Array.from({ length: count }, () => {
    const pattern = new Cron(nextExpression(), { timezone: ZONE, paused: true });
    pattern.nextRun(new Date(NOW));
    return pattern;
  });
}

/** Bytes of heap for each of `count` things that are kept. */
function heapEach(count: number, make: (count: number) => unknown[]): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = make(count);
  collect();
  return (process.memoryUsage().heapUsed - before) / kept.length;
}
