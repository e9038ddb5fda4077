/*
 * The local times of an HOURLY, MINUTELY or SECONDLY rule, at one UTC offset. Its periods are numbered from
 * DTSTART like those of longer rules; where a BY part rules a stretch of time out, the search goes on at its end
 * instead of trying every period in it.
 */
import { type Budget, spend } from "../budget.ts";
import { DAY_SECONDS, dayNumber, modulo, SECOND_MS, type WallMs, YEAR_MAX } from "../civil.ts";
import { firstDay } from "../day-set.ts";
import { ValueSet } from "../time-of-day.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { daysOfRule } from "./days.ts";
import { leastCommonMultiple, selectionCycle } from "./periods.ts";
import type { Rule } from "./rule.ts";

/** Seconds of a period. */
export const SUBDAILY_SECONDS: ReadonlyMap<string, number> = new Map([
  ["HOURLY", 3600],
  ["MINUTELY", 60],
  ["SECONDLY", 1],
]);

const LAST_SECOND = dayNumber(YEAR_MAX + 1, 1, 1) * DAY_SECONDS;

export function subdailyCalendar(rule: Rule, dtstart: WallMs, budget: Budget): WallCalendar {
  const unit = SUBDAILY_SECONDS.get(rule.freq) ?? 1;
  const startSecond = Math.floor(dtstart / SECOND_MS);
  const anchor = startSecond - modulo(startSecond, unit);
  const step = unit * rule.interval;
  const offsets = withinPeriod(rule, startSecond, unit);
  const cycleSeconds = leastCommonMultiple(step, DAY_SECONDS * selectionCycle(rule));
  const skip = skipper(rule, unit, budget);
  const periodFrom = (second: number) => anchor + Math.max(0, Math.ceil((second - anchor) / step)) * step;

  return {
    next: (after) => {
      const afterSecond = Math.max(Math.floor(after / SECOND_MS), startSecond - 1);
      let begin = periodFrom(afterSecond + 1 - modulo(afterSecond + 1 - anchor, unit));
      const end = Math.min(LAST_SECOND, begin + cycleSeconds + step);
      while (begin < end && spend(budget, 1)) {
        const allowed = skip(begin);
        if (allowed > begin) {
          begin = periodFrom(allowed);
          continue;
        }
        const offset = offsets.find((within) => begin + within > afterSecond);
        if (offset !== undefined) return (begin + offset) * SECOND_MS;
        begin += step;
      }
      return null;
    },
  };
}

/** Seconds within a period that occur in it, ascending; BYSETPOS applied. */
function withinPeriod(rule: Rule, startSecond: number, unit: number): readonly number[] {
  const seconds = rule.bySecond.length > 0 ? rule.bySecond : [modulo(startSecond, 60)];
  const minutes = rule.byMinute.length > 0 ? rule.byMinute : [Math.floor(modulo(startSecond, 3600) / 60)];
  let all: readonly number[] = [0];
  if (unit === 60) all = seconds;
  if (unit === 3600) all = minutes.flatMap((minute) => seconds.map((second) => minute * 60 + second));
  if (rule.bySetPos.length === 0) return all;
  const places = new Set(rule.bySetPos);
  return all.filter((_, index) => places.has(index + 1) || places.has(index - all.length));
}

/** The first second at or after a period's begin that the limiting parts do not rule out; it may lie inside a stretch still to be tried. */
function skipper(rule: Rule, unit: number, budget: Budget): (second: number) => number {
  const limitsDays = [rule.byMonth, rule.byMonthDay, rule.byYearDay, rule.byWeekNo, rule.byDay].some(
    (part) => part.length > 0,
  );
  const daysOf = daysOfRule(rule);
  const hours = rule.byHour.length > 0 ? new ValueSet(rule.byHour) : null;
  const minutes = unit < 3600 && rule.byMinute.length > 0 ? new ValueSet(rule.byMinute) : null;
  const seconds = unit < 60 && rule.bySecond.length > 0 ? new ValueSet(rule.bySecond) : null;

  return (second) => {
    if (limitsDays) {
      const day = Math.floor(second / DAY_SECONDS);
      const allowed = firstDay(daysOf, day, budget);
      if (allowed !== day) return allowed === null ? LAST_SECOND : allowed * DAY_SECONDS;
    }
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
