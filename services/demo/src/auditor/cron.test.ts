import { describe, expect, it } from "vitest";
import { cronMatcher } from "./cron.ts";

const named = (expression: string, at: string): boolean | undefined =>
  cronMatcher(expression)?.(Date.parse(at));

describe("cronMatcher", () => {
  it.each([
    ["*/5 * * * * *", "2026-11-21T09:00:05Z", true],
    ["*/5 * * * * *", "2026-11-21T09:00:06Z", false],
    ["0 9 * * 1-5", "2026-11-20T09:00:00Z", true],
    ["0 9 * * 1-5", "2026-11-21T09:00:00Z", false],
    ["0 9 * * 1-5", "2026-11-20T09:00:01Z", false],
    ["0 0 * * 7", "2026-11-22T00:00:00Z", true],
    ["10-20/5,40 * * * * *", "2026-11-22T00:00:15Z", true],
    ["10-20/5,40 * * * * *", "2026-11-22T00:00:40Z", true],
    ["10-20/5,40 * * * * *", "2026-11-22T00:00:25Z", false],
    ["0 0 13 * 5", "2026-11-20T00:00:00Z", true],
    ["0 0 13 * 5", "2026-11-13T00:00:00Z", true],
    ["0 0 13 * *", "2026-11-20T00:00:00Z", false],
  ])("%s at %s: %s", (expression, at, expected) => expect(named(expression, at)).toBe(expected));

  it.each(["0 9 * * MON", "0 9 L * *", "60 * * * * *", "* * *", "5-1 * * * *", "*/0 * * * *"])(
    "knows that it cannot judge %s",
    (expression) => expect(cronMatcher(expression)).toBeNull(),
  );
});
