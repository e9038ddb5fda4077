/*
 * The local times of a rule that is DAILY or longer. Selected days are looked up by month, and their periods,
 * numbered from DTSTART, are arithmetic: the cost of an answer does not depend on the distance from DTSTART.
 */
import { remembering } from "../answers.ts";
import { type Budget, spend } from "../budget.ts";
import { DAY_SECONDS, modulo, SECOND_MS, type WallMs } from "../civil.ts";
import { firstDay } from "../day-set.ts";
import { type TimeFields, TimesOfDay } from "../time-of-day.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { daysOfRule, withImpliedDays } from "./days.ts";
import { LAST_DAY, periodsOf, ruleCycle } from "./periods.ts";
import { positionSearch } from "./positions.ts";
import type { Rule } from "./rule.ts";

/** The earliest second strictly after `second`. */
export type SecondAfter = (second: number) => number | null;

export function ruleCalendar(rule: Rule, dtstart: WallMs, budget: Budget): WallCalendar {
  const startSecond = Math.floor(dtstart / SECOND_MS);
  const startDay = Math.floor(startSecond / DAY_SECONDS);
  const full = withImpliedDays(rule, startDay);
  const times = {
    hours: rule.byHour.length > 0 ? rule.byHour : [Math.floor(modulo(startSecond, DAY_SECONDS) / 3600)],
    minutes: rule.byMinute.length > 0 ? rule.byMinute : [Math.floor(modulo(startSecond, 3600) / 60)],
    seconds: rule.bySecond.length > 0 ? rule.bySecond : [modulo(startSecond, 60)],
  };
  const search = full.bySetPos.length > 0 ? positionSearch : timeSearch;
  const secondAfter = search(full, { startDay, times, budget });
  const next = (after: WallMs): WallMs | null => {
    const second = secondAfter(Math.max(Math.floor(after / SECOND_MS), startSecond - 1));
    return second === null ? null : second * SECOND_MS;
  };
  return { next: remembering(next, () => budget.left < 0) };
}

export interface SearchContext {
  readonly startDay: number;
  readonly times: TimeFields;
  readonly budget: Budget;
}

function timeSearch(rule: Rule, { startDay, times: fields, budget }: SearchContext): SecondAfter {
  const times = new TimesOfDay(fields);
  const daysOf = daysOfRule(rule);
  const periods = periodsOf(rule, startDay);
  const cycleDays = ruleCycle(rule);

  /** The first selected day at or after a day that lies in a period. */
  const dayFrom = (from: number): number | null => {
    const last = Math.min(LAST_DAY, from + cycleDays);
    let day = firstDay(daysOf, from, budget);
    while (day !== null && rule.interval > 1) {
      const period = periods.holding(day);
      if (day < periods.span(period).end) return day;
      const { begin } = periods.span(period + 1);
      day = begin > last || !spend(budget, 1) ? null : firstDay(daysOf, begin, budget);
    }
    return day;
  };

  return (after) => {
    const today = Math.floor((after + 1) / DAY_SECONDS);
    const day = dayFrom(today);
    if (day === null) return null;
    const time = times.atOrAfter(day === today ? after + 1 - today * DAY_SECONDS : 0);
    if (time >= 0) return day * DAY_SECONDS + time;
    const later = dayFrom(today + 1);
    return later === null ? null : later * DAY_SECONDS + times.atOrAfter(0);
  };
}
