/*
 * The two day fields with their own forms, and the days of a month that they select. Day-of-month: `L` (last
 * day), `L-n` (n days before it), `15W` (the weekday nearest to the 15th, within the month), `LW`, `L-nW`.
 * Day-of-week: `5L` (last Friday), `5#3` (third Friday), `1-3#1`, `SUN#L`.
 */
import { modulo } from "../civil.ts";
import type { DaySet } from "../day-set.ts";
import { MONTH_DAY, refuse, valuesOf, WEEKDAY } from "./field.ts";

/** What the days of a month depend on: its length and the weekday of its first day (0 Sunday). */
export interface MonthShape {
  readonly length: number;
  readonly firstWeekday: number;
}

/** The days that one item of a field selects. */
export type DayRule = (month: MonthShape) => DaySet;

export function parseMonthDays(text: string): DayRule[] {
  return text.split(",").map(monthDayRule);
}

export function parseWeekdays(text: string): DayRule[] {
  return text.split(",").map(weekdayRule);
}

/** The days that any of the rules selects. */
export function selectDays(rules: readonly DayRule[], month: MonthShape): DaySet {
  return rules.reduce((days, rule) => days | rule(month), 0);
}

/** Every day of a month. */
export function allDays({ length }: MonthShape): DaySet {
  return -2 & ~(-2 << length);
}

const NEAREST = /^(\d{1,2})W$/i;
const FROM_END = /^L(?:-(\d{1,2}))?(W)?$/i;
const MONTH_DAY_FORMS = "1 to 31, *, a range a-b, a step, L, L-n, nW or LW, or a list of these";
/** `L-30` is the first day of a month of 31. */
const BEFORE_LAST_MAX = 30;

function monthDayRule(item: string): DayRule {
  const nearest = NEAREST.exec(item);
  if (nearest !== null) {
    const day = Number(nearest[1]);
    if (day < 1 || day > MONTH_DAY.max) refuse(MONTH_DAY, item, "1W to 31W");
    return (month) => (day > month.length ? 0 : 1 << nearestWorkday(day, month));
  }
  const fromEnd = FROM_END.exec(item);
  if (fromEnd !== null) {
    const before = Number(fromEnd[1] ?? 0);
    if (before > BEFORE_LAST_MAX) refuse(MONTH_DAY, item, `L-0 to L-${BEFORE_LAST_MAX}`);
    return (month) => {
      const day = month.length - before;
      if (day < 1) return 0;
      return 1 << (fromEnd[2] === undefined ? day : nearestWorkday(day, month));
    };
  }
  if (/[LW#?]/i.test(item)) refuse(MONTH_DAY, item, MONTH_DAY_FORMS);
  const days = valuesOf(MONTH_DAY, item).reduce((set, day) => set | (1 << day), 0);
  return (month) => days & allDays(month);
}

/** Saturday goes back to Friday, Sunday on to Monday, but never out of the month. */
function nearestWorkday(day: number, { length, firstWeekday }: MonthShape): number {
  const weekday = (firstWeekday + day - 1) % 7;
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === length ? day - 2 : day + 1;
  return day;
}

const NTH = /^([A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:#([1-5L])|L)$/i;
const WEEKDAY_FORMS =
  "0 to 7 or SUN to SAT, *, a range a-b, a step, nL, n#1 to n#5 or n#L, or a list of these";

function weekdayRule(item: string): DayRule {
  const nth = NTH.exec(item);
  if (nth === null) {
    if (/[#?]/.test(item) || /^(?:L|W|LW)$/i.test(item)) refuse(WEEKDAY, item, WEEKDAY_FORMS);
    return everyWeek(weekdaysOf(item));
  }
  const weekdays = weekdaysOf(nth[1] ?? "");
  const place = nth[2]?.toUpperCase() ?? "L";
  return (month) => weekdays.reduce((set, weekday) => set | nthWeekday(weekday, place, month), 0);
}

function weekdaysOf(item: string): number[] {
  return [...new Set(valuesOf(WEEKDAY, item).map((weekday) => weekday % 7))];
}

function everyWeek(weekdays: readonly number[]): DayRule {
  return (month) => {
    let set = 0;
    for (const weekday of weekdays) {
      for (let day = firstOf(weekday, month); day <= month.length; day += 7) set |= 1 << day;
    }
    return set;
  };
}

function nthWeekday(weekday: number, place: string, month: MonthShape): DaySet {
  const first = firstOf(weekday, month);
  const day =
    place === "L" ? first + 7 * Math.floor((month.length - first) / 7) : first + 7 * (Number(place) - 1);
  return day > month.length ? 0 : 1 << day;
}

/** The first day of the month that is such a weekday, 1 to 7. */
function firstOf(weekday: number, { firstWeekday }: MonthShape): number {
  return 1 + modulo(weekday - firstWeekday, 7);
}
