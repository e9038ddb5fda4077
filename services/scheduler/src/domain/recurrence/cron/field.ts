/*
 * The fields of a cron expression: names, ranges, and how one list of values is read. Strict on purpose: what
 * other parsers read differently from one another, or silently correct, is refused with a sentence that names
 * the field, the value and what is expected. Day-of-month and day-of-week have forms of their own (day-field.ts).
 */

export interface FieldShape {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** End of `n/step` and of `*`: Sunday as 7 can be written, but belongs to no step. */
  readonly last: number;
  /** Three-letter names, the first of which is `min`. */
  readonly names: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

export const SECOND: FieldShape = { label: "second", min: 0, max: 59, last: 59, names: [] };
export const MINUTE: FieldShape = { label: "minute", min: 0, max: 59, last: 59, names: [] };
export const HOUR: FieldShape = { label: "hour", min: 0, max: 23, last: 23, names: [] };
export const MONTH_DAY: FieldShape = { label: "day-of-month", min: 1, max: 31, last: 31, names: [] };
export const MONTH: FieldShape = { label: "month", min: 1, max: 12, last: 12, names: MONTHS };
export const WEEKDAY: FieldShape = { label: "day-of-week", min: 0, max: 7, last: 6, names: WEEKDAYS };

/** A refusal on its way to the one place that catches it (expression.ts). */
export class CronFault extends Error {}

export function refuse(field: FieldShape, item: string, expected: string): never {
  throw new CronFault(`${field.label} field, "${item}": expected ${expected}`);
}

/** `*` and `?` restrict nothing. */
export function isOpen(text: string): boolean {
  return text === "*" || text === "?";
}

/** The values of a field, ascending and without repetition. */
export function parseField(field: FieldShape, text: string): number[] {
  if (isOpen(text)) return valuesOf(field, text);
  return sorted(text.split(",").flatMap((item) => valuesOf(field, item)));
}

export function sorted(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

const ITEM = /^(?:(?<star>\*)|(?<from>[A-Za-z0-9]+)(?:-(?<to>[A-Za-z0-9]+))?)(?:\/(?<step>\d+))?$/;

/** One item of a list: `*`, `n`, `a-b`, each with or without a step; `n/step` runs to the end of the field. */
export function valuesOf(field: FieldShape, item: string): number[] {
  if (item === "?") return range(field.min, field.last, 1);
  const parts = ITEM.exec(item)?.groups;
  if (parts === undefined) return refuse(field, item, formsOf(field));
  const { from: begin, to: end, step: stride } = parts;
  const step = stride === undefined ? 1 : parseStep(field, item, stride);
  if (begin === undefined) return range(field.min, field.last, step);
  const from = parseValue(field, item, begin);
  if (end === undefined) return stride === undefined ? [from] : range(from, field.last, step);
  const to = parseValue(field, item, end, field.max === 7 && from > 0);
  if (to < from) refuse(field, item, `a range that rises (write ${unwrapped(field, { from, to, step })})`);
  return range(from, to, step);
}

/** What a range that runs past the end of its field was meant to be: `55-59,0-5`, with a step `57,0,3`. */
function unwrapped(
  field: FieldShape,
  { from, to, step }: { from: number; to: number; step: number },
): string {
  const size = field.last - field.min + 1;
  const name = (value: number) => field.names[value - field.min] ?? String(value);
  if (step > 1) {
    return range(from, to + size, step)
      .map((value) => name(((value - field.min) % size) + field.min))
      .join(",");
  }
  const span = (a: number, b: number) => (a === b ? name(a) : `${name(a)}-${name(b)}`);
  return `${span(from, field.last)},${span(field.min, to)}`;
}

/** A number or a name. `endsRange`: Sunday ends a range of weekdays as 7, so that `thu-sun` can be written. */
function parseValue(field: FieldShape, item: string, text: string, endsRange = false): number {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return endsRange && named === 0 ? 7 : named + field.min;
  if (!/^\d{1,2}$/.test(text)) refuse(field, item, formsOf(field));
  const value = Number(text);
  if (value < field.min || value > field.max) refuse(field, item, `${field.min} to ${field.max}`);
  return value;
}

function parseStep(field: FieldShape, item: string, text: string): number {
  const step = text.length <= 2 ? Number(text) : Number.POSITIVE_INFINITY;
  if (step < 1 || step > field.max) refuse(field, item, `a step of 1 to ${field.max}`);
  return step;
}

function range(from: number, to: number, step: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((to - from) / step) + 1) },
    (_, index) => from + index * step,
  );
}

function formsOf(field: FieldShape): string {
  const names = field.names.length > 0 ? ` or ${field.names[0]} to ${field.names.at(-1)}` : "";
  return `${field.min} to ${field.max}${names}, *, a range a-b, a step such as */5, or a list of these`;
}
