import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyExpression } from "../../testing/expressions.ts";
import { cronCalendar } from "./calendar.ts";
import { parseCron } from "./expression.ts";

function calendar(text: string, dayMatch: "or" | "and" = "or") {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return cronCalendar(parsed.cron, { dayMatch });
}

function dates(text: string, after: number, count: number, dayMatch: "or" | "and" = "or"): string[] {
  const { next } = calendar(text, dayMatch);
  const found: string[] = [];
  for (let wall = next(after); wall !== null && found.length < count; wall = next(wall)) {
    found.push(new Date(wall).toISOString().slice(0, 10));
  }
  return found;
}

const YEAR = Date.UTC(2026, 0, 1);

describe("the days of a cron expression", () => {
  it.each([
    ["0 9 L * *", ["2026-01-31", "2026-02-28", "2026-03-31"]],
    ["0 9 L-1 * *", ["2026-01-30", "2026-02-27", "2026-03-30"]],
    ["0 9 LW * *", ["2026-01-30", "2026-02-27", "2026-03-31"]],
    ["0 9 1W * *", ["2026-01-01", "2026-02-02", "2026-03-02"]],
    ["0 9 31W * *", ["2026-01-30", "2026-03-31", "2026-05-29"]],
    ["0 9 * * 5#3", ["2026-01-16", "2026-02-20", "2026-03-20"]],
    ["0 9 * * 1L", ["2026-01-26", "2026-02-23", "2026-03-30"]],
    ["0 9 29 2 *", ["2028-02-29", "2032-02-29", "2036-02-29"]],
  ])("%s", (text, expected) => {
    expect(dates(text, YEAR, 3)).toEqual(expected);
  });

  it("joins the two day fields by or, as Vixie does, or by and where asked", () => {
    expect(dates("0 0 13 * 5", YEAR, 4)).toEqual(["2026-01-02", "2026-01-09", "2026-01-13", "2026-01-16"]);
    expect(dates("0 0 13 * 5", YEAR, 3, "and")).toEqual(["2026-02-13", "2026-03-13", "2026-11-13"]);
  });

  it("waits up to forty years", () => {
    expect(dates("0 0 29 2 1", Date.UTC(2072, 1, 29), 1, "and")).toEqual(["2112-02-29"]);
  });
});

describe("neverFires", () => {
  it.each([
    ["0 0 30 2 *", "or"],
    ["0 0 31 4,6,9,11 *", "or"],
    ["0 0 L-30 2 *", "or"],
    ["0 0 1-28 * 1#5", "and"],
  ] as const)("%s has no date (%s)", (text, dayMatch) => {
    expect(calendar(text, dayMatch).neverFires).toBe(true);
    expect(calendar(text, dayMatch).next(YEAR)).toBeNull();
  });

  it.each(["0 0 29 2 *", "0 0 31 2 1", "0 0 L-28 2 *"])("%s has one", (text) => {
    expect(calendar(text).neverFires).toBe(false);
  });
});

describe("croner, in UTC", () => {
  it("gives the same times", () => {
    const anyTime = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2090, 0, 1) });
    fc.assert(
      fc.property(anyExpression, anyTime, fc.boolean(), (expression, after, and) => {
        const oracle = new Cron(expression, { utcOffset: 0, domAndDow: and });
        const expected = oracle.nextRun(new Date(after))?.getTime() ?? null;
        expect(calendar(expression, and ? "and" : "or").next(after)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
