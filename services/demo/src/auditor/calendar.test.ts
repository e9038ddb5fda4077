import { describe, expect, it } from "vitest";
import { type ClockTrigger, occurrences } from "./calendar.ts";

const NINE = Date.UTC(2026, 10, 21, 9);
const DST = { gap: "next", overlap: "first" } as const;

/** Seconds after nine of each occurrence in the ten seconds from nine on; accepted at nine. */
const seconds = (trigger: ClockTrigger): number[] | undefined =>
  occurrences(trigger, NINE, { fromAt: NINE, untilAt: NINE + 10_000 })?.map((at) => (at - NINE) / 1000);

const cron = (expression: string, timezone = "UTC"): ClockTrigger => ({
  type: "cron",
  expression,
  timezone,
  dayMatch: "or",
  dst: null,
});
const rrule = (text: string): ClockTrigger => ({ type: "rrule", rrule: text, timezone: "UTC", dst: DST });

describe("occurrences", () => {
  it("names what the clock names, both ends included", () => {
    expect(seconds(cron("*/5 * * * * *"))).toEqual([0, 5, 10]);
  });

  it("counts an interval from its anchor, not from the beginning of the span", () => {
    expect(seconds({ type: "interval", everySeconds: 4, startAt: "2026-11-21T08:59:57Z" })).toEqual([
      1, 5, 9,
    ]);
    expect(seconds({ type: "interval", everySeconds: 4, startAt: "2026-11-21T09:00:03.5Z" })).toEqual([
      3.5, 7.5,
    ]);
    expect(seconds({ type: "interval", everySeconds: 2.5, startAt: "2026-11-21T09:00:00Z" })).toEqual([
      0, 2.5, 5, 7.5, 10,
    ]);
  });

  it("counts a rule from its DTSTART, and its COUNT as well", () => {
    expect(seconds(rrule("DTSTART:20261121T000000Z\nRRULE:FREQ=SECONDLY;INTERVAL=4"))).toEqual([0, 4, 8]);
    expect(seconds(rrule("DTSTART;TZID=UTC:20261121T085958\nRRULE:FREQ=SECONDLY;COUNT=5"))).toEqual([
      0, 1, 2,
    ]);
    expect(seconds(rrule("DTSTART:20261121T085000Z\nRRULE:FREQ=MINUTELY;INTERVAL=10"))).toEqual([0]);
  });

  it("fires once at an instant, and at once", () => {
    expect(seconds({ type: "at", at: "2026-11-21T09:00:07.25Z" })).toEqual([7.25]);
    expect(seconds({ type: "at", at: "2026-11-21T09:00:11Z" })).toEqual([]);
    expect(seconds({ type: "immediate" })).toEqual([0]);
  });

  it.each([
    cron("0 9 * * *", "America/New_York"),
    cron("0 9 L * *"),
    rrule("DTSTART:20261121T000000Z\nRRULE:FREQ=SECONDLY;BYHOUR=9"),
    rrule("DTSTART:20261121T000000Z\nRRULE:FREQ=DAILY"),
    rrule("DTSTART;TZID=Europe/Paris:20261121T000000\nRRULE:FREQ=SECONDLY"),
    rrule("DTSTART:20261121T000000Z\nRRULE:FREQ=SECONDLY\nEXDATE:20261121T090000Z"),
  ])("admits that it does not know %j", (trigger) => expect(seconds(trigger)).toBeUndefined());
});
