import { describe, expect, it } from "vitest";
import { dateTime } from "./date-time.ts";

describe("dateTime", () => {
  it.each([
    "2026-12-01T09:00:00Z",
    "2026-12-01T09:00:00.123456789+05:30",
    "2026-12-01t09:00:00z",
    "2024-02-29T00:00:00Z",
    "2000-02-29T23:59:59-23:59",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
  ])("takes %s", (text) => expect(dateTime(text)).toBe(true));

  it.each([
    ["a day that February lacks", "2026-02-29T00:00:00Z"],
    ["a century that is no leap year", "1900-02-29T00:00:00Z"],
    ["the 31st of a short month", "2026-04-31T00:00:00Z"],
    ["month 0", "2026-00-10T00:00:00Z"],
    ["month 13", "2026-13-10T00:00:00Z"],
    ["day 0", "2026-01-00T00:00:00Z"],
    ["hour 24", "2026-01-01T24:00:00Z"],
    ["a leap second", "2026-06-30T23:59:60Z"],
    ["a time without a zone", "2026-01-01T00:00:00"],
    ["a date", "2026-01-01"],
    ["a space for T", "2026-01-01 00:00:00Z"],
    ["ten digits of fraction", "2026-01-01T00:00:00.1234567890Z"],
    ["an instant that UTC has in the year 10000", "9999-12-31T23:59:59-10:00"],
    ["an instant that UTC has before the year 0000", "0000-01-01T00:00:00+00:01"],
    ["text around it", " 2026-01-01T00:00:00Z\n"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => expect(dateTime(text)).toBe(false));
});
