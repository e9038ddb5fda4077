/*
 * From an effective trigger to its recurrence; also for definitions that were stored by an older version, so
 * it trusts nothing and answers with a fault. Equal cron and rrule triggers share one compiled timeline that
 * remembers its last answers (shared.ts, answers.ts): most schedules of an installation share few expressions.
 */
import type { EffectiveTrigger } from "@carillon/contracts";
import { type EpochMs, parseInstant } from "../instant.ts";
import { remembering } from "./answers.ts";
import { cronCalendar } from "./cron/calendar.ts";
import { parseCron } from "./cron/expression.ts";
import { fault, type TriggerFault } from "./fault.ts";
import { delay, everyMs, interval } from "./interval.ts";
import { type Recurrence, walking } from "./recurrence.ts";
import { RruleFault } from "./rrule/fault.ts";
import { rruleTimeline } from "./rrule/recurrence.ts";
import { parseRecurrenceText } from "./rrule/text.ts";
import { sharing } from "./shared.ts";
import { ELAPSED, wallTimeline } from "./wall-timeline.ts";
import { findZone } from "./zone.ts";

export type Compiled = { ok: true; recurrence: Recurrence } | { ok: false; fault: TriggerFault };

type CronTrigger = Extract<EffectiveTrigger, { type: "cron" }>;
type RruleTrigger = Extract<EffectiveTrigger, { type: "rrule" }>;

const share = sharing<Compiled>();

/** An occurrence exactly at `acceptedAt` counts, so its first is `next(acceptedAt - 1)`; a delay's is `next(acceptedAt)`. */
export function compile(trigger: EffectiveTrigger, acceptedAt: EpochMs): Compiled {
  switch (trigger.type) {
    case "cron":
      return share(trigger, trigger.expression, () => compileCron(trigger));
    case "rrule":
      return share(trigger, trigger.rrule, () => compileRrule(trigger));
    case "interval":
      return compileInterval(trigger.everySeconds, trigger.startAt);
    case "delay":
      return compileDelay(trigger.delaySeconds);
    case "at": {
      const at = parseInstant(trigger.at);
      return at === null ? badInstant("/trigger/at", trigger.at) : once(at);
    }
    case "immediate":
      return once(acceptedAt);
    case "manual":
      return { ok: true, recurrence: walking(() => null) };
    default:
      return unknownType(trigger);
  }
}

export function badInstant(path: string, text: string): { ok: false; fault: TriggerFault } {
  return fault(
    "invalid_trigger",
    path,
    `"${text}": expected an RFC 3339 date-time such as 2026-11-21T09:00:00Z`,
  );
}

export function badZone(path: string, name: string): { ok: false; fault: TriggerFault } {
  return fault(
    "invalid_timezone",
    path,
    `"${name.slice(0, 64)}": expected an IANA time zone such as Europe/Vienna`,
  );
}

export function badDuration(path: string, seconds: number): { ok: false; fault: TriggerFault } {
  return fault("invalid_trigger", path, `${seconds}: expected seconds, at least 0.1`);
}

function compileCron({ expression, timezone, dayMatch, dst }: CronTrigger): Compiled {
  const zone = findZone(timezone);
  if (zone === null) return badZone("/trigger/timezone", timezone);
  const parsed = parseCron(expression);
  if (!parsed.ok) return fault("invalid_trigger", "/trigger/expression", parsed.message);
  const calendar = cronCalendar(parsed.cron, { dayMatch });
  if (calendar.neverFires) {
    return fault("never_fires", "/trigger/expression", `"${expression}": expected a date that some year has`);
  }
  const next = wallTimeline({ zone, policy: dst ?? ELAPSED, calendarAt: () => calendar });
  return { ok: true, recurrence: walking(remembering(next, () => false)) };
}

function compileRrule({ rrule, timezone, dst }: RruleTrigger): Compiled {
  try {
    const text = parseRecurrenceText(rrule);
    const { dtstart } = text;
    if (dtstart === null) return fault("invalid_trigger", "/trigger/rrule", "DTSTART: expected once");
    const zone = dtstart.zone ?? findZone(timezone);
    if (zone === null) return badZone("/trigger/timezone", timezone);
    const { next, effort } = rruleTimeline(text, { dtstart, zone, policy: dst });
    return {
      ok: true,
      recurrence: walking(
        remembering(next, () => effort.ranOut),
        effort,
      ),
    };
  } catch (error) {
    if (error instanceof RruleFault) return fault(error.code, "/trigger/rrule", error.message);
    throw error;
  }
}

function compileInterval(everySeconds: number, startAt: string): Compiled {
  const stepMs = everyMs(everySeconds);
  if (stepMs === null) return badDuration("/trigger/everySeconds", everySeconds);
  const anchorAt = parseInstant(startAt);
  if (anchorAt === null) return badInstant("/trigger/startAt", startAt);
  return { ok: true, recurrence: interval(anchorAt, stepMs) };
}

function compileDelay(delaySeconds: number): Compiled {
  const delayMs = everyMs(delaySeconds);
  if (delayMs === null) return badDuration("/trigger/delaySeconds", delaySeconds);
  return { ok: true, recurrence: delay(delayMs) };
}

function once(at: EpochMs): Compiled {
  return { ok: true, recurrence: walking((after) => (after < at ? at : null)) };
}

function unknownType(trigger: never): Compiled {
  const { type } = trigger as { type: unknown };
  return fault(
    "invalid_trigger",
    "/trigger/type",
    `"${String(type)}": expected a trigger type of this version`,
  );
}
