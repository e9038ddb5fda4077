import { describe, expect, it } from "vitest";
import { compile, preview } from "../index.ts";

/** Instants as `2026-03-08T07:30Z`, or the message of the refusal. */
function times(rrule: string, count: number, after = "2000-01-01T00:00:00Z"): string[] | string {
  const trigger = {
    type: "rrule",
    rrule,
    timezone: "America/New_York",
    dst: { gap: "shift", overlap: "first" },
  } as const;
  const compiled = compile(trigger, 0);
  if (!compiled.ok) return compiled.fault.message;
  const found = preview(compiled.recurrence, Date.parse(after), count);
  return found.map((at) => new Date(at).toISOString().replace(":00.000Z", "Z"));
}

describe("the lines of a text", () => {
  it("may be folded, as calendars write them", () => {
    const text =
      "DTSTART:20260101T090000Z\r\nRRULE:FREQ=DAILY;COU\r\n NT=3\r\nEXDATE:20260101T090000Z,\r\n\t20260102T090000Z";
    expect(times(text, 9)).toEqual(["2026-01-03T09:00Z"]);
  });

  it("may be indented", () => {
    expect(times("  DTSTART:20260101T090000Z\n  \n  RRULE:FREQ=DAILY;COUNT=1\n  ", 9)).toEqual([
      "2026-01-01T09:00Z",
    ]);
  });
});

describe("a rule in local time", () => {
  it("keeps its time on the wall through clock changes, and shifts what they skip", () => {
    const rule = "DTSTART:20260307T023000\nRRULE:FREQ=DAILY;COUNT=3";
    expect(times(rule, 9)).toEqual(["2026-03-07T07:30Z", "2026-03-08T07:30Z", "2026-03-09T06:30Z"]);
  });

  it("costs the same centuries from its DTSTART", () => {
    const rule = "DTSTART:19000101T090000Z\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO";
    expect(times(rule, 1, "2500-01-01T00:00:00Z")).toEqual(["2500-01-11T09:00Z"]);
  });

  it("does not count DTSTART as an occurrence that its rule does not name", () => {
    const rule = "DTSTART:20260101T090000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2";
    expect(times(rule, 9)).toEqual(["2026-01-05T09:00Z", "2026-01-12T09:00Z"]);
  });

  it("counts local times, also two that meet in one instant since Samoa skipped a date", () => {
    const rule = "DTSTART;TZID=Pacific/Apia:20111229T120000\nRRULE:FREQ=DAILY;COUNT=3";
    expect(times(rule, 9)).toEqual(["2011-12-29T22:00Z", "2011-12-30T22:00Z"]);
  });

  it("takes the weekday of a BYWEEKNO without BYDAY from DTSTART", () => {
    expect(times("DTSTART:20260106T090000Z\nRRULE:FREQ=YEARLY;BYWEEKNO=20", 1)).toEqual([
      "2026-05-12T09:00Z",
    ]);
  });

  it("chooses by position from the whole period, also the part before DTSTART", () => {
    const rule = "DTSTART:20260107T000000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2";
    expect(times(rule, 2)).toEqual(["2026-01-07T00:00Z", "2026-01-14T00:00Z"]);
  });
});

describe("a rule shorter than a day", () => {
  it("steps in elapsed time through both clock changes", () => {
    const spring = "DTSTART:20260308T000000\nRRULE:FREQ=HOURLY;INTERVAL=2;COUNT=3";
    expect(times(spring, 9)).toEqual(["2026-03-08T05:00Z", "2026-03-08T07:00Z", "2026-03-08T09:00Z"]);
    const autumn = "DTSTART:20261101T000000\nRRULE:FREQ=HOURLY;COUNT=4";
    expect(times(autumn, 9)).toEqual([
      "2026-11-01T04:00Z",
      "2026-11-01T05:00Z",
      "2026-11-01T06:00Z",
      "2026-11-01T07:00Z",
    ]);
  });

  it("is found at once five years after its DTSTART", () => {
    const rule = "DTSTART:20200101T000000Z\nRRULE:FREQ=SECONDLY;INTERVAL=7;BYHOUR=9;BYDAY=MO";
    expect(times(rule, 1, "2026-01-01T00:00:00Z")).toEqual(["2026-01-05T09:00:01.000Z"]);
  });

  it("reads its hours from the clock on the wall", () => {
    const rule = "DTSTART:20260101T000000\nRRULE:FREQ=MINUTELY;INTERVAL=30;BYHOUR=9";
    expect(times(rule, 2, "2026-07-01T00:00:00Z")).toEqual(["2026-07-01T13:00Z", "2026-07-01T13:30Z"]);
  });
});

