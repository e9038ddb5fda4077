/*
 * The local times of a cron expression. The days of a month depend only on the month, its length and the
 * weekday of its first day; there are 28 kinds of them, each computed when it is first needed. That makes "never
 * fires" an exact answer, and a search a matter of looking up months.
 *
 * croner is the oracle in the tests, not the calculator: one compiled croner pattern holds 80 kB, a search that
 * finds nothing takes it up to 60 ms, and its rules for clock changes have differed between major versions.
 */
import { DAY_SECONDS, dayNumber, daysInMonth, SECOND_MS, type WallMs, weekdayOf } from "../civil.ts";
import { type DaySet, type DaysOf, firstDay } from "../day-set.ts";
import { TimesOfDay } from "../time-of-day.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { allDays, selectDays } from "./day-field.ts";
import type { CronExpression } from "./expression.ts";

export interface CronOptions {
  /** How day-of-month and day-of-week combine where both are restricted. */
  readonly dayMatch: "or" | "and";
}

export interface CronCalendar extends WallCalendar {
  /** No date of any year matches. */
  readonly neverFires: boolean;
}

/** 2000-01-01, in whole days. */
const ANY_DAY = 10_957;

export function cronCalendar(cron: CronExpression, options: CronOptions): CronCalendar {
  const times = new TimesOfDay(cron);
  const daysOf = monthDays(cron, options);
  const next = (after: WallMs): WallMs | null => {
    const second = Math.floor(after / SECOND_MS) + 1;
    const today = Math.floor(second / DAY_SECONDS);
    let day = firstDay(daysOf, today);
    let time = day === today ? times.atOrAfter(second - today * DAY_SECONDS) : times.atOrAfter(0);
    if (time < 0) {
      day = firstDay(daysOf, today + 1);
      time = times.atOrAfter(0);
    }
    return day === null ? null : (day * DAY_SECONDS + time) * SECOND_MS;
  };
  return { next, neverFires: firstDay(daysOf, ANY_DAY) === null };
}

/** The days of a month that match, remembered by the kind of the month. */
function monthDays({ months, monthDays, weekdays }: CronExpression, { dayMatch }: CronOptions): DaysOf {
  const allowed = months.reduce((set, month) => set | (1 << month), 0);
  const match = { monthDays, weekdays, dayMatch };
  const remembered = new Map<number, DaySet>();
  return (year, month) => {
    if ((allowed & (1 << month)) === 0) return 0;
    const length = daysInMonth(year, month);
    const firstWeekday = weekdayOf(dayNumber(year, month, 1));
    const kind = (length - 28) * 7 + firstWeekday;
    const known = remembered.get(kind);
    if (known !== undefined) return known;
    const days = matchingDays(match, { length, firstWeekday });
    remembered.set(kind, days);
    return days;
  };
}

function matchingDays(
  {
    monthDays,
    weekdays,
    dayMatch,
  }: Pick<CronExpression, "monthDays" | "weekdays"> & Pick<CronOptions, "dayMatch">,
  month: { length: number; firstWeekday: number },
): DaySet {
  if (monthDays === null) return weekdays === null ? allDays(month) : selectDays(weekdays, month);
  const byDate = selectDays(monthDays, month);
  if (weekdays === null) return byDate;
  const byWeekday = selectDays(weekdays, month);
  return dayMatch === "and" ? byDate & byWeekday : byDate | byWeekday;
}
