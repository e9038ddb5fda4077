/*
 * The periods of a rule that is DAILY or longer: every so many years, months, weeks or days, numbered from the
 * one that holds DTSTART. All of it is arithmetic, so any day's period is found at once.
 */
import { type CivilDate, civilDate, dayNumber, daysInMonth, modulo, weekdayOf, YEAR_MAX } from "../civil.ts";
import { allowedFrom } from "./days.ts";
import type { Rule } from "./rule.ts";

/** From the first day up to, and without, the last. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

export interface Periods {
  /** The number of the period that holds a day, or the last one before it; 0 holds DTSTART. */
  holding(day: number): number;
  /** Its days, less months that the rule does not allow. */
  spans(period: number): readonly Span[];
  following(period: number): number;
  /** It lies beyond the last year. */
  ended(period: number): boolean;
}

const LAST_DAY = dayNumber(YEAR_MAX, 12, 31);

export function periodsOf(rule: Rule, startDay: number): Periods {
  switch (rule.freq) {
    case "YEARLY":
      return years(rule, civilDate(startDay));
    case "MONTHLY":
      return months(rule, civilDate(startDay));
    case "WEEKLY":
      return weeks(rule, startDay);
    default:
      return days(rule, startDay);
  }
}

function years({ interval, byMonth }: Rule, start: CivilDate): Periods {
  const yearOf = (period: number) => start.year + period * interval;
  return {
    holding: (day) => numberOf(civilDate(day).year - start.year, interval),
    spans: (period) => {
      const year = yearOf(period);
      if (byMonth.length > 0) return byMonth.map((month) => monthSpan(year, month));
      return [{ begin: dayNumber(year, 1, 1), end: dayNumber(year + 1, 1, 1) }];
    },
    following: (period) => period + 1,
    ended: (period) => yearOf(period) > YEAR_MAX,
  };
}

function months({ interval, byMonth }: Rule, start: CivilDate): Periods {
  const allowed = new Set(byMonth);
  const startMonth = start.year * 12 + start.month - 1;
  const monthOf = (period: number) => startMonth + period * interval;
  return {
    holding: (day) => {
      const { year, month } = civilDate(day);
      return numberOf(year * 12 + month - 1 - startMonth, interval);
    },
    spans: (period) => {
      const month = (monthOf(period) % 12) + 1;
      return allowed.size > 0 && !allowed.has(month)
        ? []
        : [monthSpan(Math.floor(monthOf(period) / 12), month)];
    },
    following: (period) => period + 1,
    ended: (period) => monthOf(period) >= (YEAR_MAX + 1) * 12,
  };
}

function weeks({ interval, weekStart }: Rule, startDay: number): Periods {
  const startWeek = startDay - modulo(weekdayOf(startDay) - weekStart, 7);
  const beginOf = (period: number) => startWeek + period * interval * 7;
  return {
    holding: (day) => numberOf(Math.floor((day - startWeek) / 7), interval),
    spans: (period) => [{ begin: beginOf(period), end: beginOf(period) + 7 }],
    following: (period) => period + 1,
    ended: (period) => beginOf(period) > LAST_DAY,
  };
}

function days(rule: Rule, startDay: number): Periods {
  const { interval } = rule;
  const dayOf = (period: number) => startDay + period * interval;
  return {
    holding: (day) => numberOf(day - startDay, interval),
    spans: (period) => [{ begin: dayOf(period), end: dayOf(period) + 1 }],
    following: (period) => numberOf(allowedFrom(rule, dayOf(period + 1)) - startDay + interval - 1, interval),
    ended: (period) => dayOf(period) > LAST_DAY,
  };
}

/** The last period that begins within a distance from the first. */
function numberOf(distance: number, interval: number): number {
  return Math.max(0, Math.floor(distance / interval));
}

function monthSpan(year: number, month: number): Span {
  const begin = dayNumber(year, month, 1);
  return { begin, end: begin + daysInMonth(year, month) };
}
