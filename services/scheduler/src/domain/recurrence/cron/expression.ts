/*
 * Reading a cron expression: five fields (minute, hour, day-of-month, month, day-of-week), or six with seconds
 * first, or a nickname. The result holds plain values and day rules; cron/calendar.ts computes with them. The
 * grammar is the documented one (docs/recurrence.md) and nothing else, so a stored expression never changes its
 * meaning. `@every` is no calendar, and has a file of its own.
 */
import { type DayRule, parseMonthDays, parseWeekdays } from "./day-field.ts";
import { CronFault, HOUR, isOpen, MINUTE, MONTH, parseField, SECOND } from "./field.ts";

export interface CronExpression {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  /** Null: the field restricts nothing (`*` or `?`). */
  readonly monthDays: readonly DayRule[] | null;
  readonly weekdays: readonly DayRule[] | null;
}

export type ParsedCron = { ok: true; cron: CronExpression } | { ok: false; message: string };

/** Longer expressions are refused unread. */
export const CRON_LENGTH_MAX = 256;

const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
  ["@weekdays", "0 0 * * 1-5"],
  ["@weekends", "0 0 * * 0,6"],
  ["@minutely", "* * * * *"],
  ["@every_minute", "* * * * *"],
  ["@secondly", "* * * * * *"],
  ["@every_second", "* * * * * *"],
]);

/** As Go's libraries and some crontabs have it. */
const ZONE_PREFIX = /^(?:CRON_)?TZ=/;

export function parseCron(text: string): ParsedCron {
  try {
    return { ok: true, cron: readFields(cronFields(text)) };
  } catch (error) {
    if (error instanceof CronFault) return { ok: false, message: error.message };
    throw error;
  }
}

/** Its minute or hour field begins with `*` (or is `?`): at clock changes it follows elapsed time. False also for what is no expression. */
export function isWildcard(text: string): boolean {
  try {
    const [, minute = "", hour = ""] = cronFields(text);
    return [minute, hour].some((field) => field.startsWith("*") || field === "?");
  } catch (error) {
    if (error instanceof CronFault) return false;
    throw error;
  }
}

/** The fields of an expression, seconds first, nicknames written out. Throws a CronFault. */
export function cronFields(text: string): string[] {
  if (text.length > CRON_LENGTH_MAX) {
    throw new CronFault(`expression of ${text.length} characters: expected at most ${CRON_LENGTH_MAX}`);
  }
  const trimmed = text.trim();
  if (ZONE_PREFIX.test(trimmed)) {
    throw new CronFault(`"${trimmed}": expected fields only, and the zone in the trigger's field timezone`);
  }
  const fields = (trimmed.startsWith("@") ? nickname(trimmed) : trimmed).split(/[ \t]+/);
  if (fields.length === 5) return ["0", ...fields];
  if (fields.length === 6) return fields;
  throw new CronFault(
    `"${trimmed}" has ${trimmed === "" ? 0 : fields.length} fields: expected 5, or 6 with seconds first`,
  );
}

function nickname(text: string): string {
  const fields = NICKNAMES.get(text.toLowerCase());
  if (fields !== undefined) return fields;
  throw new CronFault(`"${text}": expected one of ${[...NICKNAMES.keys()].join(", ")}, or @every 90s`);
}

function readFields(fields: readonly string[]): CronExpression {
  const [second = "", minute = "", hour = "", monthDay = "", month = "", weekday = ""] = fields;
  return {
    seconds: parseField(SECOND, second),
    minutes: parseField(MINUTE, minute),
    hours: parseField(HOUR, hour),
    months: parseField(MONTH, month),
    monthDays: isOpen(monthDay) ? null : parseMonthDays(monthDay),
    weekdays: isOpen(weekday) ? null : parseWeekdays(weekday),
  };
}
