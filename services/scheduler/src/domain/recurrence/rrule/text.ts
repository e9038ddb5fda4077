/*
 * The lines of a recurrence: DTSTART, RRULE, EXRULE, RDATE, EXDATE, each with the few parameters that mean
 * something here, in any order; or a bare rule on one line. Anything else is refused, also what RFC 5545 has
 * but Carillon does not (periods, other calendars), so that nothing is ignored in silence.
 */
import { findZone, type Zone } from "../zone.ts";
import { RruleFault, shown } from "./fault.ts";
import { type Moment, parseMoment } from "./moment.ts";
import { parseRule, type Rule } from "./rule.ts";

export interface RecurrenceText {
  readonly dtstart: ZonedMoment | null;
  readonly rules: readonly Rule[];
  readonly exceptionRules: readonly Rule[];
  readonly dates: readonly ZonedMoment[];
  readonly exceptionDates: readonly ZonedMoment[];
}

/** `zone` null: neither TZID nor Z, so the zone of the recurrence. */
export type ZonedMoment = Moment & { readonly zone: Zone | null };

/** As the schema says; longer text is refused unread. */
export const RRULE_LENGTH_MAX = 32_768;
/** RRULE and EXRULE lines, each. */
const RULES_MAX = 4;
/** RDATE and EXDATE values, each; a list that is longer belongs into several schedules. */
const DATES_MAX = 1_000;
/** Different ones of RDATE and EXDATE lines together: to look up the clock changes of a zone takes far longer than to read a date. */
const ZONES_MAX = 16;

const LINE = /^(DTSTART|RRULE|EXRULE|RDATE|EXDATE)((?:;[^:;]*)*):(.*)$/i;

/** Throws an RruleFault. */
export function parseRecurrenceText(text: string): RecurrenceText {
  if (text.length > RRULE_LENGTH_MAX) {
    throw new RruleFault(
      `rrule of ${text.length} characters: expected at most ${RRULE_LENGTH_MAX}`,
      "trigger_too_complex",
    );
  }
  const lines = recurrenceLines(text);
  const [only] = lines;
  if (only !== undefined && lines.length === 1 && !only.includes(":")) return collect([`RRULE:${only}`]);
  return collect(lines);
}

const PROPERTIES = "DTSTART|RRULE|EXRULE|RDATE|EXDATE";
const NEXT_PROPERTY = new RegExp(`\\s(?=(?:${PROPERTIES})[:;])`, "i");

/** A line that begins with a space goes on with the one before it (RFC 5545 §3.1), unless it names a property. */
const FOLD = new RegExp(`\\r?\\n[ \\t](?![ \\t]*(?:(?:${PROPERTIES})[:;]|[\\r\\n]|$))`, "gi");

