import type { Trigger } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, resolve, describe as words } from "./index.ts";

const CONTEXT = {
  acceptedAt: Date.UTC(2026, 0, 1),
  startAt: null,
  defaultTimezone: "UTC",
  lookaheadMs: 1e12,
};

/** Resolves, compiles, asks and words it: must neither throw nor hang, whatever comes out. */
function survive(trigger: Trigger): string {
  const resolved = resolve(trigger, CONTEXT);
  if (!resolved.ok) return resolved.fault.code;
  const compiled = compile(resolved.trigger, CONTEXT.acceptedAt);
  if (compiled.ok) compiled.recurrence.next(CONTEXT.acceptedAt);
  return words(resolved.trigger);
}

const pieces = (text: string) =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...text.split(" ")) },
      { weight: 1, arbitrary: fc.string() },
    ),
    { maxLength: 24 },
  );
const cronish = pieces("* / , - # ? L W 0 1 5 9 31 59 99999999 MON JAN @every @daily").map((parts) =>
  parts.join(""),
);
const cronFields = fc.array(cronish, { maxLength: 7 }).map((parts) => parts.join(" "));
const ruleish = pieces(
  "FREQ=DAILY FREQ=SECONDLY FREQ=YEARLY ; ; ; INTERVAL=1 INTERVAL=-1 COUNT=9999 BYDAY=MO BYDAY=53SU BYMONTH=2 BYMONTHDAY=30 BYSETPOS=366 " +
    "BYHOUR=0,23 BYSECOND=59 BYWEEKNO=53 UNTIL=20301231T000000Z DTSTART:20260101T000000Z RRULE: EXRULE: RDATE: EXDATE: TZID= = , \n \n",
).map((parts) => parts.join(""));

describe("hostile input", () => {
  it("is refused or answered, never thrown, as cron", () => {
    fc.assert(
      fc.property(fc.oneof(cronFields, cronish, fc.string()), (expression) => {
        expect(survive({ type: "cron", expression })).toBeTypeOf("string");
      }),
      { numRuns: 3000 },
    );
  });

  it("is refused or answered, never thrown, as rrule", () => {
    fc.assert(
      fc.property(fc.oneof(ruleish, fc.string()), (rrule) => {
        expect(survive({ type: "rrule", rrule })).toBeTypeOf("string");
      }),
      { numRuns: 3000 },
    );
  });

  it("is refused as zone", () => {
    fc.assert(
      fc.property(fc.string(), (timezone) => {
        expect(survive({ type: "cron", expression: "@daily", timezone })).toBeTypeOf("string");
      }),
    );
  });

  it.each([
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never_fires"],
    ["FREQ=DAILY;INTERVAL=7;BYDAY=MO", "never_fires"],
    ["FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "never_fires"],
    ["FREQ=SECONDLY;INTERVAL=10;BYSECOND=2,15", "never_fires"],
    ["FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5", "never_fires"],
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=9999", "never_fires"],
    ["FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", "never_fires"],
  ])("%s never fires, and that is found out", (rrule, code) => {
    expect(survive({ type: "rrule", rrule })).toBe(code);
  });
});
