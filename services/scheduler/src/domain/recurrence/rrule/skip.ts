/*
 * What the BY parts of a rule shorter than DAILY rule out: whole days, and stretches of each day. Periods come at
 * equal distances, so the times of day at which one can begin are known, and whether any of them is allowed.
 */
import type { Budget } from "../budget.ts";
import { DAY_SECONDS, modulo } from "../civil.ts";
import { firstDay } from "../day-set.ts";
import { ValueSet } from "../time-of-day.ts";
import { daysOfRule } from "./days.ts";
import { greatestCommonDivisor } from "./periods.ts";
import type { Rule } from "./rule.ts";

/** The first allowed day at or after one; null when there is none, or the budget is spent. */
export function daySkipper(rule: Rule, budget: Budget): (day: number) => number | null {
  const { byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = rule;
  if ([byMonth, byMonthDay, byYearDay, byWeekNo, byDay].every((part) => part.length === 0))
    return (day) => day;
  const daysOf = daysOfRule(rule);
  let askedDay = 0;
  let allowedDay = -1;
  return (day) => {
    if (day >= askedDay && day <= allowedDay) return allowedDay;
    const found = firstDay(daysOf, day, budget);
    if (found === null) return null;
    askedDay = day;
    allowedDay = found;
    return found;
  };
}

type TimeFrom = (second: number) => number;

/** The first second at or after a period's begin whose time of day is allowed; it may lie inside a stretch still to be tried. */
export function timeSkipper(rule: Rule, unit: number): TimeFrom {
  const hours = rule.byHour.length > 0 ? new ValueSet(rule.byHour) : null;
  const minutes = unit < 3600 && rule.byMinute.length > 0 ? new ValueSet(rule.byMinute) : null;
  const seconds = unit < 60 && rule.bySecond.length > 0 ? new ValueSet(rule.bySecond) : null;
  return (second) => {
    const hour = jump(hours, second, 3600, DAY_SECONDS);
    if (hour > second) return hour;
    const minute = jump(minutes, second, 60, 3600);
    return minute > second ? minute : jump(seconds, second, 1, 60);
  };
}

/** Where a unit of time is not allowed: the begin of the next one that is, or of the next whole; `second` itself where it is. */
function jump(allowed: ValueSet | null, second: number, unit: number, whole: number): number {
  if (allowed === null) return second;
  const begin = second - modulo(second, whole);
  const value = Math.floor((second - begin) / unit);
  const follower = allowed.atOrAfter(value);
  if (follower === value) return second;
  return follower < 0 ? begin + whole : begin + follower * unit;
}

/** Whether periods that begin every `step` seconds from `anchor` on ever begin at an allowed time of day. */
export function everAllowed(timeFrom: TimeFrom, anchor: number, step: number): boolean {
  const apart = greatestCommonDivisor(step, DAY_SECONDS);
  for (let time = modulo(anchor, apart); time < DAY_SECONDS; ) {
    const allowed = timeFrom(time);
    if (allowed === time) return true;
    time += Math.ceil((allowed - time) / apart) * apart;
  }
  return false;
}
