/*
 * Random cron expressions of six fields, in the part of the grammar that croner reads alike.
 */
import fc from "fast-check";

/** A field that both grammars read alike. */
function field(min: number, max: number, extra: readonly string[] = []) {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const item = fc.oneof(
    value.map(String),
    range,
    fc.integer({ min: 1, max }).map((step) => `*/${step}`),
    ...extra.map(fc.constant),
  );
  return fc.oneof(
    fc.constant("*"),
    fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(",")),
  );
}

export const anyExpression = fc
  .tuple(
    field(0, 59),
    field(0, 59),
    field(0, 23),
    field(1, 31, ["L", "15W", "1W", "31W"]),
    field(1, 12),
    field(0, 6, ["5#3", "1L", "2#5"]),
  )
  .map((fields) => fields.join(" "));
