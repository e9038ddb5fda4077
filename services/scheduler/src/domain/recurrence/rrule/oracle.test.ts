/*
 * rrule.js as an oracle, in UTC and where it is sound: a search that an UNTIL ends; lists
 * in ascending order (it yields times in the order of the list); one BYSETPOS, the first or the last (it repeats
 * what two of them name, and wraps round), and none with WEEKLY (it cuts DTSTART's week); weekdays all with numbers
 * or all without (it takes those that are both); no BYWEEKNO (without BYDAY it takes all seven days). HOURLY and MINUTELY
 * with the parts that calendars use for them, and steps that go through all values.
 */
import fc from "fast-check";
import rruleLibrary from "rrule";
import { describe, expect, it } from "vitest";
import { compile, preview } from "../index.ts";

const HORIZON_MS = 3 * 365 * 86_400_000;

const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const list = (min: number, max: number, signed = false) =>
  fc
    .uniqueArray(
      fc.integer({ min: signed ? -max : min, max }).filter((value) => !signed || value !== 0),
      { minLength: 1, maxLength: 3 },
    )
    .map((values) => values.sort((a, b) => a - b).join(","));
const weekdays = (...numbers: string[]) =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...numbers), fc.constantFrom(...WEEKDAYS)), {
      minLength: 1,
      maxLength: 3,
    })
    .map((values) => [...new Set(values.map((pair) => pair.join("")))].join(","));

const part = (name: string, values: fc.Arbitrary<string>) =>
  fc.option(
    values.map((value) => `;${name}=${value}`),
    { nil: "", freq: 3 },
  );

/** Day parts that meet again and again: where nothing meets, rrule.js searches on to the year 9999, past UNTIL. */
const dayParts = (freq: string) => {
  const monthDays = part("BYMONTHDAY", list(1, 28, true));
  if (freq === "WEEKLY" || freq === "DAILY") {
    return fc.oneof(part("BYDAY", weekdays("")), ...(freq === "DAILY" ? [monthDays] : []));
  }
  const fridayTheThirteenth = fc.tuple(monthDays, part("BYDAY", weekdays(""))).map((parts) => parts.join(""));
  const yearDays = freq === "YEARLY" ? [part("BYYEARDAY", list(1, 365, true))] : [];
  return fc.oneof(monthDays, part("BYDAY", weekdays("1", "2", "-1")), fridayTheThirteenth, ...yearDays);
};

const anyRule = fc.constantFrom("YEARLY", "MONTHLY", "WEEKLY", "DAILY").chain((freq) => {
  const interval = part("INTERVAL", fc.integer({ min: 2, max: 5 }).map(String));
  const months = part("BYMONTH", list(1, 12));
  const long = freq === "YEARLY" || freq === "MONTHLY";
  return fc
    .tuple(
      fc.constant(`FREQ=${freq}`),
      fc.oneof(interval, months),
      dayParts(freq),
      part("BYHOUR", list(0, 23)),
      part("BYMINUTE", list(0, 59)),
      part("WKST", fc.constantFrom(...WEEKDAYS)),
      long ? part("BYSETPOS", fc.constantFrom("1", "-1")) : fc.constant(""),
    )
    .map((parts) => parts.join(""))
    .filter(
      (rule) => !rule.includes("BYSETPOS") || /BY(?:DAY|MONTH|MONTHDAY|YEARDAY|HOUR|MINUTE)=/.test(rule),
    )
    .filter((rule) => !(rule.includes("BYYEARDAY") && rule.includes("BYMONTH=")));
});

const anyStart = fc
  .integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2030, 0, 1) / 1000 })
  .map((second) => second * 1000);

/** A step or parts that limit, never both: where they hardly meet, rrule.js searches for minutes. */
const anyShortRule = fc
  .tuple(
    fc.constantFrom("HOURLY", "MINUTELY").map((freq) => `FREQ=${freq}`),
    fc.oneof(
      fc.integer({ min: 1, max: 5000 }).map((step) => `;INTERVAL=${step}`),
      part("BYHOUR", list(0, 23)),
      part("BYDAY", weekdays("")),
    ),
    part("BYSECOND", list(0, 59)),
  )
  .map((parts) => parts.join(""));

describe("rrule.js, in UTC", () => {
  it.each([
    ["of days and longer", anyRule, HORIZON_MS, 400],
    ["of hours and minutes", anyShortRule, HORIZON_MS / 50, 100],
  ] as const)("gives the same times, for periods %s", (_, rules, horizonMs, numRuns) => {
    fc.assert(
      fc.property(rules, anyStart, (rule, startAt) => {
        const until = new Date(startAt + horizonMs);
        const options = { ...rruleLibrary.RRule.parseString(rule), dtstart: new Date(startAt), until };
        const expected = new rruleLibrary.RRule(options)
          .all((_, index) => index < 30)
          .map((date) => date.getTime());

        const stamp = (at: Date) => at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
        const rrule = `DTSTART:${stamp(new Date(startAt))}Z\nRRULE:${rule};UNTIL=${stamp(until)}Z`;
        const compiled = compile(
          { type: "rrule", rrule, timezone: "UTC", dst: { gap: "shift", overlap: "first" } },
          0,
        );
        expect(
          compiled.ok && preview(compiled.recurrence, startAt - 1, expected.length < 30 ? 31 : 30),
        ).toEqual(expected);
      }),
      { numRuns },
    );
  });
});
