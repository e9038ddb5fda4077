/*
 * Days that are selected by month: a set of bits for each, and the search through them. The calendar repeats
 * every 400 years, to the day of the week, so a search that has seen as many and found nothing never will.
 */
import { type Budget, spend, UNLIMITED } from "./budget.ts";
import { civilDate, dayNumber, YEAR_MAX } from "./civil.ts";
import { lowestBit } from "./time-of-day.ts";

/** A set of days of a month: bit n stands for day n, 1 to 31. */
export type DaySet = number;

/** The days that are selected of a month, 1 to 12. */
export type DaysOf = (year: number, month: number) => DaySet;

/** After it every month comes again as it was. */
const CYCLE_MONTHS = 4_800;

/** Months that are looked up in the time of one step. */
const MONTHS_A_STEP = 4;
/** Days that are listed in the time of one step. */
const DAYS_A_STEP = 8;

/** The first selected day at or after `from`; null when there is none up to the last year, or the budget is spent. */
export function firstDay(daysOf: DaysOf, from: number, budget: Budget = UNLIMITED): number | null {
  let { year, month, day } = civilDate(from);
  for (let passed = 0; passed <= CYCLE_MONTHS && year <= YEAR_MAX; passed++) {
    const days = daysOf(year, month) & (-1 << day);
    if (days !== 0) {
      return spend(budget, 1 + passed / MONTHS_A_STEP) ? dayNumber(year, month, lowestBit(days)) : null;
    }
    day = 0;
    month = month === 12 ? 1 : month + 1;
    if (month === 1) year++;
  }
  return null;
}

/** The selected days from `begin` up to, and without, `end`, ascending; null when the budget is spent. */
export function daysBetween(
  daysOf: DaysOf,
  { begin, end }: { begin: number; end: number },
  budget: Budget,
): number[] | null {
  const found: number[] = [];
  let { year, month } = civilDate(begin);
  for (let first = dayNumber(year, month, 1); first < end; first = dayNumber(year, month, 1)) {
    if (!spend(budget, 1)) return null;
    for (let days = daysOf(year, month); days !== 0; days &= days - 1) {
      const day = first - 1 + lowestBit(days);
      if (day >= begin && day < end) found.push(day);
    }
    month = month === 12 ? 1 : month + 1;
    if (month === 1) year++;
  }
  return spend(budget, found.length / DAYS_A_STEP) ? found : null;
}