/** The properties of a text, one a line; as in dateutil, spaces may stand for the end of a line. */
export function recurrenceLines(text: string): string[] {
  return text
    .replace(FOLD, "")
    .split(/[\r\n]/)
    .flatMap((line) => line.split(NEXT_PROPERTY))
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function collect(lines: readonly string[]): RecurrenceText {
  const dtstarts: ZonedMoment[] = [];
  const rules: Rule[] = [];
  const exceptionRules: Rule[] = [];
  const dates: ZonedMoment[] = [];
  const exceptionDates: ZonedMoment[] = [];
  const zones = new Set<Zone>();
  for (const line of lines) {
    const { name, parameters, value } = splitLine(line);
    if (name === "DTSTART") dtstarts.push(zonedMoment(name, parameters, value));
    else if (name === "RRULE") rules.push(ruleOf(name, parameters, value));
    else if (name === "EXRULE") exceptionRules.push(ruleOf(name, parameters, value));
    else {
      const found = datesOf(name, parameters, value);
      (name === "RDATE" ? dates : exceptionDates).push(...found);
      const zone = found[0]?.zone ?? null;
      if (zone !== null) zones.add(zone);
    }
    if (dtstarts.length > 1) throw new RruleFault("DTSTART: expected at most one");
    limit("RRULE lines", rules, RULES_MAX);
    limit("EXRULE lines", exceptionRules, RULES_MAX);
    limit("RDATE values", dates, DATES_MAX);
    limit("EXDATE values", exceptionDates, DATES_MAX);
    limit("time zones of RDATE and EXDATE lines", [...zones], ZONES_MAX);
  }
  if (rules.length === 0 && dates.length === 0) throw new RruleFault("rrule: expected an RRULE or an RDATE");
  return { dtstart: dtstarts[0] ?? null, rules, exceptionRules, dates, exceptionDates };
}

function splitLine(line: string): { name: string; parameters: string[]; value: string } {
  const match = LINE.exec(line);
  if (match === null) {
    throw new RruleFault(
      `line "${shown(line)}": expected DTSTART, RRULE, EXRULE, RDATE or EXDATE, a colon and a value`,
    );
  }
  const parameters = (match[2] ?? "").split(";").slice(1);
  // They are read again for each value of the line, so there may not be many.
  const keys = new Set(parameters.map((parameter) => splitAtEqual(parameter)[0]));
  if (keys.size < parameters.length)
    throw new RruleFault(`parameters "${shown(parameters.join(";"))}": expected each once`);
  return { name: (match[1] ?? "").toUpperCase(), parameters, value: (match[3] ?? "").trim() };
}

function ruleOf(name: string, parameters: readonly string[], value: string): Rule {
  if (parameters.length > 0)
    throw new RruleFault(`${name}: expected no parameters, got "${shown(parameters.join(";"))}"`);
  return parseRule(value);
}

function datesOf(name: string, parameters: readonly string[], value: string): ZonedMoment[] {
  const values = value.split(",");
  limit(`${name} values`, values, DATES_MAX);
  return values.map((date) => zonedMoment(name, parameters, date.trim()));
}

function zonedMoment(name: string, parameters: readonly string[], value: string): ZonedMoment {
  const moment = parseMoment(value.toUpperCase(), name);
  let zone: Zone | null = moment.utc ? findZone("UTC") : null;
  for (const parameter of parameters) {
    const [key = "", setting = ""] = splitAtEqual(parameter);
    if (key === "VALUE") checkValueType(name, setting.toUpperCase(), moment);
    else if (key === "TZID") zone = zoneOf(name, setting, moment);
    else throw new RruleFault(`${name}, parameter "${shown(parameter)}": expected TZID=… or VALUE=…`);
  }
  return { ...moment, zone };
}

function splitAtEqual(parameter: string): [string, string] {
  const index = parameter.indexOf("=");
  return index < 0 ? [parameter, ""] : [parameter.slice(0, index).toUpperCase(), parameter.slice(index + 1)];
}

function checkValueType(name: string, type: string, { dateOnly }: Moment): void {
  if (type !== (dateOnly ? "DATE" : "DATE-TIME")) {
    throw new RruleFault(
      `${name}, VALUE=${shown(type)}: expected VALUE=DATE for a date, VALUE=DATE-TIME for a time, or neither`,
    );
  }
}

function zoneOf(name: string, text: string, { utc, dateOnly }: Moment): Zone {
  if (utc) throw new RruleFault(`${name}: expected TZID or Z, not both`);
  if (dateOnly) throw new RruleFault(`${name}: expected a time with TZID, not only a date`);
  const zone = findZone(text.replace(/^"(.*)"$/, "$1"));
  if (zone !== null) return zone;
  throw new RruleFault(
    `${name}, TZID "${shown(text)}": expected an IANA time zone such as Europe/Vienna`,
    "invalid_timezone",
  );
}

function limit(what: string, list: readonly unknown[], max: number): void {
  if (list.length > max)
    throw new RruleFault(`${what}: ${list.length}, expected at most ${max}`, "trigger_too_complex");
}