describe("dates and exceptions", () => {
  it("are added to the rules, and taken away from all of it", () => {
    const text = [
      "DTSTART:20260101T090000",
      "RRULE:FREQ=DAILY;COUNT=3",
      "RDATE:20260110T090000,20260102T090000",
      "EXDATE;TZID=Europe/Berlin:20260101T150000",
      "EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2",
    ].join("\n");
    expect(times(text, 9)).toEqual(["2026-01-02T14:00Z", "2026-01-10T14:00Z"]);
  });

  it("come from every rule, also beside one that never finds any", () => {
    const text = "DTSTART:20260101T000000Z\nRRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30\nRRULE:FREQ=DAILY";
    expect(times(text, 1)).toEqual(["2026-01-01T00:00Z"]);
  });

  it("may leave nothing, and the search for it ends", () => {
    expect(times("DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY", 1)).toEqual([]);
  });
});

describe("UNTIL", () => {
  it("is the last instant that may occur", () => {
    const rule = "DTSTART;TZID=America/New_York:20260101T090000\nRRULE:FREQ=DAILY;UNTIL=20260102T140000Z";
    expect(times(rule, 9)).toEqual(["2026-01-01T14:00Z", "2026-01-02T14:00Z"]);
  });

  it("may be local where DTSTART is, and a date where DTSTART could be one", () => {
    expect(times("DTSTART:20260101T090000\nRRULE:FREQ=DAILY;UNTIL=20260102T090000", 9)).toHaveLength(2);
    expect(times("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;UNTIL=20260102", 9)).toHaveLength(2);
  });

  it("must be UTC beside a TZID, and a time beside a time", () => {
    const zoned = "DTSTART;TZID=America/New_York:20260101T090000\nRRULE:FREQ=DAILY;UNTIL=";
    expect(times(`${zoned}20260102T090000`, 1)).toBe(
      'UNTIL "20260102T090000": expected UTC, with Z at its end, as DTSTART has a time zone',
    );
    expect(times(`${zoned}20260102`, 1)).toBe(
      `UNTIL "20260102": expected a time like DTSTART's, not only a date`,
    );
  });
});

describe("text that is refused", () => {
  it.each([
    ["RRULE:FREQ=DAILY", "DTSTART: expected once"],
    ["DTSTART:20260101T000000Z", "rrule: expected an RRULE or an RDATE"],
    [
      "DTSTART:20260101T000000Z\nVEVENT:1",
      'line "VEVENT:1": expected DTSTART, RRULE, EXRULE, RDATE or EXDATE, a colon and a value',
    ],
    [
      "DTSTART;TZID=Mars/Olympus:20260101T000000\nRRULE:FREQ=DAILY",
      'DTSTART, TZID "Mars/Olympus": expected an IANA time zone such as Europe/Vienna',
    ],
    [
      "DTSTART;RANGE=ALL:20260101T000000\nRRULE:FREQ=DAILY",
      'DTSTART, parameter "RANGE=ALL": expected TZID=… or VALUE=…',
    ],
    ["RDATE;TZID=UTC;tzid=UTC:20260101T000000", 'parameters "TZID=UTC;tzid=UTC": expected each once'],
    [
      "DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY\nEXDATE:20260102",
      `RDATE or EXDATE "20260102": expected a time like DTSTART's, not only a date`,
    ],
    [
      `DTSTART:20260101T000000Z\nRDATE:${"20260102T000000Z,".repeat(1001)}20260102T000000Z`,
      "RDATE values: 1002, expected at most 1000",
    ],
    ["x".repeat(32_769), "rrule of 32769 characters: expected at most 32768"],
  ])("%j", (text, message) => {
    expect(times(text, 1)).toBe(message);
  });
});
