/*
 * The local times of a rule that is DAILY or longer. Periods are numbered from DTSTART, so the one that holds
 * any given time is found by arithmetic: the cost of an answer does not depend on the distance from DTSTART.
 */
import { DAY_SECONDS, modulo, SECOND_MS, type WallMs } from "../civil.ts";
import { type TimesOfDay, timesOfDay } from "../time-of-day.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { type Budget, spend } from "./budget.ts";
import { type DayTest, dayTest, withImpliedDays } from "./days.ts";
import { periodsOf, type Span } from "./periods.ts";
import type { Rule } from "./rule.ts";

/** Days of a period, ascending. */
type Days = readonly number[];

export function ruleCalendar(rule: Rule, dtstart: WallMs, budget: Budget): WallCalendar {
  const startSecond = Math.floor(dtstart / SECOND_MS);
  const startDay = Math.floor(startSecond / DAY_SECONDS);
  const full = withImpliedDays(rule, startDay);
  const times = timesOfDay({
    hours: rule.byHour.length > 0 ? rule.byHour : [Math.floor(modulo(startSecond, DAY_SECONDS) / 3600)],
    minutes: rule.byMinute.length > 0 ? rule.byMinute : [Math.floor(modulo(startSecond, 3600) / 60)],
    seconds: rule.bySecond.length > 0 ? rule.bySecond : [modulo(startSecond, 60)],
  });
  const periods = periodsOf(full, startDay);
  const test = dayTest(full);
  const daysOf = rememberLast((period: number) => matching(periods.spans(period), test, budget));
  const firstIn = rule.bySetPos.length > 0 ? firstByPosition(rule.bySetPos, times) : firstByTime(times);

  return {
    next: (after) => {
      const second = Math.max(Math.floor(after / SECOND_MS), startSecond - 1);
      let period = periods.holding(Math.floor((second + 1) / DAY_SECONDS));
      for (;;) {
        const days = periods.ended(period) ? null : daysOf(period);
        if (days === null) return null;
        const found = days.length === 0 ? null : firstIn(days, second);
        if (found !== null) return found * SECOND_MS;
        period = periods.following(period);
      }
    },
  };
}

/** The days that meet the test; null when the budget is spent. */
function matching(spans: readonly Span[], test: DayTest, budget: Budget): Days | null {
  const days: number[] = [];
  if (!spend(budget, 1)) return null;
  for (const { begin, end } of spans) {
    if (!spend(budget, end - begin)) return null;
    for (let day = begin; day < end; day++) if (test(day)) days.push(day);
  }
  return days;
}

type FirstIn = (days: Days, after: number) => number | null;

/** The first second after `after` on one of the days. */
function firstByTime(times: TimesOfDay): FirstIn {
  return (days, after) => {
    const second = after + 1;
    const today = Math.floor(second / DAY_SECONDS);
    for (const day of days) {
      if (day < today) continue;
      const time = times.atOrAfter(day === today ? second - day * DAY_SECONDS : 0);
      if (time !== null) return day * DAY_SECONDS + time;
    }
    return null;
  };
}

/** The same among the places that BYSETPOS leaves of the period's whole set. */
function firstByPosition(positions: readonly number[], times: TimesOfDay): FirstIn {
  return (days, after) => {
    const total = days.length * times.count;
    let first: number | null = null;
    for (const position of positions) {
      const index = position > 0 ? position - 1 : total + position;
      const day = days[Math.floor(index / times.count)];
      if (index < 0 || day === undefined) continue;
      const second = day * DAY_SECONDS + times.at(index % times.count);
      if (second > after && (first === null || second < first)) first = second;
    }
    return first;
  };
}

/** Neighbouring questions mostly fall into the same period. */
function rememberLast(compute: (period: number) => Days | null): (period: number) => Days | null {
  let lastPeriod = -1;
  let lastDays: Days | null = null;
  return (period) => {
    if (period === lastPeriod && lastDays !== null) return lastDays;
    lastDays = compute(period);
    lastPeriod = period;
    return lastDays;
  };
}
