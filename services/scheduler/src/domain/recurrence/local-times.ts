/*
 * The local times that a cron or rrule trigger names, in no zone: what it would do on a clock that is never changed.
 * Rules shorter than a day count elapsed time and name none.
 */
import type { DstPolicy, EffectiveTrigger } from "@carillon/contracts";
import { NO_EFFORT } from "./budget.ts";
import type { WallMs } from "./civil.ts";
import { cronCalendar } from "./cron/calendar.ts";
import { parseCron } from "./cron/expression.ts";
import type { Recurrence } from "./recurrence.ts";
import { RruleFault } from "./rrule/fault.ts";
import { rruleTimeline } from "./rrule/recurrence.ts";
import type { Rule } from "./rrule/rule.ts";
import { SUBDAILY_SECONDS } from "./rrule/subdaily.ts";
import { parseRecurrenceText, type ZonedMoment } from "./rrule/text.ts";
import { instantsOf, type WallCalendar, wallOf } from "./wall-timeline.ts";
import { findZone, type Zone } from "./zone.ts";

export type LocalTimes = WallCalendar & Pick<Recurrence, "effort">;

/** Null: it names none, or what it names does not compile. */
export function localTimes(trigger: EffectiveTrigger): LocalTimes | null {
  if (trigger.type === "cron") return ofCron(trigger);
  if (trigger.type !== "rrule") return null;
  try {
    return ofRrule(trigger);
  } catch (error) {
    if (error instanceof RruleFault) return null;
    throw error;
  }
}

function ofCron({ expression, dayMatch }: Extract<EffectiveTrigger, { type: "cron" }>): LocalTimes | null {
  const parsed = parseCron(expression);
  return parsed.ok ? { ...cronCalendar(parsed.cron, { dayMatch }), effort: NO_EFFORT } : null;
}

/** The same text, with all that is zoned brought to the clock of its own zone, and that clock read as if it were UTC. */
function ofRrule({ rrule, timezone, dst }: Extract<EffectiveTrigger, { type: "rrule" }>): LocalTimes | null {
  const text = parseRecurrenceText(rrule);
  const zone = text.dtstart?.zone ?? findZone(timezone);
  const utc = findZone("UTC");
  const rules = text.rules.filter(({ freq }) => !SUBDAILY_SECONDS.has(freq));
  const dates = text.dates.filter((moment) => isLocal(moment, zone));
  if (text.dtstart === null || zone === null || utc === null || rules.length + dates.length === 0)
    return null;
  const floating = {
    dtstart: null,
    rules: rules.map((rule) => withLocalEnd(rule, zone)),
    exceptionRules: text.exceptionRules.map((rule) => withLocalEnd(rule, zone)),
    dates: dates.map((moment) => ({ ...moment, zone: utc })),
    exceptionDates: text.exceptionDates.flatMap((moment) =>
      onClockOf(zone, moment, dst).map((wall) => ({ ...moment, wall, zone: utc })),
    ),
  };
  return rruleTimeline(floating, { dtstart: { ...text.dtstart, zone: utc }, zone: utc, policy: dst });
}

const isLocal = (moment: ZonedMoment, zone: Zone | null): boolean =>
  moment.zone === null || moment.zone === zone;

function onClockOf(zone: Zone, moment: ZonedMoment, dst: DstPolicy): WallMs[] {
  if (moment.zone === null || moment.zone === zone) return [moment.wall];
  return instantsOf(moment.wall, moment.zone, dst).map((at) => wallOf(at, zone));
}

const withLocalEnd = (rule: Rule, zone: Zone): Rule =>
  rule.until?.utc ? { ...rule, until: { ...rule.until, wall: wallOf(rule.until.wall, zone) } } : rule;
