/*
 * The local times of a cron expression. The days of a month depend only on the month, its length and the
 * weekday of its first day; there are 14 kinds of years, so at most 168 such sets exist, each computed when it
 * is first needed. That makes "never fires" an exact answer, and a search a matter of looking up months.
 *
 * croner is the oracle in the tests, not the calculator: one compiled croner pattern holds 80 kB, a search that
 * finds nothing takes it up to 60 ms, and its rules for clock changes have differed between major versions.
 */
import {
  civilDate,
  DAY_SECONDS,
  dayNumber,
  daysInMonth,
  SECOND_MS,
  type WallMs,
  weekdayOf,
  YEAR_MAX,
} from "../civil.ts";
import { timesOfDay } from "../time-of-day.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { allDays, type DaySet, selectDays } from "./day-field.ts";
import type { CronExpression } from "./expression.ts";

export interface CronOptions {
  /** How day-of-month and day-of-week combine where both are restricted. */
  readonly dayMatch: "or" | "and";
}

export interface CronCalendar extends WallCalendar {
  /** No date of any year matches. */
  readonly neverFires: boolean;
}

/**
 * How far a search looks ahead; past it the answer is null. The longest wait is 40 years: 29 February on one
 * weekday, across a century without a leap day.
 */
const SEARCH_MONTHS = 48 * 12;

export function cronCalendar(cron: CronExpression, options: CronOptions): CronCalendar {
  const times = timesOfDay(cron);
  const firstTime = times.at(0);
  const daysOf = monthDays(cron, options);

  const next = (after: WallMs): WallMs | null => {
    const second = Math.floor(after / SECOND_MS) + 1;
    const startDay = Math.floor(second / DAY_SECONDS);
    const start = civilDate(startDay);
    if (daysOf(start.year, start.month) & (1 << start.day)) {
      const time = times.atOrAfter(second - startDay * DAY_SECONDS);
      if (time !== null) return (startDay * DAY_SECONDS + time) * SECOND_MS;
    }
    const day = nextDay(start.year, start.month, start.day + 1);
    return day === null ? null : (day * DAY_SECONDS + firstTime) * SECOND_MS;
  };

  const nextDay = (startYear: number, startMonth: number, startDay: number): number | null => {
    let remaining = startDay > 31 ? 0 : -1 << startDay;
    for (let ahead = startMonth - 1; ahead < startMonth + SEARCH_MONTHS; ahead++) {
      const year = startYear + Math.floor(ahead / 12);
      const month = (ahead % 12) + 1;
      if (year > YEAR_MAX) return null;
      const days = daysOf(year, month) & remaining;
      if (days !== 0) return dayNumber(year, month, lowestDay(days));
      remaining = -1;
    }
    return null;
  };

  return { next, neverFires: nextDay(2000, 1, 1) === null };
}

function lowestDay(days: DaySet): number {
  return 31 - Math.clz32(days & -days);
}

/** The days of a month that match, remembered by the kind of the year. */
function monthDays(cron: CronExpression, { dayMatch }: CronOptions): (year: number, month: number) => DaySet {
  const months = new Set(cron.months);
  const remembered = new Map<number, DaySet>();

  return (year, month) => {
    if (!months.has(month)) return 0;
    const length = daysInMonth(year, month);
    const firstWeekday = weekdayOf(dayNumber(year, month, 1));
    const index = ((month - 1) * 4 + (length - 28)) * 7 + firstWeekday;
    const known = remembered.get(index);
    if (known !== undefined) return known;
    const days = matchingDays(cron, dayMatch, { length, firstWeekday });
    remembered.set(index, days);
    return days;
  };
}

function matchingDays(
  { monthDays, weekdays }: CronExpression,
  dayMatch: "or" | "and",
  month: { length: number; firstWeekday: number },
): DaySet {
  if (monthDays === null) return weekdays === null ? allDays(month) : selectDays(weekdays, month);
  const byDate = selectDays(monthDays, month);
  if (weekdays === null) return byDate;
  const byWeekday = selectDays(weekdays, month);
  return dayMatch === "and" ? byDate & byWeekday : byDate | byWeekday;
}
