/**
 * When a trigger names an instant, worked out a second time and as naively as can be: by trying every second of the time in question. Knows
 * only the triggers that the workload makes, in UTC.
 */

import type { DefinitionRecord, EffectiveDefinition } from "@carillon/contracts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The occurrences of a definition in [from, until), by the definition alone; null: they depend on when others completed. */
export function nominals(record: DefinitionRecord, from: number, until: number): number[] | null {
  const { startAt, endAt, trigger } = record.effective;
  const first = Math.max(from, startAt === null ? Number.NEGATIVE_INFINITY : Date.parse(startAt));
  const end = Math.min(until, endAt === null ? Number.POSITIVE_INFINITY : Date.parse(endAt) + 1);
  return named(trigger, record.acceptedAt, first, end);
}

function named(
  trigger: EffectiveDefinition["trigger"],
  acceptedAt: number,
  from: number,
  until: number,
): number[] | null {
  switch (trigger.type) {
    case "delay":
      return null;
    case "manual":
      return [];
    case "immediate":
      return within([acceptedAt], from, until);
    case "at":
      return within([Date.parse(trigger.at)], from, until);
    case "interval": {
      const everyMs = Math.round(trigger.everySeconds * SECOND_MS);
      const anchor = Date.parse(trigger.startAt);
      const rounds = Math.max(0, Math.ceil((from - anchor) / everyMs));
      const all: number[] = [];
      for (let at = anchor + rounds * everyMs; at < until; at += everyMs) all.push(at);
      return all;
    }
    case "cron":
      return matching(trigger.expression, from, until);
    default:
      throw new Error(`the oracle knows no ${trigger.type}`);
  }
}

const within = (instants: readonly number[], from: number, until: number): number[] =>
  instants.filter((at) => at >= from && at < until);

/** Fields that are `*`, `*` with a step, or a number. */
function matching(expression: string, from: number, until: number): number[] {
  const fields = expression.split(" ");
  const [seconds = "0", minutes = "*", hours = "*"] = fields.length === 5 ? ["0", ...fields] : fields;
  const found: number[] = [];
  for (let minuteAt = Math.floor(from / MINUTE_MS) * MINUTE_MS; minuteAt < until; minuteAt += MINUTE_MS) {
    const date = new Date(minuteAt);
    if (!fits(minutes, date.getUTCMinutes()) || !fits(hours, date.getUTCHours())) continue;
    for (let second = 0; second < 60; second++) {
      const at = minuteAt + second * SECOND_MS;
      if (fits(seconds, second) && at >= from && at < until) found.push(at);
    }
  }
  return found;
}

function fits(field: string, value: number): boolean {
  if (field === "*") return true;
  return field.startsWith("*/") ? value % Number(field.slice(2)) === 0 : value === Number(field);
}
