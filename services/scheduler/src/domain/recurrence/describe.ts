/*
 * A trigger in words, for people: `At 09:00 AM, Monday through Friday, America/New_York`. Texts of cronstrue and
 * rrule.js where they have one, the expression itself where not; nothing is ever decided by these texts.
 */
import type { EffectiveTrigger } from "@carillon/contracts";
import cronstrue from "cronstrue";
import rruleLibrary from "rrule";
import { cronFields } from "./cron/expression.ts";
import { recurrenceLines } from "./rrule/text.ts";

type CronTrigger = Extract<EffectiveTrigger, { type: "cron" }>;
type RruleTrigger = Extract<EffectiveTrigger, { type: "rrule" }>;

export function describe(trigger: EffectiveTrigger): string {
  switch (trigger.type) {
    case "cron":
      return [cronWords(trigger), trigger.timezone].join(", ");
    case "rrule":
      return [rruleWords(trigger), trigger.timezone].join(", ");
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
  const text = orElse(() => cronstrue.toString(cronFields(expression).join(" ")), `Cron "${expression}"`);
  return dayMatch === "and" ? `${text} (day of month and day of week must both match)` : text;
}

function rruleWords({ rrule }: RruleTrigger): string {
  const lines = recurrenceLines(rrule);
  const rules = lines.flatMap((line) => /^RRULE:(.+)$/i.exec(line)?.[1] ?? []);
  const others = lines.filter((line) => /^(?:EXRULE|RDATE|EXDATE)/i.test(line)).length;
  const words = rules.map((rule) => capital(orElse(() => ruleText(rule), `Rule "${rule}"`)));
  return [...words, ...(others > 0 ? ["with dates added or excepted"] : [])].join("; ");
}

/** A fixed DTSTART: without one the library would read the clock. */
const ANY_START = new Date(0);
/** What the library answers instead of throwing. */
const NO_WORDS = "RRule error";

function ruleText(rule: string): string {
  const options = rruleLibrary.RRule.parseString(rule.replace(/;$/, ""));
  const text = new rruleLibrary.RRule({ ...options, dtstart: ANY_START }).toText();
  if (text.startsWith(NO_WORDS)) throw new RangeError(text);
  return text;
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
