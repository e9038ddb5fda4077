/*
 * One recurrence rule (RFC 5545 §3.3.10), strictly: every part known, given once, within its range, and in a
 * combination that the RFC allows. What other libraries drop or guess at is refused with the part's name. Two
 * combinations that the RFC forbids are read as every library reads them: BYWEEKNO narrows any frequency, and
 * the number of a weekday means nothing where periods are days or shorter.
 */
import { RruleFault, shown } from "./fault.ts";
import { type Moment, parseMoment } from "./moment.ts";

/** From long to short, as the RFC's table goes. */
export const FREQUENCIES = [
  "YEARLY",
  "MONTHLY",
  "WEEKLY",
  "DAILY",
  "HOURLY",
  "MINUTELY",
  "SECONDLY",
] as const;
export type Frequency = (typeof FREQUENCIES)[number];

export interface Weekday {
  /** 0 Sunday to 6 Saturday. */
  readonly weekday: number;
  /** The nth of the month or year, from its end where negative; 0: every one. */
  readonly nth: number;
}

export interface Rule {
  readonly freq: Frequency;
  readonly interval: number;
  readonly count: number | null;
  readonly until: Moment | null;
  /** 0 Sunday to 6 Saturday. */
  readonly weekStart: number;
  readonly byDay: readonly Weekday[];
  /** Empty: the part is not given. Ascending, without repetition. */
  readonly byMonth: readonly number[];
  readonly byMonthDay: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byWeekNo: readonly number[];
  readonly byHour: readonly number[];
  readonly byMinute: readonly number[];
  readonly bySecond: readonly number[];
  readonly bySetPos: readonly number[];
}

/** Past it no interval comes round again before the year 9999. */
const INTERVAL_MAX = 999_999_999;
/** COUNT is walked through once to find the rule's end, some milliseconds; a longer rule says UNTIL. */
export const COUNT_MAX = 10_000;

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const PARTS = new Set(
  "FREQ INTERVAL COUNT UNTIL WKST BYDAY BYMONTH BYMONTHDAY BYYEARDAY BYWEEKNO BYHOUR BYMINUTE BYSECOND BYSETPOS".split(
    " ",
  ),
);

/** Throws an RruleFault. */
export function parseRule(text: string): Rule {
  const parts = splitParts(text);
  const freq = frequency(parts.get("FREQ"));
  const rule: Rule = {
    freq,
    interval: parts.has("INTERVAL") ? whole("INTERVAL", parts.get("INTERVAL") ?? "", INTERVAL_MAX) : 1,
    count: parts.has("COUNT") ? whole("COUNT", parts.get("COUNT") ?? "", COUNT_MAX) : null,
    until: parts.has("UNTIL") ? parseMoment(parts.get("UNTIL") ?? "", "UNTIL") : null,
    weekStart: parts.has("WKST") ? weekday("WKST", parts.get("WKST") ?? "") : 1,
    byDay: parts.has("BYDAY") ? weekdays(parts.get("BYDAY") ?? "") : [],
    byMonth: numbers(parts, "BYMONTH", 1, 12),
    byMonthDay: numbers(parts, "BYMONTHDAY", 1, 31, true),
    byYearDay: numbers(parts, "BYYEARDAY", 1, 366, true),
    byWeekNo: numbers(parts, "BYWEEKNO", 1, 53, true),
    byHour: numbers(parts, "BYHOUR", 0, 23),
    byMinute: numbers(parts, "BYMINUTE", 0, 59),
    bySecond: numbers(parts, "BYSECOND", 0, 59),
    bySetPos: numbers(parts, "BYSETPOS", 1, 366, true),
  };
  checkCombinations(rule, parts);
  return rule;
}

/** Part names and values in upper case. One semicolon at the end is forgiven, as calendars in the wild write it. */
function splitParts(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.replace(/;$/, "").toUpperCase().split(";")) {
    const [, name = "", value = ""] = /^([A-Z]+)=(.*)$/.exec(part) ?? [];
    if (!PARTS.has(name))
      throw new RruleFault(
        `rule part "${shown(part)}": expected one of ${[...PARTS].join(", ")}, and =value`,
      );
    if (parts.has(name)) throw new RruleFault(`${name} "${shown(value)}": expected once`);
    parts.set(name, value);
  }
  return parts;
}

