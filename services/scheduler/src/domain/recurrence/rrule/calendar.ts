/*
 * The local times of a rule that is DAILY or longer. Periods are numbered from DTSTART, so the one that holds
 * any given time is found by arithmetic: the cost of an answer does not depend on the distance from DTSTART.
 */
import {
  civilDate,
  DAY_SECONDS,
  dayNumber,
  daysInMonth,
  daysInYear,
  modulo,
  SECOND_MS,
  type WallMs,
  weekdayOf,
  YEAR_MAX,
} from "../civil.ts";
import { type TimesOfDay, timesOfDay } from "../time-of-day.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { type Budget, spend } from "./budget.ts";
import { type DayTest, dayTest, withImpliedDays } from "./days.ts";
import type { Rule } from "./rule.ts";

/** Days of a period, ascending. */
type Days = readonly number[];

export function ruleCalendar(rule: Rule, dtstart: WallMs, budget: Budget): WallCalendar {
  const startSecond = Math.floor(dtstart / SECOND_MS);
  const startDay = Math.floor(startSecond / DAY_SECONDS);
  const full = withImpliedDays(rule, startDay);
  const times = timesOfDay({
    hours: rule.byHour.length > 0 ? rule.byHour : [Math.floor(modulo(startSecond, DAY_SECONDS) / 3600)],
    minutes: rule.byMinute.length > 0 ? rule.byMinute : [Math.floor(modulo(startSecond, 3600) / 60)],
    seconds: rule.bySecond.length > 0 ? rule.bySecond : [modulo(startSecond, 60)],
  });
  const periods = periodsOf(full, startDay);
  const daysOf = rememberLast((period: number) => matching(periods.days(period), dayTest(full), budget));
  const firstIn = rule.bySetPos.length > 0 ? firstByPosition(rule.bySetPos, times) : firstByTime(times);

  return {
    next: (after) => {
      const second = Math.max(Math.floor(after / SECOND_MS), startSecond - 1);
      let period = periods.holding(Math.floor((second + 1) / DAY_SECONDS));
      for (;;) {
        const days = periods.ended(period) ? null : daysOf(period);
        if (days === null) return null;
        const found = days.length === 0 ? null : firstIn(days, second);
        if (found !== null) return found * SECOND_MS;
        period = periods.following(period);
      }
    },
  };
}

interface Periods {
  /** The number of the period that holds a day, or the last one before it; 0 holds DTSTART. */
  holding(day: number): number;
  /** Its first day, and the day after its last. */
  days(period: number): { readonly begin: number; readonly end: number };
  following(period: number): number;
  /** It lies beyond the last year. */
  ended(period: number): boolean;
}

const LAST_DAY = dayNumber(YEAR_MAX, 12, 31);

function periodsOf(rule: Rule, startDay: number): Periods {
  const { freq, interval, weekStart } = rule;
  const start = civilDate(startDay);
  const number = (distance: number) => Math.max(0, Math.floor(distance / interval));
  const common = { following: (period: number) => period + 1 };

  if (freq === "YEARLY") {
    const yearOf = (period: number) => start.year + period * interval;
    return {
      ...common,
      holding: (day) => number(civilDate(day).year - start.year),
      days: (period) => {
        const begin = dayNumber(yearOf(period), 1, 1);
        return { begin, end: begin + daysInYear(yearOf(period)) };
      },
      ended: (period) => yearOf(period) > YEAR_MAX,
    };
  }
  if (freq === "MONTHLY")
    return monthPeriods(rule, start.year * 12 + start.month - 1, number, common.following);
  if (freq === "WEEKLY") {
    const startWeek = startDay - modulo(weekdayOf(startDay) - weekStart, 7);
    const beginOf = (period: number) => startWeek + period * interval * 7;
    return {
      ...common,
      holding: (day) => number(Math.floor((day - startWeek) / 7)),
      days: (period) => ({ begin: beginOf(period), end: beginOf(period) + 7 }),
      ended: (period) => beginOf(period) > LAST_DAY,
    };
  }
  const dayOf = (period: number) => startDay + period * interval;
  return {
    holding: (day) => number(day - startDay),
    days: (period) => ({ begin: dayOf(period), end: dayOf(period) + 1 }),
    following: (period) => number(skipMonths(rule, dayOf(period + 1)) - startDay + interval - 1),
    ended: (period) => dayOf(period) > LAST_DAY,
  };
}

function monthPeriods(
  { interval, byMonth }: Rule,
  startMonth: number,
  number: (distance: number) => number,
  following: (period: number) => number,
): Periods {
  const months = new Set(byMonth);
  const monthOf = (period: number) => startMonth + period * interval;
  return {
    following,
    holding: (day) => {
      const { year, month } = civilDate(day);
      return number(year * 12 + month - 1 - startMonth);
    },
    days: (period) => {
      const year = Math.floor(monthOf(period) / 12);
      const month = (monthOf(period) % 12) + 1;
      const begin = dayNumber(year, month, 1);
      return { begin, end: months.size > 0 && !months.has(month) ? begin : begin + daysInMonth(year, month) };
    },
    ended: (period) => monthOf(period) >= (YEAR_MAX + 1) * 12,
  };
}

/** The first day at or after `day` whose month the rule allows. */
function skipMonths({ byMonth }: Rule, day: number): number {
  if (byMonth.length === 0) return day;
  const { year, month } = civilDate(day);
  if (byMonth.includes(month)) return day;
  const later = byMonth.find((allowed) => allowed > month);
  return later === undefined ? dayNumber(year + 1, byMonth[0] ?? 1, 1) : dayNumber(year, later, 1);
}

/** The days that meet the test; null when the budget is spent. */
function matching(
  { begin, end }: { begin: number; end: number },
  test: DayTest,
  budget: Budget,
): Days | null {
  if (!spend(budget, Math.max(1, end - begin))) return null;
  const days: number[] = [];
  for (let day = begin; day < end; day++) if (test(day)) days.push(day);
  return days;
}

type FirstIn = (days: Days, after: number) => number | null;

/** The first second after `after` on one of the days. */
function firstByTime(times: TimesOfDay): FirstIn {
  return (days, after) => {
    const second = after + 1;
    const today = Math.floor(second / DAY_SECONDS);
    for (const day of days) {
      if (day < today) continue;
      const time = times.atOrAfter(day === today ? second - day * DAY_SECONDS : 0);
      if (time !== null) return day * DAY_SECONDS + time;
    }
    return null;
  };
}

/** The same among the places that BYSETPOS leaves of the period's whole set. */
function firstByPosition(positions: readonly number[], times: TimesOfDay): FirstIn {
  return (days, after) => {
    const total = days.length * times.count;
    let first: number | null = null;
    for (const position of positions) {
      const index = position > 0 ? position - 1 : total + position;
      const day = days[Math.floor(index / times.count)];
      if (index < 0 || day === undefined) continue;
      const second = day * DAY_SECONDS + times.at(index % times.count);
      if (second > after && (first === null || second < first)) first = second;
    }
    return first;
  };
}

/** Neighbouring questions mostly fall into the same period. */
function rememberLast(compute: (period: number) => Days | null): (period: number) => Days | null {
  let lastPeriod = -1;
  let lastDays: Days | null = null;
  return (period) => {
    if (period === lastPeriod && lastDays !== null) return lastDays;
    lastDays = compute(period);
    lastPeriod = period;
    return lastDays;
  };
}
