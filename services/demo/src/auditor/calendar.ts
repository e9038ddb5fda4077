/**
 * The auditor's own calendar: which instants a trigger names, worked out from the definition in the events and
 * shared with nobody. It knows what the demo uses (UTC, no DST, no exceptions) and says so where it does not
 * know, rather than guess.
 */

import type { EffectiveTrigger } from "@carillon/contracts";
import { cronMatcher } from "./cron.ts";

export interface Span {
  /** Epoch ms; occurrences at both ends count. */
  readonly fromAt: number;
  readonly untilAt: number;
}

/** Triggers whose occurrences the clock alone decides. */
export type ClockTrigger = Exclude<EffectiveTrigger, { readonly type: "delay" | "manual" }>;

/** A longer span is not walked, and the schedule counts as one that this calendar cannot judge. */
const SPAN_MS_MAX = 86_400_000;
const SECOND_MS = 1000;

/** Nominal instants within the span, rising; null where this calendar does not know the trigger. */
export function occurrences(trigger: ClockTrigger, acceptedAt: number, span: Span): number[] | null {
  if (span.untilAt < span.fromAt) return [];
  if (span.untilAt - span.fromAt > SPAN_MS_MAX) return null;
  switch (trigger.type) {
    case "immediate":
      return within([acceptedAt], span);
    case "at":
      return within([Date.parse(trigger.at)], span);
    case "interval":
      return steps(Date.parse(trigger.startAt), trigger.everySeconds * SECOND_MS, span);
    case "cron":
      return trigger.timezone === "UTC" ? cronSeconds(trigger.expression, span) : null;
    case "rrule":
      return ruleSteps(trigger.rrule, span);
  }
}

const within = (instants: readonly number[], { fromAt, untilAt }: Span): number[] =>
  instants.filter((at) => at >= fromAt && at <= untilAt);

/** Every `everyMs` from `anchorAt` on, the anchor included; at most `countMax` of them, counted from the anchor. */
function steps(anchorAt: number, everyMs: number, span: Span, countMax = Number.POSITIVE_INFINITY): number[] {
  const found: number[] = [];
  const first = Math.max(0, Math.ceil((span.fromAt - anchorAt) / everyMs));
  for (let index = first; index < countMax; index++) {
    const at = Math.round(anchorAt + index * everyMs);
    if (at > span.untilAt) break;
    if (at >= span.fromAt) found.push(at);
  }
  return found;
}

function cronSeconds(expression: string, { fromAt, untilAt }: Span): number[] | null {
  const isNamed = cronMatcher(expression);
  if (isNamed === null) return null;
  const found: number[] = [];
  for (let at = Math.ceil(fromAt / SECOND_MS) * SECOND_MS; at <= untilAt; at += SECOND_MS) {
    if (isNamed(at)) found.push(at);
  }
  return found;
}

const FREQUENCIES = new Map([
  ["SECONDLY", SECOND_MS],
  ["MINUTELY", 60 * SECOND_MS],
  ["HOURLY", 3600 * SECOND_MS],
]);
const DTSTART = /^DTSTART(?:;TZID=(?:Etc\/)?UTC)?:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?$/i;

/** One rule of equal steps from a DTSTART in UTC: FREQ, INTERVAL and COUNT, nothing else. */
function ruleSteps(text: string, span: Span): number[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const [start, rule] = lines.map((line) => line.trim());
  const digits = DTSTART.exec(start ?? "")?.slice(1);
  if (lines.length !== 2 || digits === undefined || rule === undefined) return null;
  const parts = new Map(
    rule
      .replace(/^RRULE:/i, "")
      .split(";")
      .map((part) => part.toUpperCase().split("=") as [string, string]),
  );
  const [freq, interval, count] = ["FREQ", "INTERVAL", "COUNT"].map((name) => {
    const value = parts.get(name);
    parts.delete(name);
    return value;
  });
  const stepMs = FREQUENCIES.get(freq ?? "");
  if (stepMs === undefined || parts.size > 0) return null;
  const [year, month, day, hour, minute, second] = digits.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const anchorAt = Date.UTC(year, month - 1, day, hour, minute, second);
  return steps(
    anchorAt,
    stepMs * Number(interval ?? 1),
    span,
    count === undefined ? undefined : Number(count),
  );
}
