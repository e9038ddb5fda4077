/*
 * Cron against an oracle that shares nothing with it: every minute of a few days is looked up in the zone
 * database and compared with the fields, one by one.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, preview } from "../index.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A day or so before a clock change: forward, back, by half an hour, by a whole day, across midnight. */
const CHANGES = [
  ["America/New_York", Date.UTC(2026, 2, 7, 12)],
  ["America/New_York", Date.UTC(2026, 9, 31, 12)],
  ["Europe/Berlin", Date.UTC(2026, 2, 28, 12)],
  ["Europe/Berlin", Date.UTC(2026, 9, 24, 12)],
  ["Australia/Lord_Howe", Date.UTC(2026, 3, 3, 23)],
  ["Australia/Lord_Howe", Date.UTC(2026, 9, 2, 23)],
  ["Pacific/Apia", Date.UTC(2011, 11, 29, 0)],
  ["America/Sao_Paulo", Date.UTC(2018, 10, 3, 12)],
] as const;

const values = (min: number, max: number) =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 });

describe("a cron expression that follows elapsed time", () => {
  it("fires in every minute that shows a matching time, and in no other", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        values(0, 59),
        values(0, 5),
        fc.boolean(),
        ([timezone, from], minutes, hours, anyHour) => {
          const expression = `${minutes.join(",")} ${anyHour ? "*" : hours.join(",")} * * *`;
          const matches = (at: number) => {
            const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
            return minutes.includes(minute) && (anyHour || hours.includes(hour));
          };
          const until = from + 48 * HOUR_MS;
          const expected: number[] = [];
          for (let at = from + MINUTE_MS; at <= until; at += MINUTE_MS) if (matches(at)) expected.push(at);

          const compiled = compile({ type: "cron", expression, timezone, dayMatch: "or", dst: null }, 0);
          const found = compiled.ok ? preview(compiled.recurrence, from, expected.length + 1) : [];
          expect(found.filter((at) => at <= until)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a cron expression for fixed times", () => {
  it("fires once on every date, whatever the clocks do", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        values(0, 59),
        fc.integer({ min: 0, max: 23 }),
        ([timezone, from], [minute], hour) => {
          const dst = { gap: "next", overlap: "first" } as const;
          const trigger = {
            type: "cron",
            expression: `${minute} ${hour} * * *`,
            timezone,
            dayMatch: "or",
            dst,
          } as const;
          const compiled = compile(trigger, 0);
          const found = compiled.ok ? preview(compiled.recurrence, from, 4) : [];
          const distances = found.slice(1).map((at, index) => at - (found[index] ?? 0));
          expect(found).toHaveLength(4);
          for (const distance of distances) expect(distance).toBeLessThanOrEqual(25 * HOUR_MS);
          for (const distance of timezone === "Pacific/Apia" ? [] : distances)
            expect(distance).toBeGreaterThanOrEqual(22 * HOUR_MS);
        },
      ),
    );
  });
});
