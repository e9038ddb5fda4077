/*
 * The periods of a rule that is DAILY or longer: every so many years, months, weeks or days, numbered from the
 * one that holds DTSTART. All of it is arithmetic, so any day's period is found at once.
 */
import { type CivilDate, civilDate, dayNumber, modulo, weekdayOf, YEAR_MAX } from "../civil.ts";
import type { Rule } from "./rule.ts";

/** From the first day up to, and without, the last. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

export interface Periods {
  /** The number of the period that holds a day, or the last one before it; 0 holds DTSTART. */
  holding(day: number): number;
  span(period: number): Span;
}

/** The calendar repeats after so many years, which are as many days, a whole number of weeks. */
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;

/** Days after which what a rule selects is selected again: a search that has seen as many has seen all. */
export function selectionCycle({ byMonth, byMonthDay, byYearDay, byWeekNo, byDay, freq }: Rule): number {
  const parts = [byMonth, byMonthDay, byYearDay, byWeekNo];
  const counted = byDay.some(({ nth }) => nth !== 0) && (freq === "YEARLY" || freq === "MONTHLY");
  if (counted || parts.some((part) => part.length > 0)) return CYCLE_DAYS;
  return byDay.length > 0 ? 7 : 1;
}

/** Days after which both the selection and the periods of a rule repeat. */
export function ruleCycle(rule: Rule): number {
  const { freq, interval } = rule;
  if (freq === "YEARLY") return (leastCommonMultiple(interval, CYCLE_YEARS) / CYCLE_YEARS) * CYCLE_DAYS;
  if (freq === "MONTHLY") {
    return (leastCommonMultiple(interval, CYCLE_YEARS * 12) / (CYCLE_YEARS * 12)) * CYCLE_DAYS;
  }
  return leastCommonMultiple(freq === "WEEKLY" ? interval * 7 : interval, selectionCycle(rule));
}

/** Of whole numbers from 1 on. Beyond 2^53 it is not exact, and longer than any search. */
export function leastCommonMultiple(one: number, other: number): number {
  return (one / greatestCommonDivisor(one, other)) * other;
}

export function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

export const LAST_DAY = dayNumber(YEAR_MAX, 12, 31);

export function periodsOf(rule: Rule, startDay: number): Periods {
  switch (rule.freq) {
    case "YEARLY":
      return years(rule, civilDate(startDay));
    case "MONTHLY":
      return months(rule, civilDate(startDay));
    case "WEEKLY":
      return days(startDay - modulo(weekdayOf(startDay) - rule.weekStart, 7), 7, rule.interval);
    default:
      return days(startDay, 1, rule.interval);
  }
}

function years({ interval }: Rule, start: CivilDate): Periods {
  return {
    holding: (day) => numberOf(civilDate(day).year - start.year, interval),
    span: (period) => {
      const year = start.year + period * interval;
      return { begin: dayNumber(year, 1, 1), end: dayNumber(year + 1, 1, 1) };
    },
  };
}

function months({ interval }: Rule, start: CivilDate): Periods {
  const startMonth = monthNumber(start);
  return {
    holding: (day) => numberOf(monthNumber(civilDate(day)) - startMonth, interval),
    span: (period) => {
      const month = startMonth + period * interval;
      return { begin: firstOfMonth(month), end: firstOfMonth(month + 1) };
    },
  };
}

/** So many days in a row, `interval` times as far apart. */
function days(startDay: number, length: number, interval: number): Periods {
  return {
    holding: (day) => numberOf(day - startDay, length * interval),
    span: (period) => {
      const begin = startDay + period * length * interval;
      return { begin, end: begin + length };
    },
  };
}

/** The last period that begins within a distance from the first. */
function numberOf(distance: number, interval: number): number {
  return Math.max(0, Math.floor(distance / interval));
}

const monthNumber = ({ year, month }: CivilDate): number => year * 12 + month - 1;

const firstOfMonth = (month: number): number => dayNumber(Math.floor(month / 12), (month % 12) + 1, 1);
