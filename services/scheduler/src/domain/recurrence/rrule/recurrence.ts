/*
 * A whole recurrence text as instants: the union of its rules and RDATEs, less EXRULEs and EXDATEs. Rules that
 * are DAILY or longer live in local time and are laid over the zone (RFC 5545 §3.3.5); shorter ones count
 * elapsed time from DTSTART, so a clock change neither drops nor repeats a step. DTSTART that its own rule does
 * not name is no occurrence.
 *
 * rrule.js words the rules (describe.ts) and is the oracle in the tests, not the calculator: its searches are
 * not bounded, and their cost grows with the distance from DTSTART.
 */
import type { DstPolicy } from "@carillon/contracts";
import type { EpochMs } from "../../instant.ts";
import { remembering } from "../answers.ts";
import { type Budget, COUNT_STEPS_MAX, type Effort, SEARCH_STEPS_MAX } from "../budget.ts";
import { DAY_MS } from "../civil.ts";
import type { Recurrence } from "../recurrence.ts";
import { ELAPSED, instantsOf, type WallCalendar, wallTimeline } from "../wall-timeline.ts";
import type { Zone } from "../zone.ts";
import { ruleCalendar } from "./calendar.ts";
import { RruleFault } from "./fault.ts";
import { lowerBound } from "./lower-bound.ts";
import { formatMoment } from "./moment.ts";
import type { Rule } from "./rule.ts";
import { SUBDAILY_SECONDS, subdailyCalendar } from "./subdaily.ts";
import type { RecurrenceText, ZonedMoment } from "./text.ts";

export interface RruleContext {
  readonly dtstart: ZonedMoment;
  readonly zone: Zone;
  readonly policy: DstPolicy;
}

type Context = RruleContext & { readonly budget: Budget };

/** What passing over an occurrence that exceptions take away costs, for each rule that is asked, beside its search. */
const EXCEPTION_STEPS = 3;

type Next = Recurrence["next"];

/** Throws an RruleFault where a date does not fit DTSTART, or COUNT takes too long to use up. */
export function rruleTimeline(text: RecurrenceText, given: RruleContext): { next: Next; effort: Effort } {
  const ruleCount = Math.max(1, text.rules.length + text.exceptionRules.length);
  const budgets: Budget[] = [];
  const ruleNext = (rule: Rule): Next => {
    const budget = { left: Math.floor(COUNT_STEPS_MAX / ruleCount) };
    budgets.push(budget);
    return remembering(ruleTimeline(rule, { ...given, budget }), () => budget.left < 0);
  };
  const instants = (moments: readonly ZonedMoment[]) =>
    moments.flatMap((moment) => momentInstants(moment, given));
  const dates = [...new Set(instants(text.dates))].sort((a, b) => a - b);
  const sources: Next[] = text.rules.map(ruleNext);
  if (dates.length > 0) sources.push((after) => dates[lowerBound(dates, after + 1)] ?? null);

  const exceptionDates = new Set(instants(text.exceptionDates));
  const exceptionRules = text.exceptionRules.map(ruleNext);
  const excepted = (at: EpochMs) =>
    exceptionDates.has(at) || exceptionRules.some((next) => next(at - 1) === at);

  const stepsMax = Math.floor(SEARCH_STEPS_MAX / ruleCount);
  const passedMax = Math.floor(stepsMax / EXCEPTION_STEPS);
  const effort: Effort = { spent: 0, ranOut: false };
  const next = (after: EpochMs): EpochMs | null => {
    for (const budget of budgets) budget.left = stepsMax;
    let passed = 0;
    let at = earliest(sources, after);
    while (at !== null && excepted(at)) {
      at = ++passed > passedMax ? null : earliest(sources, at);
    }
    effort.spent += passed * EXCEPTION_STEPS * ruleCount;
    effort.ranOut = at === null && passed > passedMax;
    for (const { left } of budgets) {
      effort.spent += stepsMax - left;
      if (at === null && left < 0) effort.ranOut = true;
    }
    return at;
  };
  return { next, effort };
}

function earliest(sources: readonly Next[], after: EpochMs): EpochMs | null {
  let first: EpochMs | null = null;
  for (const next of sources) {
    const at = next(after);
    if (at !== null && (first === null || at < first)) first = at;
  }
  return first;
}

