/*
 * Cron against an oracle that shares nothing with it: every minute or second of a few days is looked up in the zone
 * database and compared with the fields, one by one; what the clocks skip or repeat is judged by the policy, as the
 * documentation has it.
 */
import type { DstPolicy, Trigger } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, preview, resolve } from "../index.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Hours around a clock change: forward, back, by half an hour, by a whole day, across midnight; and around none. */
const PLACES = [
  ["America/New_York", Date.UTC(2026, 2, 8, 7)],
  ["America/New_York", Date.UTC(2026, 10, 1, 6)],
  ["Europe/Berlin", Date.UTC(2026, 2, 29, 1)],
  ["Europe/Berlin", Date.UTC(2026, 9, 25, 1)],
  ["Europe/Dublin", Date.UTC(2026, 9, 25, 1)],
  ["Australia/Lord_Howe", Date.UTC(2026, 3, 4, 15)],
  ["Australia/Lord_Howe", Date.UTC(2026, 9, 3, 15, 30)],
  ["America/Sao_Paulo", Date.UTC(2018, 10, 4, 3)],
  ["America/Sao_Paulo", Date.UTC(2019, 1, 17, 2)],
  ["Antarctica/Troll", Date.UTC(2026, 2, 29, 1)],
  ["Antarctica/Troll", Date.UTC(2026, 9, 25, 1)],
  ["Africa/Casablanca", Date.UTC(2026, 1, 15, 2)],
  ["Pacific/Apia", Date.UTC(2011, 11, 30, 10)],
  ["Asia/Kathmandu", Date.UTC(2026, 5, 1)],
  ["Asia/Tehran", Date.UTC(2026, 2, 21)],
] as const;

type Place = readonly [timezone: string, at: number];

/** Any zone, at its next clock change, or at no change where none comes; from then on offsets are whole minutes. */
const anyZone = fc
  .tuple(
    fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
    fc.integer({ min: Date.UTC(1975, 0, 1) / DAY_MS, max: Date.UTC(2037, 0, 1) / DAY_MS }),
  )
  .map(([timezone, day]): Place => {
    const local = Temporal.Instant.fromEpochMilliseconds(day * DAY_MS).toZonedDateTimeISO(timezone);
    return [timezone, (local.getTimeZoneTransition("next") ?? local).epochMilliseconds];
  });
const anyPlace: fc.Arbitrary<Place> = fc.oneof(fc.constantFrom(...PLACES), anyZone);

/** Local time as its fields, and the instant as though the zone were UTC. */
interface Wall {
  readonly fields: readonly number[];
  readonly ms: number;
}

function wallAt(at: number, timezone: string): Wall {
  const { second, minute, hour, day, month, dayOfWeek, offsetNanoseconds } =
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
  return { fields: [second, minute, hour, day, month, dayOfWeek % 7], ms: at + offsetNanoseconds / 1e6 };
}

/** Local times without a zone: their fields are those of UTC. */
const floating = (ms: number): Wall => ({ ...wallAt(ms, "UTC"), ms });

/** Values of each field, seconds first; null: any. */
type Fields = readonly (readonly number[] | null)[];

const written = (fields: Fields): string => fields.map((values) => values?.join(",") ?? "*").join(" ");

function matches(fields: Fields, { fields: shown }: Wall): boolean {
  const fits = (index: number) => fields[index]?.includes(shown[index] ?? -1) ?? true;
  const days = fields[3] !== null && fields[5] !== null ? fits(3) || fits(5) : fits(3) && fits(5);
  return fits(0) && fits(1) && fits(2) && fits(4) && days;
}

interface Span {
  readonly timezone: string;
  readonly fromAt: number;
  readonly untilAt: number;
  readonly stepMs: number;
}

type Shown = readonly { readonly at: number; readonly wall: Wall }[];
/** By span: to look one up costs more than all the rest. */
const looked = new Map<string, Shown>();

/** Every step of the span, as instants, with the local time that the zone shows then. */
function shownTimes({ timezone, fromAt, untilAt, stepMs }: Span): Shown {
  const key = [timezone, fromAt, untilAt, stepMs].join();
  const known = looked.get(key);
  if (known !== undefined) return known;
  const times = Array.from({ length: (untilAt - fromAt) / stepMs + 1 }, (_, index) => {
    const at = fromAt + index * stepMs;
    return { at, wall: wallAt(at, timezone) };
  });
  looked.set(key, times);
  return times;
}

/**
 * The instants that the policy leaves: for each local time of the span, whether the clocks show it once, twice or
 * never. `first` and `second` pick one of two; a time that is never shown lies in the gap before the first instant
 * that shows a later one.
 */
