import type { DstPolicy } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { preview, walking } from "./recurrence.ts";
import { instantsOf, type WallCalendar, wallTimeline } from "./wall-timeline.ts";
import { findZone, type Zone } from "./zone.ts";

/** 02:30 on a Sunday morning does not exist in New York when summer begins; 01:30 comes twice when it ends. */
const SPRING = Date.UTC(2026, 2, 8);
const AUTUMN = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;

function zone(name: string): Zone {
  const found = findZone(name);
  if (found === null) throw new Error(name);
  return found;
}

/** The same times on every day. */
function daily(...hours: number[]): WallCalendar {
  return {
    next: (after) => {
      const day = Math.floor(after / (24 * HOUR)) * 24 * HOUR;
      return (
        hours.map((hour) => day + hour * HOUR).find((wall) => wall > after) ??
        day + (24 + (hours[0] ?? 0)) * HOUR
      );
    },
  };
}

function times(
  calendar: WallCalendar,
  name: string,
  policy: DstPolicy,
  after: number,
  count: number,
): string[] {
  const next = wallTimeline({ zone: zone(name), policy, calendarAt: () => calendar });
  return preview(walking(next), after, count).map((at) => new Date(at).toISOString().slice(5, 16));
}

describe("a local time that a clock change skips", () => {
  it.each([
    ["next", ["03-08T07:00", "03-09T06:30"]],
    ["shift", ["03-08T07:30", "03-09T06:30"]],
    ["skip", ["03-09T06:30", "03-10T06:30"]],
  ] as const)("comes as %s says", (gap, expected) => {
    expect(times(daily(2.5), "America/New_York", { gap, overlap: "first" }, SPRING, 2)).toEqual(expected);
  });

  it("is one with an ordinary time that it meets", () => {
    const shifted = times(
      daily(2, 2.5, 3, 3.5),
      "America/New_York",
      { gap: "shift", overlap: "first" },
      SPRING,
      3,
    );
    expect(shifted).toEqual(["03-08T07:00", "03-08T07:30", "03-09T06:00"]);
  });

  it("comes in order among ordinary times", () => {
    const shifted = times(
      daily(2.5, 3, 3.75),
      "America/New_York",
      { gap: "shift", overlap: "first" },
      SPRING,
      3,
    );
    expect(shifted).toEqual(["03-08T07:00", "03-08T07:30", "03-08T07:45"]);
  });

  it("is shifted by half an hour on Lord Howe", () => {
    const after = Date.UTC(2026, 9, 3, 12);
    expect(times(daily(2.25), "Australia/Lord_Howe", { gap: "shift", overlap: "first" }, after, 1)).toEqual([
      "10-03T15:45",
    ]);
    expect(times(daily(2.25), "Australia/Lord_Howe", { gap: "next", overlap: "first" }, after, 1)).toEqual([
      "10-03T15:30",
    ]);
  });

  it("may be a whole day, as in Samoa", () => {
    const after = Date.UTC(2011, 11, 29, 20);
    const dated = (gap: DstPolicy["gap"]) =>
      times(daily(9), "Pacific/Apia", { gap, overlap: "first" }, after, 2);
    expect(dated("next")).toEqual(["12-30T10:00", "12-30T19:00"]);
    expect(dated("shift")).toEqual(["12-30T19:00", "12-31T19:00"]);
    expect(dated("skip")).toEqual(["12-30T19:00", "12-31T19:00"]);
  });
});

describe("a local time that a clock change repeats", () => {
  it.each([
    ["first", ["11-01T05:30", "11-02T06:30"]],
    ["second", ["11-01T06:30", "11-02T06:30"]],
    ["both", ["11-01T05:30", "11-01T06:30"]],
  ] as const)("comes as %s says", (overlap, expected) => {
    expect(times(daily(1.5), "America/New_York", { gap: "next", overlap }, AUTUMN, 2)).toEqual(expected);
  });

  it("keeps the order of the clock on the wall under both", () => {
    expect(times(daily(1, 1.5), "America/New_York", { gap: "next", overlap: "both" }, AUTUMN, 4)).toEqual([
      "11-01T05:00",
      "11-01T05:30",
      "11-01T06:00",
      "11-01T06:30",
    ]);
  });

  it("repeats only half an hour on Lord Howe", () => {
    const after = Date.UTC(2026, 3, 4, 12);
    expect(
      times(daily(1.5, 1.75), "Australia/Lord_Howe", { gap: "next", overlap: "second" }, after, 2),
    ).toEqual(["04-04T15:00", "04-04T15:15"]);
  });
});

describe("instantsOf", () => {
  it("gives none, one or two instants for a local time", () => {
    const newYork = zone("America/New_York");
    const both: DstPolicy = { gap: "skip", overlap: "both" };
    expect(instantsOf(SPRING + 2.5 * HOUR, newYork, both)).toEqual([]);
    expect(instantsOf(SPRING + 4 * HOUR, newYork, both)).toEqual([SPRING + 8 * HOUR]);
    expect(instantsOf(AUTUMN + 1.5 * HOUR, newYork, both)).toEqual([
      AUTUMN + 5.5 * HOUR,
      AUTUMN + 6.5 * HOUR,
    ]);
  });
});
