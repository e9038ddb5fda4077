/**
 * Instants, durations and triggers in few characters, for people. Times of day are UTC, as the demo's cron is.
 */

import type { Trigger } from "@carillon/contracts";

/** `09:00:05.002`, UTC, of epoch ms or RFC 3339; `--:--:--` of what is neither. */
export function timeOfDay(at: number | string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "--:--:--" : date.toISOString().slice(11, 23);
}

/** `09:00:05`, with milliseconds only where there are any. */
export const shortTimeOfDay = (at: number | string): string => timeOfDay(at).replace(/\.000$/, "");

const SECOND_MS = 1000;

/** `2 ms`, `1.9 s`; under a second in milliseconds. */
export function duration(ms: number): string {
  const whole = Math.round(ms);
  return whole < SECOND_MS ? `${whole} ms` : `${(whole / SECOND_MS).toFixed(1)} s`;
}

/** A trigger in at most about 24 characters, as in `every 1 s`. */
export function triggerWords(trigger: Trigger): string {
  switch (trigger.type) {
    case "cron":
      return `cron ${trigger.expression}`;
    case "rrule":
      return `rrule ${ruleWords(trigger.rrule)}`;
    case "interval":
      return `interval ${trigger.everySeconds} s`;
    case "delay":
      return `delay ${trigger.delaySeconds} s`;
    case "at":
      return `at ${shortTimeOfDay(trigger.at)}`;
    case "immediate":
    case "manual":
      return trigger.type;
  }
}

/** `SECONDLY/4` of `FREQ=SECONDLY;INTERVAL=4`; a rule with more to it is cut. */
function ruleWords(rrule: string): string {
  const match = /^(?:RRULE:)?FREQ=(\w+)(?:;INTERVAL=(\d+))?$/i.exec(rrule);
  if (match === null) return rrule.replace(/\s+/g, " ");
  const [, frequency = "", interval] = match;
  return interval === undefined ? frequency : `${frequency}/${interval}`;
}
