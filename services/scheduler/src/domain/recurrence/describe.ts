/*
 * A trigger in words, for people: `At 09:00 AM, Monday through Friday, America/New_York`. Texts of cronstrue and
 * rrule.js where they have one, the expression itself where not; nothing is ever decided by these texts.
 */
import type { EffectiveTrigger } from "@carillon/contracts";
import cronstrue from "cronstrue";
import rruleLibrary from "rrule";
import { cronFields } from "./cron/expression.ts";
import { isOpen } from "./cron/field.ts";
import { recurrenceLines } from "./rrule/text.ts";
import { sharing } from "./shared.ts";

type CronTrigger = Extract<EffectiveTrigger, { type: "cron" }>;
type RruleTrigger = Extract<EffectiveTrigger, { type: "rrule" }>;

/** Words take longer to find than everything else that is shown. */
const share = sharing<string>();

export function describe(trigger: EffectiveTrigger): string {
  switch (trigger.type) {
    case "cron":
      return share(trigger, trigger.expression, () => `${cronWords(trigger)}, ${trigger.timezone}`);
    case "rrule":
      return share(trigger, trigger.rrule, () => `${rruleWords(trigger)}, ${trigger.timezone}`);
    case "interval":
      return `Every ${durationWords(trigger.everySeconds)}, counted from ${trigger.startAt}`;
    case "delay":
      return `${capital(durationWords(trigger.delaySeconds))} after each completion`;
    case "at":
      return `Once, at ${trigger.at}`;
    case "immediate":
      return "Once, as soon as it is accepted";
    case "manual":
      return "Only when triggered by hand";
    default:
      return unknownWords(trigger);
  }
}

function cronWords({ expression, dayMatch }: CronTrigger): string {
  const words = () => cronstrue.toString(cronFields(expression).map(plainField).join(" "));
  const text = orElse(words, `Cron "${expression.trim()}"`);
  return `${text}${orElse(() => dayWords(expression, dayMatch), "")}`;
}

/** Where both day fields restrict: cronstrue says "and" whichever of the two is meant. */
function dayWords(expression: string, dayMatch: "or" | "and"): string {
  const [, , , monthDay = "", , weekday = ""] = cronFields(expression);
  if (isOpen(monthDay) || isOpen(weekday)) return "";
  return ` (day of month ${dayMatch === "and" ? "and day of week must both" : "or day of week must"} match)`;
}

/** The same field in a spelling that cronstrue has words for. */
function plainField(field: string): string {
  return field === "?" ? "*" : field.toUpperCase().replace(/\b0+(?=\d)/g, "");
}

function rruleWords({ rrule }: RruleTrigger): string {
  const lines = recurrenceLines(rrule);
  const rules = lines.flatMap((line) => /^RRULE:(.+)$/i.exec(line)?.[1] ?? []);
  const others = lines.filter((line) => /^(?:EXRULE|RDATE|EXDATE)/i.test(line)).length;
  if (rules.length === 0) return "On given dates";
  const words = rules.map((rule) => capital(ruleWords(rule)));
  return [...words, ...(others > 0 ? ["with dates added or excepted"] : [])].join("; ");
}

/** Beyond it a rule is quoted in part: a list of thousands of values is no text for people, and takes milliseconds to word. */
const RULE_LENGTH_MAX = 500;

function ruleWords(rule: string): string {
  if (rule.length > RULE_LENGTH_MAX) return `Rule "${rule.slice(0, RULE_LENGTH_MAX)}…"`;
  return orElse(() => ruleText(rule), `Rule "${rule}"`);
}

/** A fixed DTSTART: without one the library would read the clock. */
const ANY_START = new Date(0);
/** Parts that the library leaves out of its text, so the rule is shown too. */
const WORDLESS =
  /BY(?:MINUTE|SECOND|SETPOS|YEARDAY)=|FREQ=(?:HOURLY|MINUTELY).*BY|BY.*FREQ=(?:HOURLY|MINUTELY)/i;
/** What the library answers instead of throwing. */
const NO_WORDS = "RRule error";

function ruleText(rule: string): string {
  const options = rruleLibrary.RRule.parseString(rule.replace(/;$/, ""));
  const text = new rruleLibrary.RRule({ ...options, dtstart: ANY_START }).toText();
  if (text.startsWith(NO_WORDS)) throw new RangeError(text);
  return WORDLESS.test(rule) ? `${text} (${rule})` : text;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function durationWords(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? [
    "second",
    1,
  ];
  const count = seconds / size;
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

/** A library that finds no words, or fails on an expression that is legal here, must not cost more than the words. */
function orElse(words: () => string, otherwise: string): string {
  try {
    return words();
  } catch {
    return otherwise;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function unknownWords(trigger: never): string {
  return `Unknown trigger ${JSON.stringify(trigger).slice(0, 100)}`;
}
