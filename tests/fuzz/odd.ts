/**
 * Values that nobody means well with: text that breaks lines, names members of every object, looks like something else
 * or is very long; numbers at the ends of their ranges; values that nest. And what turns a good value into a bad one.
 */

import fc from "fast-check";

const LONG = [
  "x".repeat(5_000),
  "a.".repeat(2_000),
  "\u{1F600}".repeat(100),
  "(".repeat(300),
  "0,".repeat(120),
];
const BREAKING = [
  "\r\n",
  "a\r\nNats-Msg-Id: evil",
  "a\rb",
  "a\nb",
  "\0",
  "a\0b",
  "\u001b[31m",
  "\u0085",
  "\u2028",
  "\ufeff",
];
const ALIKE = ["dеfault", "ｄefault", "a\u200bb", "\ud800", "\udc00\ud800", "é", "e\u0301", "ı", "K"];
const SPECIAL = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  ".",
  "..",
  "a..b",
  "*",
  ">",
  "a.*",
  "$JS.API.STREAM.DELETE.X",
  "_INBOX.x",
  "../../etc/passwd",
  "null",
  "true",
  "-1",
  "1e400",
  "NaN",
  "/",
  "~",
  "~1",
  "%s%n",
  "'; drop table",
];

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...SPECIAL, ...BREAKING, ...ALIKE) },
  { weight: 1, arbitrary: fc.constantFrom(...LONG) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);

const EXTREMES = [
  0,
  -0,
  -1,
  1,
  1.5,
  0.05,
  0.1,
  1e-320,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  2 ** 53 - 1,
  253_402_300_799_999,
  1e21,
];

export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...EXTREMES),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const oddInstant = fc.constantFrom(
  "9999-12-31T23:59:59Z",
  "9999-12-31T23:59:59-10:00",
  "0000-01-01T00:00:00Z",
  "0000-01-01T00:00:00+00:01",
  "2026-02-30T00:00:00Z",
  "1970-01-01T00:00:00Z",
  "2026-11-21T09:00:00.000000001Z",
  "2026-11-21t10:00:00+23:59",
);

/** Around the limit of what a command may nest, wherever it is put. */
const nested = fc.integer({ min: 57, max: 66 }).map((levels) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
});

export const oddJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oddText },
  { weight: 4, arbitrary: oddNumber },
  { weight: 2, arbitrary: oddInstant },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { type: "manual" }),
  },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 70 }, (_, index) => `t${index}`)) },
);

/** Where: which of all places in the value, counted round. What: another value there, none, or one more beside it. */
export interface Change {
  readonly place: number;
  readonly how: "replace" | "remove" | "add";
  readonly name: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(200),
  how: fc.constantFrom("replace", "replace", "remove", "add"),
  name: oddText,
  value: oddJson,
});

/** Good as it comes, or changed in up to three places. */
export const mutated = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 5, arbitrary: good },
    {
      weight: 5,
      arbitrary: fc
        .tuple(good, fc.array(change, { minLength: 1, maxLength: 3 }))
        .map(([value, changes]) => changes.reduce(changed, value)),
    },
    { weight: 1, arbitrary: oddJson },
  );

/** The value with one change; `value` itself stays as it is. */
function changed(value: unknown, { place, how, name, value: other }: Change): unknown {
  const places = placesIn(value);
  const path = places[place % places.length] ?? [];
  if (how === "add") return at(value, path, (there) => withMember(there, name, other));
  if (path.length === 0) return how === "remove" ? null : other;
  return at(value, path.slice(0, -1), (there) =>
    withMember(there, path.at(-1) ?? "", how === "remove" ? undefined : other),
  );
}

function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null || path.length > 4) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

function at(value: unknown, path: readonly string[], make: (there: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return make(value);
  const member =
    typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
  return withMember(value, name, at(member, rest, make));
}

/** A member as own data, whatever its name; undefined: removed. */
function withMember(value: unknown, name: string, member: unknown): unknown {
  if (Array.isArray(value)) {
    const index = Number(name);
    const copy: unknown[] = [...value];
    if (Number.isInteger(index) && index < copy.length)
      copy.splice(index, 1, ...(member === undefined ? [] : [member]));
    else copy.push(member ?? null);
    return copy;
  }
  if (typeof value !== "object" || value === null) return member ?? null;
  const members = Object.entries(value).filter(([own]) => own !== name);
  return Object.fromEntries(member === undefined ? members : [...members, [name, member]]);
}