function momentInstants(moment: ZonedMoment, { dtstart, zone, policy }: RruleContext): EpochMs[] {
  if (moment.dateOnly && dtstart.wall % DAY_MS !== 0) {
    throw new RruleFault(
      `RDATE or EXDATE "${formatMoment(moment)}": expected a time like DTSTART's, not only a date`,
    );
  }
  return instantsOf(moment.wall, moment.zone ?? zone, policy);
}

/** One rule, to its end by COUNT or UNTIL. */
function ruleTimeline(rule: Rule, context: Context): Next {
  const until = endOf(rule, context);
  const timeline = SUBDAILY_SECONDS.has(rule.freq)
    ? elapsedTimeline(rule, context)
    : localTimeline(rule, context);
  return (after) => {
    const at = after < until ? timeline(after) : null;
    return at !== null && at <= until ? at : null;
  };
}

function localTimeline(rule: Rule, { dtstart, zone, policy, budget }: Context): Next {
  const calendar = ruleCalendar(rule, dtstart.wall, budget);
  const last = nthAfter(calendar.next, { after: dtstart.wall - 1, count: rule.count, budget });
  const bounded: WallCalendar = {
    next: (after) => {
      if (after >= last) return null;
      const wall = calendar.next(after);
      return wall !== null && wall <= last ? wall : null;
    },
  };
  return wallTimeline({ zone, policy, calendarAt: () => bounded });
}

/** At another offset than DTSTART's the rule runs as though DTSTART had been read from a clock with that offset. */
function elapsedTimeline(rule: Rule, { dtstart, zone, policy, budget }: Context): Next {
  const [startAt] = instantsOf(
    dtstart.wall,
    zone,
    policy.gap === "skip" ? { ...policy, gap: "shift" } : policy,
  );
  if (startAt === undefined) return () => null;
  const calendars = new Map<number, WallCalendar>();
  const calendarAt = (offsetMs: number): WallCalendar => {
    const known = calendars.get(offsetMs) ?? subdailyCalendar(rule, startAt + offsetMs, budget);
    calendars.set(offsetMs, known);
    return known;
  };
  const next = wallTimeline({ zone, policy: ELAPSED, calendarAt });
  const last = nthAfter(next, { after: startAt - 1, count: rule.count, budget });
  return (after) => {
    const at = after < last ? next(after) : null;
    return at !== null && at <= last ? at : null;
  };
}

/** The last time that COUNT allows: `after` where there is none, Infinity without COUNT or where time ends first. */
function nthAfter(
  next: Next,
  { after, count, budget }: { after: number; count: number | null; budget: Budget },
): number {
  if (count === null) return Number.POSITIVE_INFINITY;
  let last = after;
  for (let counted = 0; counted < count; counted++) {
    const at = next(last);
    if (at === null && budget.left < 0) {
      throw new RruleFault(
        `COUNT ${count}: counted to ${counted} within ${COUNT_STEPS_MAX} steps of all rules together; expected UNTIL`,
        "trigger_too_complex",
      );
    }
    if (at === null) return counted === 0 ? after : Number.POSITIVE_INFINITY;
    last = at;
  }
  return last;
}

/** The last instant that UNTIL allows. A date stands for its midnight, and only where DTSTART could be a date too. */
function endOf({ until }: Rule, { dtstart, zone, policy }: RruleContext): EpochMs {
  if (until === null) return Number.POSITIVE_INFINITY;
  if (until.utc) return until.wall;
  if (until.dateOnly && dtstart.wall % DAY_MS !== 0) {
    throw new RruleFault(`UNTIL "${formatMoment(until)}": expected a time like DTSTART's, not only a date`);
  }
  if (!until.dateOnly && dtstart.zone !== null && zone.name !== "UTC") {
    throw new RruleFault(
      `UNTIL "${formatMoment(until)}": expected UTC, with Z at its end, as DTSTART has a time zone`,
    );
  }
  return (
    instantsOf(until.wall, zone, { gap: policy.gap === "skip" ? "shift" : policy.gap, overlap: "both" }).at(
      -1,
    ) ?? until.wall
  );
}
