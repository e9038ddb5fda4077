/*
 * BYSETPOS (RFC 5545 §3.3.10): of each period's whole set of times only those at some places count, from its
 * begin or from its end. The set is never written out: it is so many days by so many times of the day.
 */
import { spend } from "../budget.ts";
import { DAY_SECONDS } from "../civil.ts";
import { daysBetween, firstDay } from "../day-set.ts";
import { TimePlaces, TimesOfDay } from "../time-of-day.ts";
import type { SearchContext, SecondAfter } from "./calendar.ts";
import { daysOfRule } from "./days.ts";
import { lowerBound } from "./lower-bound.ts";
import { LAST_DAY, periodsOf, ruleCycle } from "./periods.ts";
import type { Frequency, Rule } from "./rule.ts";

/** Days of the longest period; DAILY has one. */
const PERIOD_DAYS_MAX: ReadonlyMap<Frequency, number> = new Map([
  ["YEARLY", 366],
  ["MONTHLY", 31],
  ["WEEKLY", 7],
]);

/** Days of a period, ascending. */
type Days = readonly number[];

export function positionSearch(rule: Rule, { startDay, times: fields, budget }: SearchContext): SecondAfter {
  const places = new TimePlaces(fields);
  const times = new TimesOfDay(fields);
  const daysOf = daysOfRule(rule);
  const periods = periodsOf(rule, startDay);
  const cycleDays = ruleCycle(rule);
  const placesMax = (PERIOD_DAYS_MAX.get(rule.freq) ?? 1) * places.count;
  const positions = rule.bySetPos.filter((position) => Math.abs(position) <= placesMax);
  if (positions.length === 0) return () => null;
  const placeFrom = placeSearch(positions);
  const daysIn = rememberLast((period) => daysBetween(daysOf, periods.span(period), budget));

  /** The place in the period's set of the first time after `after`. */
  const firstPlace = (days: Days, after: number): number => {
    const second = after + 1;
    const today = Math.floor(second / DAY_SECONDS);
    const index = lowerBound(days, today);
    const time = days[index] === today ? times.atOrAfter(second - today * DAY_SECONDS) : 0;
    if (days[index] !== today) return index * places.count;
    return time < 0 ? (index + 1) * places.count : index * places.count + places.of(time);
  };

  return (after) => {
    const today = Math.floor((after + 1) / DAY_SECONDS);
    let period = periods.holding(today);
    const last = Math.min(LAST_DAY, Math.max(today, startDay) + cycleDays);
    while (spend(budget, 1)) {
      const days = daysIn(period);
      if (days === null) return null;
      const place = placeFrom(firstPlace(days, after), days.length * places.count);
      const day = days[Math.floor(place / places.count)];
      if (place >= 0 && day !== undefined) return day * DAY_SECONDS + places.at(place % places.count);
      const { begin } = periods.span(period + 1);
      const selected = begin > last ? null : firstDay(daysOf, begin, budget);
      if (selected === null) return null;
      period = Math.max(period + 1, periods.holding(selected));
    }
    return null;
  };
}

/** The smallest place at or after `from` that BYSETPOS leaves in a set of `total`; -1 where there is none. */
function placeSearch(positions: readonly number[]): (from: number, total: number) => number {
  const fromEnd = positions.filter((position) => position < 0);
  const fromBegin = positions.filter((position) => position > 0);
  return (from, total) => {
    const forward = (fromBegin[lowerBound(fromBegin, from + 1)] ?? total + 1) - 1;
    const backward = total + (fromEnd[lowerBound(fromEnd, from - total)] ?? 0);
    const place = Math.min(forward, backward);
    return place < total ? place : -1;
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