function expectedTimes(fields: Fields, policy: DstPolicy, span: Span): number[] {
  const shown = shownTimes(span);
  const byWall = Map.groupBy(shown, ({ wall }) => wall.ms);
  const found = new Set<number>();
  for (const passes of byWall.values()) {
    const [first] = passes;
    if (first === undefined || !matches(fields, first.wall)) continue;
    const kept = { first: passes.slice(0, 1), second: passes.slice(-1), both: passes }[policy.overlap];
    for (const { at } of kept) found.add(at);
  }
  if (policy.gap !== "skip") {
    for (const [index, { at, wall }] of shown.entries()) {
      const before = shown[index - 1];
      if (before === undefined) continue;
      // A gap: the wall clock went further than the time that passed.
      for (let ms = before.wall.ms + span.stepMs; ms < wall.ms; ms += span.stepMs) {
        if (!matches(fields, floating(ms))) continue;
        found.add(policy.gap === "next" ? at : at + (ms - (before.wall.ms + span.stepMs)));
      }
    }
  }
  return [...found].filter((at) => at > span.fromAt && at <= span.untilAt).sort((a, b) => a - b);
}

const someOf = (min: number, max: number, maxLength: number) =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength })
    .map((values) => values.sort((a, b) => a - b));
const anyOrSome = (min: number, max: number, maxLength: number) =>
  fc.option(someOf(min, max, maxLength), { freq: 2, nil: null });

const anyPolicy: fc.Arbitrary<DstPolicy> = fc.record({
  gap: fc.constantFrom("next", "shift", "skip"),
  overlap: fc.constantFrom("first", "second", "both"),
});

const days = fc.oneof(
  { weight: 3, arbitrary: fc.constant([null, null, null] as const) },
  { weight: 1, arbitrary: fc.tuple(anyOrSome(1, 31, 15), fc.constant(null), anyOrSome(0, 6, 3)) },
);

/** With minutes as the smallest step. */
const minuteFields: fc.Arbitrary<Fields> = fc
  .tuple(anyOrSome(0, 59, 4), anyOrSome(0, 23, 12), days)
  .map(([minutes, hours, [monthDays, months, weekdays]]) => [
    [0],
    minutes,
    hours,
    monthDays,
    months,
    weekdays,
  ]);
/** With seconds. */
const secondFields: fc.Arbitrary<Fields> = fc
  .tuple(anyOrSome(0, 59, 3), anyOrSome(0, 59, 4), anyOrSome(0, 4, 3))
  .map(([seconds, minutes, hours]) => [seconds, minutes, hours, null, null, null]);

function spanOf([timezone, changeAt]: Place, hours: number, stepMs: number): Span {
  return { timezone, fromAt: changeAt - hours * HOUR_MS, untilAt: changeAt + hours * HOUR_MS, stepMs };
}

function found(trigger: Trigger, { fromAt, untilAt }: Span): number[] {
  const resolved = resolve(trigger, {
    acceptedAt: 0,
    startAt: null,
    defaultTimezone: "UTC",
    lookaheadMs: 0,
  });
  const compiled = resolved.ok ? compile(resolved.trigger, 0) : resolved;
  if (!compiled.ok) throw new Error(compiled.fault.message);
  const { count } = compiled.recurrence.tally(fromAt, untilAt, Number.POSITIVE_INFINITY);
  const times = preview(compiled.recurrence, fromAt, count + 1).filter((at) => at <= untilAt);
  expect(times).toHaveLength(count);
  return times;
}

/** What is meant where nothing is said: elapsed time where minute or hour are any, else fixed times. */
const DEFAULTS = {
  elapsed: { gap: "skip", overlap: "both" },
  fixed: { gap: "next", overlap: "first" },
} as const;
const meant = (fields: Fields): DstPolicy =>
  fields[1] === null || fields[2] === null ? DEFAULTS.elapsed : DEFAULTS.fixed;

describe("cron around a clock change, looked up minute by minute", () => {
  it("fires as the default has it", () => {
    fc.assert(
      fc.property(anyPlace, minuteFields, (place, fields) => {
        const span = spanOf(place, 30, MINUTE_MS);
        const trigger = { type: "cron", expression: written(fields), timezone: span.timezone } as const;
        expect(found(trigger, span)).toEqual(expectedTimes(fields, meant(fields), span));
      }),
      { numRuns: 80 },
    );
  });

  it("fires as any policy has it", () => {
    fc.assert(
      fc.property(anyPlace, minuteFields, anyPolicy, (place, fields, dst) => {
        const span = spanOf(place, 30, MINUTE_MS);
        const trigger = { type: "cron", expression: written(fields), timezone: span.timezone, dst } as const;
        expect(found(trigger, span)).toEqual(expectedTimes(fields, dst, span));
      }),
      { numRuns: 80 },
    );
  });
});

describe("cron with seconds, looked up second by second", () => {
  it("fires as any policy, or none, has it", () => {
    fc.assert(
      fc.property(
        // Two hours on both sides hold no more than an hour's change, as of nearly all zones.
        fc.constantFrom(...PLACES.filter(([zone]) => zone !== "Pacific/Apia" && zone !== "Antarctica/Troll")),
        secondFields,
        fc.option(anyPolicy, { nil: undefined }),
        (place, fields, dst) => {
          const span = spanOf(place, 2, SECOND_MS);
          const trigger: Trigger = {
            type: "cron",
            expression: written(fields),
            timezone: span.timezone,
            ...(dst === undefined ? {} : { dst }),
          };
          expect(found(trigger, span)).toEqual(expectedTimes(fields, dst ?? meant(fields), span));
        },
      ),
      { numRuns: 25 },
    );
  });
});
