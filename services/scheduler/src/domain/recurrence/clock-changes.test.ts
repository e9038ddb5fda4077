/*
 * Warnings of clock changes, on changes that happened or are announced in the zone database.
 */
import type { DstPolicy, EffectiveTrigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { clockChanges } from "./clock-changes.ts";

const CRON_DST: DstPolicy = { gap: "next", overlap: "first" };
const RRULE_DST: DstPolicy = { gap: "shift", overlap: "first" };
const NEW_YORK = "America/New_York";

const cron = (expression: string, timezone: string, dst: DstPolicy | null = CRON_DST): EffectiveTrigger => ({
  type: "cron",
  expression,
  timezone,
  dayMatch: "or",
  dst,
});

const elapsed = (expression: string, timezone: string): EffectiveTrigger => cron(expression, timezone, null);

const rrule = (text: string, timezone: string, dst: DstPolicy = RRULE_DST): EffectiveTrigger => ({
  type: "rrule",
  rrule: text,
  timezone,
  dst,
});

const told = (trigger: EffectiveTrigger, after: string, until = Number.POSITIVE_INFINITY): string[] =>
  clockChanges(trigger, Date.parse(after), until).map(({ message }) => message);

describe("a fixed time", () => {
  it("that a gap leaves out is told with what happens instead", () => {
    const at = (dst: DstPolicy) => told(cron("30 2 * * *", NEW_YORK, dst), "2026-11-21T00:00:00Z");
    expect(at(CRON_DST)).toEqual([
      "2027-03-14 02:30 does not exist in America/New_York: fires at 03:00 (gap: next)",
    ]);
    expect(at({ gap: "shift", overlap: "first" })).toEqual([
      "2027-03-14 02:30 does not exist in America/New_York: fires at 03:30 (gap: shift)",
    ]);
    expect(at({ gap: "skip", overlap: "first" })).toEqual([
      "2027-03-14 02:30 does not exist in America/New_York: left out (gap: skip)",
    ]);
  });

  it.each([["first", "the first"] as const, ["second", "the second"] as const, ["both", "both"] as const])(
    "that comes twice is told under overlap: %s",
    (overlap, words) => {
      expect(told(cron("30 1 * * *", NEW_YORK, { gap: "next", overlap }), "2026-06-01T00:00:00Z")).toEqual([
        `2026-11-01 01:30 comes twice in America/New_York: fires at ${words} (overlap: ${overlap})`,
      ]);
    },
  );

  it("has a code for programs and a place", () => {
    const both = clockChanges(cron("30 1,2 * * *", NEW_YORK), Date.parse("2026-06-01T00:00:00Z"), Infinity);
    expect(both.map(({ code, path }) => [code, path])).toEqual([
      ["dst_overlap", "/trigger"],
      ["dst_gap", "/trigger"],
    ]);
  });

  it("is told of once, however many others share its gap", () => {
    expect(told(cron("0,20,40 2 * * *", NEW_YORK), "2027-01-01T00:00:00Z")).toEqual([
      "2027-03-14 02:00 and later times before 03:00 do not exist in America/New_York: fires once, at 03:00 (gap: next)",
    ]);
    expect(
      told(cron("0,20,40 2 * * *", NEW_YORK, { gap: "shift", overlap: "first" }), "2027-01-01T00:00:00Z"),
    ).toEqual([
      "2027-03-14 02:00 and later times before 03:00 do not exist in America/New_York: fires from 03:00 on (gap: shift)",
    ]);
  });

  it("is not spoken of where the change spares it: another hour, another day, past the end", () => {
    for (const spared of ["0 9 * * *", "0 3 * * *", "59 1 * * 1-6", "30 2 1 * *"])
      expect(told(cron(spared, "Europe/Berlin"), "2027-01-01T00:00:00Z")).toEqual([]);
    const night = cron("30 2 * * *", "Europe/Berlin");
    expect(told(night, "2027-01-01T00:00:00Z", Date.parse("2027-03-28T00:59:59Z"))).toEqual([]);
    expect(told(night, "2027-03-28T01:00:00Z", Date.parse("2027-09-01T00:00:00Z"))).toEqual([]);
  });
});

describe("zones", () => {
  it("change in Berlin twice a year at the same hour", () => {
    expect(told(cron("30 2 * * *", "Europe/Berlin"), "2026-11-21T00:00:00Z")).toEqual([
      "2027-03-28 02:30 does not exist in Europe/Berlin: fires at 03:00 (gap: next)",
      "2027-10-31 02:30 comes twice in Europe/Berlin: fires at the first (overlap: first)",
    ]);
  });

  it("change on Lord Howe by half an hour", () => {
    expect(told(cron("15 2 * * *", "Australia/Lord_Howe"), "2026-06-01T00:00:00Z")).toEqual([
      "2026-10-04 02:15 does not exist in Australia/Lord_Howe: fires at 02:30 (gap: next)",
    ]);
    expect(told(cron("45 1 * * *", "Australia/Lord_Howe"), "2026-01-01T00:00:00Z")).toEqual([
      "2026-04-05 01:45 comes twice in Australia/Lord_Howe: fires at the first (overlap: first)",
    ]);
  });

  it("skipped a whole day in Apia in 2011", () => {
    expect(told(cron("0 9 * * *", "Pacific/Apia"), "2011-12-01T00:00:00Z")).toContain(
      "2011-12-30 09:00 does not exist in Pacific/Apia: fires at 2011-12-31 00:00 (gap: next)",
    );
  });

  it("change in Casablanca around Ramadan", () => {
    expect(
      told(cron("30 2 * * *", "Africa/Casablanca"), "2026-01-01T00:00:00Z", Date.parse("2026-06-01")),
    ).toEqual([
      "2026-02-15 02:30 comes twice in Africa/Casablanca: fires at the first (overlap: first)",
      "2026-03-22 02:30 does not exist in Africa/Casablanca: fires at 03:00 (gap: next)",
    ]);
  });

  it("without clock changes have nothing to tell", () => {
    for (const zone of ["UTC", "Asia/Tokyo", "Asia/Kolkata", "America/Phoenix"])
      expect(told(cron("30 2 * * *", zone), "2026-01-01T00:00:00Z")).toEqual([]);
  });

  it("are looked at for 400 days, and told of four times at most", () => {
    const changes = told(cron("30 1,2 * * *", "America/New_York"), "2026-02-01T00:00:00Z");
    expect(changes.map((line) => line.slice(0, 10))).toEqual(["2026-03-08", "2026-11-01"]);
    const often = told(cron("* * * * *", "Africa/Casablanca"), "2012-04-01T00:00:00Z");
    expect(often.map((line) => line.slice(0, 10))).toEqual([
      "2012-04-29",
      "2012-07-20",
      "2012-08-20",
      "2012-09-30",
    ]);
  });
});

describe("elapsed time", () => {
  it("goes on as ever where every hour is like the other", () => {
    for (const steady of ["* * * * *", "0 * * * *", "*/5 * * * *", "7,37 * * * *"]) {
      expect(told(elapsed(steady, NEW_YORK), "2026-01-01T00:00:00Z")).toEqual([]);
      expect(told(elapsed(steady, "Pacific/Apia"), "2011-12-01T00:00:00Z")).toEqual([]);
    }
  });

  it("is told where an hour is left out of a longer step", () => {
    expect(told(elapsed("0 */2 * * *", NEW_YORK), "2027-01-01T00:00:00Z")).toEqual([
      "2027-03-14 02:00 does not exist in America/New_York: left out (elapsed time, since minute or hour begins with *)",
    ]);
  });

  it("is told where the only hour of the day is left out, or comes twice", () => {
    expect(told(elapsed("*/10 2 * * *", NEW_YORK), "2027-01-01T00:00:00Z")).toEqual([
      "2027-03-14 02:00 and later times before 03:00 do not exist in America/New_York: left out (elapsed time, since minute or hour begins with *)",
    ]);
    expect(told(elapsed("*/10 1 * * *", NEW_YORK), "2027-06-01T00:00:00Z")).toEqual([
      "2027-11-07 01:00 and later times before 02:00 come twice in America/New_York: fires at both (elapsed time, since minute or hour begins with *)",
    ]);
  });

  it("is told where half an hour breaks an hourly rhythm", () => {
    const after = "2026-06-01T00:00:00Z";
    expect(told(elapsed("*/30 * * * *", "Australia/Lord_Howe"), after)).toEqual([]);
    expect(told(elapsed("0 * * * *", "Australia/Lord_Howe"), after)[0]).toMatch(/^2026-10-04 02:00 does not/);
  });

  it("is a policy like any other where the author set one", () => {
    expect(told(cron("* * * * *", NEW_YORK), "2027-01-01T00:00:00Z", Date.parse("2027-06-01"))).toEqual([
      "2027-03-14 02:00 and later times before 03:00 do not exist in America/New_York: fires once, at 03:00 (gap: next)",
    ]);
  });
});

describe("a rule", () => {
  const nightly = (more: string, zone = NEW_YORK) =>
    rrule(`DTSTART;TZID=${zone}:20260101T023000\nRRULE:FREQ=DAILY${more}`, zone);

  it("of days or longer is told of like a fixed time", () => {
    const after = "2026-11-21T00:00:00Z";
    expect(told(nightly(""), after)).toEqual([
      "2027-03-14 02:30 does not exist in America/New_York: fires at 03:30 (gap: shift)",
    ]);
    expect(told(rrule("DTSTART:20260101T013000\nRRULE:FREQ=DAILY", NEW_YORK), after)).toEqual([
      "2027-11-07 01:30 comes twice in America/New_York: fires at the first (overlap: first)",
    ]);
    expect(told(rrule("DTSTART:20260104T023000\nRRULE:FREQ=WEEKLY", NEW_YORK), after)).toHaveLength(1);
    expect(told(rrule("DTSTART:20260105T023000\nRRULE:FREQ=WEEKLY", NEW_YORK), after)).toEqual([]);
  });

  it("that has ended by then, or excepts the day, is not", () => {
    const after = "2026-11-21T00:00:00Z";
    expect(told(nightly(";UNTIL=20270314T062959Z"), after)).toEqual([]);
    expect(told(nightly(";UNTIL=20270314T075959Z"), after)).toHaveLength(1);
    expect(told(nightly(";COUNT=437"), after)).toEqual([]);
    expect(told(nightly(";COUNT=438"), after)).toHaveLength(1);
    expect(told(nightly("\nEXDATE;TZID=America/New_York:20270314T023000"), after)).toEqual([]);
    expect(told(nightly("\nEXRULE:FREQ=MONTHLY;BYMONTHDAY=14"), after)).toEqual([]);
  });

  it("has dates of its own: those on its clock count, an instant in UTC is what it is", () => {
    const dates = (rdate: string) => rrule(`DTSTART:20260101T090000\nRDATE${rdate}`, NEW_YORK);
    expect(told(dates(":20270314T023000"), "2026-11-21T00:00:00Z")).toHaveLength(1);
    for (const instant of [":20271107T053000Z", ":20271107T013000Z"])
      expect(told(dates(instant), "2026-11-21T00:00:00Z")).toEqual([]);
  });

  it("shorter than a day counts elapsed time, so no change touches it", () => {
    expect(
      told(rrule("DTSTART:20260101T003000\nRRULE:FREQ=HOURLY;INTERVAL=2", NEW_YORK), "2026-01-01T00:00:00Z"),
    ).toEqual([]);
  });

  it("that starts in UTC, or no longer compiles, has nothing to tell", () => {
    expect(told(rrule("DTSTART:20260101T023000Z\nRRULE:FREQ=DAILY", "UTC"), "2026-01-01T00:00:00Z")).toEqual(
      [],
    );
    for (const broken of ["RRULE:FREQ=NEVER", "DTSTART:20260101T023000\nRRULE:FREQ=DAILY;BYWAY=1"])
      expect(told(rrule(broken, NEW_YORK), "2026-01-01T00:00:00Z")).toEqual([]);
    expect(told(cron("61 2 * * *", NEW_YORK), "2026-01-01T00:00:00Z")).toEqual([]);
    expect(told(cron("30 2 * * *", "Mars/Olympus"), "2026-01-01T00:00:00Z")).toEqual([]);
  });
});

describe("other triggers", () => {
  it("know no local time", () => {
    const others: EffectiveTrigger[] = [
      { type: "interval", everySeconds: 3600, startAt: "2026-01-01T00:00:00Z" },
      { type: "manual" },
    ];
    for (const trigger of others) expect(told(trigger, "2026-01-01T00:00:00Z")).toEqual([]);
  });
});
