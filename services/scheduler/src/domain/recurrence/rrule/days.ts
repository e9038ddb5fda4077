/*
 * Which days a rule's BY parts select (RFC 5545 §3.3.10). Every part is a condition on a day; a period of the
 * rule's frequency is searched for the days that meet all of them. What a rule leaves out is taken from DTSTART.
 */
import {
  type CivilDate,
  civilDate,
  dayNumber,
  daysInMonth,
  daysInYear,
  modulo,
  weekdayOf,
} from "../civil.ts";
import type { Rule, Weekday } from "./rule.ts";

export type DayTest = (day: number) => boolean;

/** The rule with the day parts that DTSTART implies. */
export function withImpliedDays(rule: Rule, start: number): Rule {
  const { byDay, byMonthDay, byYearDay, byWeekNo, byMonth } = rule;
  if (byDay.length > 0 || byMonthDay.length > 0 || byYearDay.length > 0) return rule;
  const { month, day } = civilDate(start);
  const sameWeekday: Weekday[] = [{ weekday: weekdayOf(start), nth: 0 }];
  if (rule.freq === "WEEKLY" || (rule.freq === "YEARLY" && byWeekNo.length > 0))
    return { ...rule, byDay: sameWeekday };
  if (rule.freq === "MONTHLY") return { ...rule, byMonthDay: [day] };
  if (rule.freq === "YEARLY")
    return { ...rule, byMonthDay: [day], byMonth: byMonth.length > 0 ? byMonth : [month] };
  return rule;
}

/** Whether a day meets all parts, BYMONTH included. The cheapest come first: most days fail one of them. */
export function dayTest(rule: Rule): DayTest {
  const plain = plainWeekdays(rule);
  const tests = dateTests(rule);
  if (rule.byDay.some((given) => isCounted(rule, given))) tests.push(weekdayTest(rule));
  else if (plain.size > 0) return all((weekday) => plain.has(weekday), tests);
  return all(() => true, tests);
}

type DateTest = (day: number, date: CivilDate) => boolean;

function all(fits: (weekday: number) => boolean, tests: readonly DateTest[]): DayTest {
  return (day) => {
    if (!fits(weekdayOf(day))) return false;
    if (tests.length === 0) return true;
    const date = civilDate(day);
    for (const test of tests) if (!test(day, date)) return false;
    return true;
  };
}

function dateTests(rule: Rule): DateTest[] {
  const tests: DateTest[] = [];
  if (rule.byMonth.length > 0) {
    const months = new Set(rule.byMonth);
    tests.push((_, { month }) => months.has(month));
  }
  if (rule.byMonthDay.length > 0) {
    const monthDays = new Set(rule.byMonthDay);
    tests.push(
      (_, { year, month, day }) => monthDays.has(day) || monthDays.has(day - daysInMonth(year, month) - 1),
    );
  }
  if (rule.byYearDay.length > 0) {
    const yearDays = new Set(rule.byYearDay);
    tests.push((day, { year }) => {
      const ofYear = day - dayNumber(year, 1, 1) + 1;
      return yearDays.has(ofYear) || yearDays.has(ofYear - daysInYear(year) - 1);
    });
  }
  if (rule.byWeekNo.length > 0) tests.push(weekNumberTest(rule));
  return tests;
}

/** The first day at or after `day` whose month the rule allows. */
export function allowedFrom({ byMonth }: Rule, day: number): number {
  if (byMonth.length === 0) return day;
  const { year, month } = civilDate(day);
  if (byMonth.includes(month)) return day;
  const later = byMonth.find((allowed) => allowed > month);
  return later === undefined ? dayNumber(year + 1, byMonth[0] ?? 1, 1) : dayNumber(year, later, 1);
}

/** Week 1 is the first with at least four days in the year; weeks from the end count as negative numbers. */
function weekNumberTest({ byWeekNo, weekStart }: Rule): DayTest {
  const weekNumbers = new Set(byWeekNo);
  /** The fourth day of a week decides to which year it belongs. */
  const middleOf = (day: number) => day - modulo(weekdayOf(day) - weekStart, 7) + 3;
  const numberOf = (middle: number, year: number) => Math.floor((middle - dayNumber(year, 1, 1)) / 7) + 1;
  return (day) => {
    const middle = middleOf(day);
    const { year } = civilDate(middle);
    const weekNumber = numberOf(middle, year);
    // 28 December always lies in the last week of its year.
    return (
      weekNumbers.has(weekNumber) ||
      weekNumbers.has(weekNumber - numberOf(middleOf(dayNumber(year, 12, 28)), year) - 1)
    );
  };
}

/** Weekdays are counted through a month or a year; in shorter periods their number means nothing. */
function isCounted({ freq }: Rule, { nth }: Weekday): boolean {
  return nth !== 0 && (freq === "YEARLY" || freq === "MONTHLY");
}

function plainWeekdays(rule: Rule): ReadonlySet<number> {
  return new Set(rule.byDay.filter((given) => !isCounted(rule, given)).map(({ weekday }) => weekday));
}

function weekdayTest(rule: Rule): DateTest {
  const plain = plainWeekdays(rule);
  const counted = new Set(rule.byDay.map(({ weekday, nth }) => key(weekday, nth)));
  const inMonth = rule.freq === "MONTHLY" || rule.byMonth.length > 0;
  return (day, { year, month }) => {
    const weekday = weekdayOf(day);
    if (plain.has(weekday)) return true;
    const first = dayNumber(year, inMonth ? month : 1, 1);
    const last = first + (inMonth ? daysInMonth(year, month) : daysInYear(year)) - 1;
    const fromStart = Math.floor((day - first) / 7) + 1;
    const fromEnd = Math.floor((last - day) / 7) + 1;
    return counted.has(key(weekday, fromStart)) || counted.has(key(weekday, -fromEnd));
  };
}

function key(weekday: number, nth: number): number {
  return nth * 7 + weekday;
}
