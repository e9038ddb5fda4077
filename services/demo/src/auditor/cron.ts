/**
 * Cron for the auditor: five or six fields in UTC, with lists, ranges and steps, and nothing else. It asks of
 * each second whether the expression names it, which is slow and hard to get wrong; the scheduler goes the
 * other way about, so the two do not share a mistake.
 */

export type SecondMatcher = (at: number) => boolean;

type Field = (value: number) => boolean;

/** Least and greatest value of second, minute, hour, day of month, month, day of week (7 is Sunday, too). */
const BOUNDS = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Whether an instant (epoch ms, a whole second) is named by `expression`; null where this cron is too small for it. */
export function cronMatcher(expression: string): SecondMatcher | null {
  const words = expression.trim().split(/\s+/);
  const texts = words.length === 5 ? ["0", ...words] : words;
  if (texts.length !== BOUNDS.length) return null;
  const fields: Field[] = [];
  for (const [index, bounds] of BOUNDS.entries()) {
    const field = fieldOf(texts[index] ?? "", bounds);
    if (field === null) return null;
    fields.push(field);
  }
  const [second, minute, hour, day, month, weekday] = fields as [Field, Field, Field, Field, Field, Field];
  const eitherDay = !texts[3]?.startsWith("*") && !texts[5]?.startsWith("*");
  return (at) => {
    const date = new Date(at);
    const dayNamed = day(date.getUTCDate());
    const weekdayNamed = weekday(date.getUTCDay()) || (date.getUTCDay() === 0 && weekday(7));
    return (
      second(date.getUTCSeconds()) &&
      minute(date.getUTCMinutes()) &&
      hour(date.getUTCHours()) &&
      month(date.getUTCMonth() + 1) &&
      (eitherDay ? dayNamed || weekdayNamed : dayNamed && weekdayNamed)
    );
  };
}

function fieldOf(text: string, [least, greatest]: readonly [number, number]): Field | null {
  const parts: Field[] = [];
  for (const part of text.split(",")) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return null;
    const [, low, high, step] = match;
    const from = low === undefined ? least : Number(low);
    const openEnd = low === undefined || step !== undefined ? greatest : from;
    const to = high === undefined ? openEnd : Number(high);
    const every = step === undefined ? 1 : Number(step);
    if (from < least || to > greatest || from > to || every < 1) return null;
    parts.push((value) => value >= from && value <= to && (value - from) % every === 0);
  }
  return (value) => parts.some((part) => part(value));
}
