/*
 * Which days a rule's BY parts select (RFC 5545 §3.3.10). Every part is a set of days of a month, a rule the days that
 * are in all of them; what a rule leaves out is taken from DTSTART. The days of a month depend on the kind of its
 * year alone, so they are worked out once for each kind, when they are first needed.
 */
import { civilDate, dayNumber, daysInMonth, daysInYear, isLeapYear, modulo, weekdayOf } from "../civil.ts";
import type { DaySet, DaysOf } from "../day-set.ts";
import { lowerBound } from "./lower-bound.ts";
import type { Rule, Weekday } from "./rule.ts";

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
  const parts = dayParts(rule);
  const kindOf = isCountedThroughYears(rule) ? kindOfYear : kindOfMonth;
  const remembered = new Map<number, DaySet>();
  return (year, month) => {
    if ((allowed & (1 << month)) === 0) return 0;
    const kind = kindOf(year, month) * 12 + month - 1;
    const known = remembered.get(kind);
    if (known !== undefined) return known;
    let days = firstDays(daysInMonth(year, month));
    for (const part of parts) days &= part(year, month);
    remembered.set(kind, days);
    return days;
  };
}

function firstDays(count: number): DaySet {
  return (-1 >>> (31 - count)) & ~1;
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

/** Each part but BYMONTH; what it says of days that the month does not have means nothing. */
function dayParts(rule: Rule): DaysOf[] {
  const parts: DaysOf[] = [];
  if (rule.byMonthDay.length > 0) parts.push(monthDays(rule));
  if (rule.byYearDay.length > 0) parts.push(yearDays(rule));
  if (rule.byDay.length > 0) parts.push(weekdays(rule));
  if (rule.byWeekNo.length > 0) parts.push(weeks(rule));
  return parts;
}

function monthDays({ byMonthDay }: Rule): DaysOf {
  return (year, month) => {
    const count = daysInMonth(year, month);
    const days = { first: 1, count, apart: 1 };
    return named(byMonthDay, 1, days) | named(byMonthDay, -count, days);
  };
}

function yearDays({ byYearDay }: Rule): DaysOf {
  return (year, month) => {
    const number = dayNumber(year, month, 1) - dayNumber(year, 1, 1) + 1;
    const days = { first: 1, count: daysInMonth(year, month), apart: 1 };
    return named(byYearDay, number, days) | named(byYearDay, number - daysInYear(year) - 1, days);
  };
}

/** Weekdays are counted through a month or a year; in shorter periods their number means nothing. */
function weekdays(rule: Rule): DaysOf {
  const isCounted = ({ nth }: Weekday) => nth !== 0 && (rule.freq === "YEARLY" || rule.freq === "MONTHLY");
  const inMonth = rule.freq === "MONTHLY" || rule.byMonth.length > 0;
  const given = [...new Set(rule.byDay.map(({ weekday }) => weekday))].map((weekday) => {
    const same = rule.byDay.filter((one) => one.weekday === weekday);
    const every = !same.every(isCounted);
    return { weekday, every, numbers: same.map(({ nth }) => nth).sort((a, b) => a - b) };
  });
  return (year, month) => {
    const begin = dayNumber(year, month, 1);
    const length = daysInMonth(year, month);
    const countedFrom = inMonth ? begin : dayNumber(year, 1, 1);
    const countedTo = countedFrom + (inMonth ? length : daysInYear(year)) - 1;
    let days = 0;
    for (const { weekday, every, numbers } of given) {
      const first = 1 + modulo(weekday - weekdayOf(begin), 7);
      if (every) days |= EVERY_WEEK << first;
      const fromStart = Math.floor((begin + first - 1 - countedFrom) / 7) + 1;
      const fromEnd = Math.floor((countedTo - begin - first + 1) / 7) + 1;
      const inTurn = { first, count: Math.floor((length - first) / 7) + 1, apart: 7 };
      if (!every) days |= named(numbers, fromStart, inTurn) | named(numbers, -fromEnd, inTurn);
    }
    return days;
  };
}

/** Day 0 and all that lie weeks after it. */
const EVERY_WEEK: DaySet = 1 | (1 << 7) | (1 << 14) | (1 << 21) | (1 << 28);

/** Of so many days, equally far apart and numbered in a row from `number` on, those whose number an ascending list holds. */
function named(
  numbers: readonly number[],
  number: number,
  { first, count, apart }: { first: number; count: number; apart: number },
): DaySet {
  let days = 0;
  for (let place = lowerBound(numbers, number); ; place++) {
    const nth = (numbers[place] ?? Number.POSITIVE_INFINITY) - number;
    if (nth >= count) return days;
    days |= 1 << (first + nth * apart);
  }
}

/** Week 1 is the first with at least four days in the year; weeks from the end count as negative numbers. */
function weeks({ byWeekNo, weekStart }: Rule): DaysOf {
  const numbers = new Set(byWeekNo);
  /** The fourth day of a week decides to which year it belongs. */
  const middleOf = (day: number) => day - modulo(weekdayOf(day) - weekStart, 7) + 3;
  const numberOf = (middle: number, year: number) => Math.floor((middle - dayNumber(year, 1, 1)) / 7) + 1;
  const fits = (middle: number): boolean => {
    const { year } = civilDate(middle);
    const number = numberOf(middle, year);
    // 28 December always lies in the last week of its year.
    const last = numberOf(middleOf(dayNumber(year, 12, 28)), year);
    return numbers.has(number) || numbers.has(number - last - 1);
  };
  return (year, month) => {
    const begin = dayNumber(year, month, 1);
    let days = 0;
    for (let first = middleOf(begin) - 3 - begin + 1; first <= 31; first += 7) {
      if (fits(begin + first - 1 + 3)) days |= first < 0 ? WEEK >> -first : WEEK << first;
    }
    return days;
  };
}

/** Seven days in a row, from day 0 on. */
const WEEK: DaySet = 0b111_1111;
