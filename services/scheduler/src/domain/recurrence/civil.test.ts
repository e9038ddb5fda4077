import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { civilDate, DAY_MS, dayNumber, daysInMonth, weekdayOf } from "./civil.ts";

const anyDay = fc.integer({ min: -719_528, max: 2_932_896 });

describe("the civil calendar", () => {
  it("agrees with the platform's calendar on every day", () => {
    fc.assert(
      fc.property(anyDay, (days) => {
        const date = new Date(days * DAY_MS);
        const { year, month, day } = civilDate(days);
        expect([year, month, day, weekdayOf(days)]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCDay(),
        ]);
        expect(dayNumber(year, month, day)).toBe(days);
      }),
    );
  });

  it("knows leap years by centuries", () => {
    expect([1900, 2000, 2024, 2026, 2100].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 29, 28, 28]);
  });
});
