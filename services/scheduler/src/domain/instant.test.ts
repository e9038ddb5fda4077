import { describe, expect, it } from "vitest";
import { formatInstant, INSTANT_MAX, INSTANT_MIN, parseInstant } from "./instant.ts";

describe("parseInstant", () => {
  it.each([
    ["2026-11-21T09:00:00Z", Date.UTC(2026, 10, 21, 9)],
    ["2026-11-21T09:00:00.5+02:00", Date.UTC(2026, 10, 21, 7, 0, 0, 500)],
    ["2026-11-21t09:00:00.123456789z", Date.UTC(2026, 10, 21, 9, 0, 0, 123)],
    ["0000-01-01T00:00:00Z", INSTANT_MIN],
    ["9999-12-31T23:59:59.999Z", INSTANT_MAX],
  ])("reads %s", (text, at) => {
    expect(parseInstant(text)).toBe(at);
  });

  it.each([
    "",
    "2026-11-21",
    "2026-11-21 09:00:00Z",
    "2026-11-21T09:00:00",
    "2026-02-29T00:00:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T23:59:60Z",
    "2026-11-21T09:00Z",
    "9999-12-31T23:59:59-01:00",
  ])("refuses %j", (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});

describe("formatInstant", () => {
  it("always writes milliseconds and Z", () => {
    expect(formatInstant(Date.UTC(2026, 10, 21, 9))).toBe("2026-11-21T09:00:00.000Z");
  });

  it("refuses what no text can hold", () => {
    expect(() => formatInstant(INSTANT_MAX + 1)).toThrow(RangeError);
    expect(() => formatInstant(0.5)).toThrow(RangeError);
  });
});
