/*
 * One compiled timeline for equal triggers, and one text. What is not asked for is forgotten in two generations: when the young
 * one is full it becomes the old one, and what is found in the old one is young again.
 */
import type { EffectiveTrigger } from "@carillon/contracts";

/** Timelines of a generation. */
const GENERATION_MAX = 4_000;
/** Of longer text only the last is kept, so that a generation cannot hold more than some megabytes. */
const SHARED_LENGTH_MAX = 1_024;

type Calendrical = Extract<EffectiveTrigger, { type: "cron" | "rrule" }>;

/** Shared by all callers, whatever they make: a key holds all that a timeline is made of. */
export function sharing<Made>(): (trigger: Calendrical, text: string, make: () => Made) => Made {
  let young = new Map<string, Made>();
  let old = new Map<string, Made>();
  let lastLong: { key: string; made: Made } | null = null;
  return (trigger, text, make) => {
    const key = keyOf(trigger, text);
    if (text.length > SHARED_LENGTH_MAX) {
      if (lastLong?.key !== key) lastLong = { key, made: make() };
      return lastLong.made;
    }
    const known = young.get(key);
    if (known !== undefined) return known;
    const made = old.get(key) ?? make();
    if (young.size >= GENERATION_MAX) {
      old = young;
      young = new Map();
    }
    young.set(key, made);
    return made;
  };
}

/** The text comes last, since it alone may hold anything. */
function keyOf(trigger: Calendrical, text: string): string {
  const dayMatch = trigger.type === "cron" ? trigger.dayMatch : "";
  const { gap, overlap } = trigger.dst ?? { gap: "", overlap: "" };
  return `${trigger.type} ${trigger.timezone} ${dayMatch} ${gap} ${overlap} ${text}`;
}
