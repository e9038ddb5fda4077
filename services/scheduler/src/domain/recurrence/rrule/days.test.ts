import { describe, expect, it } from "vitest";
import { daysOfRule } from "./days.ts";
import { parseRule } from "./rule.ts";

/** The selected days of a month, ascending. */
function daysOf(text: string, year: number, month: number): number[] {
  const days = daysOfRule(parseRule(text))(year, month);
  return Array.from({ length: 31 }, (_, n) => n + 1).filter((day) => (days & (1 << day)) !== 0);
}

describe("the days of a month", () => {
  it.each<[string, number, number, number[]]>([
    ["FREQ=MONTHLY;BYMONTHDAY=-31,1,31", 2026, 1, [1, 31]],
    ["FREQ=MONTHLY;BYMONTHDAY=-1,30,31", 2026, 2, [28]],
    ["FREQ=YEARLY;BYYEARDAY=-366,1,366", 2026, 1, [1]],
    ["FREQ=YEARLY;BYYEARDAY=-1,60,366", 2028, 12, [31]],
    ["FREQ=YEARLY;BYDAY=53TH,-53TH", 2026, 12, [31]],
    ["FREQ=YEARLY;BYDAY=53TH,-53TH", 2026, 1, [1]],
    ["FREQ=MONTHLY;BYDAY=5SA,-5SA,MO", 2026, 1, [3, 5, 12, 19, 26, 31]],
    ["FREQ=YEARLY;BYWEEKNO=1,53", 2026, 1, [1, 2, 3, 4]],
    ["FREQ=YEARLY;BYWEEKNO=-1", 2026, 12, [28, 29, 30, 31]],
    ["FREQ=YEARLY;BYWEEKNO=53", 2027, 1, [1, 2, 3]],
    ["FREQ=YEARLY;BYWEEKNO=1;WKST=SU", 2026, 1, [4, 5, 6, 7, 8, 9, 10]],
  ])("%s selects of %i-%i are %j", (text, year, month, expected) => {
    expect(daysOf(text, year, month)).toEqual(expected);
  });

  it("are worked out once for each kind of year", () => {
    let looks = 0;
    const byYearDay = new Proxy([1, 100, 366], {
      get: (list, key) => {
        looks++;
        return Reflect.get(list, key);
      },
    });
    const days = daysOfRule({ ...parseRule("FREQ=YEARLY;BYWEEKNO=1"), byYearDay });
    const ask = (from: number, to: number) => {
      for (let year = from; year < to; year++) for (let month = 1; month <= 12; month++) days(year, month);
      return looks;
    };
    const known = ask(1600, 2000);
    expect(ask(2000, 10_000)).toBe(known);
  });
});
