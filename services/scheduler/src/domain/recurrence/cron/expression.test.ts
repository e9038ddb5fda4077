import { describe, expect, it } from "vitest";
import { CRON_LENGTH_MAX, parseCron } from "./expression.ts";

function messageOf(text: string): string {
  const parsed = parseCron(text);
  return parsed.ok ? "accepted" : parsed.message;
}

describe("parseCron", () => {
  it.each([
    "* * * * *",
    "*/5 9-17 * * MON-FRI",
    "0 0 1,15 * *",
    "5/15 * * * *",
    "0 0 L-3 * *",
    "0 0 LW * *",
    "0 0 L-2W * *",
    "0 0 1W,15 * *",
    "0 0 * * 5L,1#1",
    "0 0 * * thu-sun",
    "? ? ? ? ? ?",
    "\t0  9 * * 1-5 ",
    "@Daily",
  ])("accepts %j", (text) => {
    expect(messageOf(text)).toBe("accepted");
  });

  it.each([
    ["0 25 * * *", 'hour field, "25": expected 0 to 23'],
    ["*/60 * * * *", 'minute field, "*/60": expected a step of 1 to 59'],
    ["22-2 * * * *", 'minute field, "22-2": expected a range that rises (write 22-59,0-2)'],
    [
      "0 0 * * MONL,X",
      'day-of-week field, "X": expected 0 to 7 or SUN to SAT, *, a range a-b, a step such as */5, or a list of these',
    ],
    ["0 0 32W * *", 'day-of-month field, "32W": expected 1W to 31W'],
    ["0 0 L-31 * *", 'day-of-month field, "L-31": expected L-0 to L-30'],
    ["* * * *", '"* * * *" has 4 fields: expected 5, or 6 with seconds first'],
    ["0 0 0 1 1 * 2030", '"0 0 0 1 1 * 2030" has 7 fields: expected 5, or 6 with seconds first'],
    [
      "@every 90s",
      '"@every 90s": expected one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly (for a fixed rate use the trigger type interval)',
    ],
    ["9".repeat(CRON_LENGTH_MAX + 1), "expression of 257 characters: expected at most 256"],
  ])("refuses %j and says what is expected", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it.each([
    "99999999/1 * * * *",
    "2026-11-21T09:00:00Z",
    "* * * * MONL2",
    "0 0 * * L",
    "/5 * * * *",
    "1-2-3 * * * *",
  ])("refuses %j", (text) => {
    expect(messageOf(text)).not.toBe("accepted");
  });

  it("reads a step after one number up to the field's end", () => {
    const parsed = parseCron("5/20 * * * *");
    expect(parsed.ok && parsed.cron.minutes).toEqual([5, 25, 45]);
  });

  it("follows elapsed time only where minute or hour begin with a star", () => {
    const wildcard = (text: string) => {
      const parsed = parseCron(text);
      return parsed.ok && parsed.cron.wildcard;
    };
    expect(["*/5 * * * *", "0 */2 * * *", "0 * * * *", "@hourly"].map(wildcard)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["0 9 * * *", "* 0 9 * * *", "0-59 1,2 * * *"].map(wildcard)).toEqual([false, false, false]);
  });
});