function frequency(text: string | undefined): Frequency {
  const freq = FREQUENCIES.find((known) => known === text);
  if (freq === undefined)
    throw new RruleFault(`FREQ "${shown(text ?? "")}": expected one of ${FREQUENCIES.join(", ")}`);
  return freq;
}

function whole(part: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) {
    const code = value > max ? "trigger_too_complex" : "invalid_trigger";
    throw new RruleFault(`${part} "${shown(text)}": expected 1 to ${max}`, code);
  }
  return value;
}

/** `signed`: values may count from the end, and 0 is none. */
function numbers(
  parts: Map<string, string>,
  part: string,
  min: number,
  max: number,
  signed = false,
): number[] {
  const text = parts.get(part);
  if (text === undefined) return [];
  const values = text.split(",").map((item) => {
    const value = /^[+-]?\d{1,3}$/.test(item) ? Number(item) : Number.NaN;
    const size = signed ? Math.abs(value) : value;
    if (!(size >= min && size <= max)) {
      const expected = signed ? `${min} to ${max} or -${max} to -${min}` : `${min} to ${max}`;
      throw new RruleFault(`${part} "${shown(item)}": expected ${expected}`);
    }
    return value;
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function weekday(part: string, text: string): number {
  const index = WEEKDAYS.indexOf(text);
  if (index < 0) throw new RruleFault(`${part} "${shown(text)}": expected one of ${WEEKDAYS.join(", ")}`);
  return index;
}

/** Weeks of a year that a weekday can be counted through. */
const NTH_MAX = 53;
/** Different values of BYDAY: each weekday plain and counted from both ends. */
const WEEKDAYS_MAX = 7 * (2 * NTH_MAX + 1);

function weekdays(text: string): Weekday[] {
  const items = [...new Set(text.split(","))];
  if (items.length > WEEKDAYS_MAX)
    throw new RruleFault(
      `BYDAY: ${items.length} values, expected at most ${WEEKDAYS_MAX}`,
      "trigger_too_complex",
    );
  return items.map((item) => {
    const [, nth, name = ""] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(item) ?? [];
    const count = Math.abs(Number(nth ?? 1));
    if (count < 1 || count > NTH_MAX)
      throw new RruleFault(`BYDAY "${shown(item)}": expected 1 to ${NTH_MAX} before the weekday`);
    return { weekday: weekday("BYDAY", name === "" ? item : name), nth: Number(nth ?? 0) };
  });
}

function checkCombinations(rule: Rule, parts: ReadonlyMap<string, string>): void {
  const { freq } = rule;
  const only = (part: string, allowed: boolean, expected: string): void => {
    if (parts.has(part) && !allowed) throw new RruleFault(`${part} with FREQ=${freq}: expected ${expected}`);
  };
  const counted = rule.byDay.some(({ nth }) => nth !== 0);
  const bySub = [...parts.keys()].some((part) => part.startsWith("BY") && part !== "BYSETPOS");

  only(
    "BYYEARDAY",
    freq !== "DAILY" && freq !== "WEEKLY" && freq !== "MONTHLY",
    "YEARLY, HOURLY, MINUTELY or SECONDLY",
  );
  only("BYMONTHDAY", freq !== "WEEKLY", "another frequency than WEEKLY");
  only("BYDAY", !counted || freq !== "WEEKLY", "weekdays without a number, or YEARLY or MONTHLY");
  if (counted && parts.has("BYWEEKNO"))
    throw new RruleFault("BYDAY with BYWEEKNO: expected weekdays without a number");
  if (parts.has("BYSETPOS") && !bySub)
    throw new RruleFault("BYSETPOS: expected another BY part to choose from");
  if (parts.has("COUNT") && parts.has("UNTIL")) throw new RruleFault("COUNT and UNTIL: expected one of them");
}
