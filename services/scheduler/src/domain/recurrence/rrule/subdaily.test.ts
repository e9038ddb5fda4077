/*
 * Rules shorter than a day against an oracle that looks at every second of a day and more, one by one.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, preview, type Recurrence } from "../index.ts";

const UNITS = { HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 } as const;
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const SPAN_SECONDS = 86_400 + 7_200;
/** As many as a user may ask for: a preview of more can end at what one question may cost. */
const PAGE = 1_000;

const some = (max: number, maxLength: number) =>
  fc.option(fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength }), { nil: null });

const anyRule = fc.record({
  freq: fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[])),
  interval: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 100 })),
  weekdays: some(6, 6),
  hours: some(23, 12),
  minutes: some(59, 20),
  seconds: some(59, 20),
});
type Parts = typeof anyRule extends fc.Arbitrary<infer Value> ? Value : never;

const EVERY_SECOND: Parts = {
  freq: "SECONDLY",
  interval: 1,
  weekdays: null,
  hours: null,
  minutes: null,
  seconds: null,
};

function written({ freq, interval, weekdays, hours, minutes, seconds }: Parts): string {
  const parts = {
    BYDAY: weekdays?.map((day) => WEEKDAYS[day]),
    BYHOUR: hours,
    BYMINUTE: minutes,
    BYSECOND: seconds,
  };
  const given = Object.entries(parts).flatMap(([name, values]) => (values ? [`${name}=${values}`] : []));
  return [`FREQ=${freq}`, `INTERVAL=${interval}`, ...given].join(";");
}

/** Without a part, the smaller units are those of DTSTART. */
function matches(rule: Parts, start: number, second: number): boolean {
  const unit = UNITS[rule.freq];
  const [date, startDate] = [new Date(second * 1000), new Date(start * 1000)];
  const periods = Math.floor(second / unit) - Math.floor(start / unit);
  return (
    periods % rule.interval === 0 &&
    (rule.weekdays?.includes(date.getUTCDay()) ?? true) &&
    (rule.hours?.includes(date.getUTCHours()) ?? true) &&
    (rule.minutes?.includes(date.getUTCMinutes()) ??
      (unit < 3600 || date.getUTCMinutes() === startDate.getUTCMinutes())) &&
    (rule.seconds?.includes(date.getUTCSeconds()) ??
      (unit < 60 || date.getUTCSeconds() === startDate.getUTCSeconds()))
  );
}

/** Page by page, each going on where the one before ended. */
function timesOf(recurrence: Recurrence, from: number, until: number): number[] {
  const found: number[] = [];
  for (let page = preview(recurrence, from - 1, PAGE); page.length > 0; ) {
    found.push(...page.filter((at) => at <= until));
    const last = page.at(-1) ?? until;
    page = last < until ? preview(recurrence, last, PAGE) : [];
  }
  return found;
}

describe("a rule shorter than a day, looked up second by second", () => {
  it("fires in every second that its parts allow, and in no other", () => {
    fc.assert(
      fc.property(anyRule, fc.integer({ min: 0, max: 86_399 }), (rule, ofDay) => {
        const start = Date.UTC(2026, 0, 1) / 1000 + ofDay;
        const expected: number[] = [];
        for (let second = start; second <= start + SPAN_SECONDS; second++)
          if (matches(rule, start, second)) expected.push(second * 1000);

        const dtstart = new Date(start * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
        const rrule = `DTSTART:${dtstart}Z\nRRULE:${written(rule)}`;
        const dst = { gap: "shift", overlap: "first" } as const;
        const compiled = compile({ type: "rrule", rrule, timezone: "UTC", dst }, 0);
        const until = (start + SPAN_SECONDS) * 1000;
        const found = compiled.ok ? timesOf(compiled.recurrence, start * 1000, until) : [];
        expect(found).toEqual(expected);
      }),
      { numRuns: 40, examples: [[EVERY_SECOND, 0]] },
    );
  });
});
