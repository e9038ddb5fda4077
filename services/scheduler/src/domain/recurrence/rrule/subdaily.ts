/*
 * The local times of an HOURLY, MINUTELY or SECONDLY rule, at one UTC offset. Its periods are numbered from
 * DTSTART like those of longer rules; where a BY part rules a stretch of time out, the search goes on at its end
 * instead of trying every period in it.
 */
import { remembering } from "../answers.ts";
import { type Budget, spend } from "../budget.ts";
import { DAY_SECONDS, modulo, SECOND_MS, type WallMs } from "../civil.ts";
import type { WallCalendar } from "../wall-timeline.ts";
import { lowerBound } from "./lower-bound.ts";
import { LAST_DAY, leastCommonMultiple, selectionCycle } from "./periods.ts";
import type { Rule } from "./rule.ts";
import { daySkipper, everAllowed, timeSkipper } from "./skip.ts";

/** Seconds of a period. */
export const SUBDAILY_SECONDS: ReadonlyMap<string, number> = new Map([
  ["HOURLY", 3600],
  ["MINUTELY", 60],
  ["SECONDLY", 1],
]);

const LAST_SECOND = (LAST_DAY + 1) * DAY_SECONDS;

export function subdailyCalendar(rule: Rule, dtstart: WallMs, budget: Budget): WallCalendar {
  const unit = SUBDAILY_SECONDS.get(rule.freq) ?? 1;
  const startSecond = Math.floor(dtstart / SECOND_MS);
  const anchor = startSecond - modulo(startSecond, unit);
  const step = unit * rule.interval;
  const offsets = withinPeriod(rule, startSecond, unit);
  if (offsets.length === 0) return { next: () => null };
  const cycleSeconds = leastCommonMultiple(step, DAY_SECONDS * selectionCycle(rule));
  const timeFrom = timeSkipper(rule, unit);
  if (!everAllowed(timeFrom, anchor, step)) return { next: () => null };
  const dayFrom = daySkipper(rule, budget);
  const periodFrom = (second: number) => anchor + Math.max(0, Math.ceil((second - anchor) / step)) * step;

  const next = (after: WallMs): WallMs | null => {
    const afterSecond = Math.max(Math.floor(after / SECOND_MS), startSecond - 1);
    let begin = periodFrom(afterSecond + 1 - modulo(afterSecond + 1 - anchor, unit));
    const end = Math.min(LAST_SECOND, begin + cycleSeconds + step);
    while (begin < end && spend(budget, 1)) {
      const day = Math.floor(begin / DAY_SECONDS);
      const allowedDay = dayFrom(day);
      if (allowedDay === null) return null;
      const allowed = allowedDay > day ? allowedDay * DAY_SECONDS : timeFrom(begin);
      if (allowed > begin) {
        begin = periodFrom(allowed);
        continue;
      }
      const offset = offsets[lowerBound(offsets, afterSecond + 1 - begin)];
      if (offset !== undefined) return (begin + offset) * SECOND_MS;
      begin += step;
    }
    return null;
  };
  return { next: remembering(next, () => budget.left < 0) };
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
