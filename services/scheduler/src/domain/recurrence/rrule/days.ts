/*
 * Which days a rule's BY parts select (RFC 5545 §3.3.10). Every part is a condition on a day; what a rule leaves
 * out is taken from DTSTART. Whether a day meets them all depends on the kind of its year alone, so the days of a
 * month are tested once for each kind, when they are first needed.
 */
import {
  type CivilDate,
  civilDate,
  dayNumber,
  daysInMonth,
  daysInYear,
  isLeapYear,
  modulo,
  weekdayOf,
} from "../civil.ts";
import type { DaySet, DaysOf } from "../day-set.ts";
import type { Rule, Weekday } from "./rule.ts";

type DayTest = (day: number, date: CivilDate) => boolean;

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

/** The days of a month that meet all parts. */
export function daysOfRule(rule: Rule): DaysOf {
  const allowed = rule.byMonth.reduce((set, month) => set | (1 << month), 0) || ~0;
  const test = dayTest(rule);
  const kindOf = isCountedThroughYears(rule) ? kindOfYear : kindOfMonth;
  const remembered = new Map<number, DaySet>();
  return (year, month) => {
    if ((allowed & (1 << month)) === 0) return 0;
    const kind = kindOf(year, month) * 12 + month - 1;
    const known = remembered.get(kind);
    if (known !== undefined) return known;
    let days = 0;
    const first = dayNumber(year, month, 1);
    for (let day = 1; day <= daysInMonth(year, month); day++) {
      if (test(first + day - 1, { year, month, day })) days |= 1 << day;
    }
    remembered.set(kind, days);
    return days;
  };
}

/** It looks at more of a year than one month; weeks also at the years beside it. */
function isCountedThroughYears(rule: Rule): boolean {
  const counted =
    rule.freq === "YEARLY" && rule.byMonth.length === 0 && rule.byDay.some(({ nth }) => nth !== 0);
  return rule.byYearDay.length > 0 || rule.byWeekNo.length > 0 || counted;
}

function kindOfMonth(year: number, month: number): number {
  return weekdayOf(dayNumber(year, month, 1)) * 2 + Number(isLeapYear(year));
}

function kindOfYear(year: number): number {
  const leaps =
    Number(isLeapYear(year - 1)) * 4 + Number(isLeapYear(year)) * 2 + Number(isLeapYear(year + 1));
  return weekdayOf(dayNumber(year, 1, 1)) * 8 + leaps;
}

/** Whether a day meets all parts but BYMONTH. The cheapest come first: most days fail one of them. */
function dayTest(rule: Rule): DayTest {
  const plain = plainWeekdays(rule);
  const tests = dateTests(rule);
  if (rule.byDay.some((given) => isCounted(rule, given))) tests.push(weekdayTest(rule));
  else if (plain.size > 0) return all((weekday) => plain.has(weekday), tests);
  return all(() => true, tests);
}

function all(fits: (weekday: number) => boolean, tests: readonly DayTest[]): DayTest {
  return (day, date) => {
    if (!fits(weekdayOf(day))) return false;
    for (const test of tests) if (!test(day, date)) return false;
    return true;
  };
}

function dateTests(rule: Rule): DayTest[] {
  const tests: DayTest[] = [];
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

/** Week 1 is the first with at least four days in the year; weeks from the end count as negative numbers. */
function weekNumberTest({ byWeekNo, weekStart }: Rule): DayTest {
  const weekNumbers = new Set(byWeekNo);
  /** The fourth day of a week decides to which year it belongs. */
  const middleOf = (day: number) => day - modulo(weekdayOf(day) - weekStart, 7) + 3;
  const numberOf = (middle: number, year: number) => Math.floor((middle - dayNumber(year, 1, 1)) / 7) + 1;
  const fits = (middle: number): boolean => {
    const { year } = civilDate(middle);
    const weekNumber = numberOf(middle, year);
    // 28 December always lies in the last week of its year.
    return (
      weekNumbers.has(weekNumber) ||
      weekNumbers.has(weekNumber - numberOf(middleOf(dayNumber(year, 12, 28)), year) - 1)
    );
  };
  // Days are tested in order, so a week is looked at once.
  let lastMiddle = Number.NaN;
  let lastFits = false;
  return (day) => {
    const middle = middleOf(day);
    if (middle !== lastMiddle) {
      lastMiddle = middle;
      lastFits = fits(middle);
    }
    return lastFits;
  };
}

/** Weekdays are counted through a month or a year; in shorter periods their number means nothing. */
function isCounted({ freq }: Rule, { nth }: Weekday): boolean {
  return nth !== 0 && (freq === "YEARLY" || freq === "MONTHLY");
}

function plainWeekdays(rule: Rule): ReadonlySet<number> {
  return new Set(rule.byDay.filter((given) => !isCounted(rule, given)).map(({ weekday }) => weekday));
}

function weekdayTest(rule: Rule): DayTest {
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
