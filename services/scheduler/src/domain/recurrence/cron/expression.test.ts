import { describe, expect, it } from "vitest";
import { CRON_LENGTH_MAX, isWildcard, parseCron } from "./expression.ts";

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
    "@every_minute",
    "@EVERY_SECOND",
  ])("accepts %j", (text) => {
    expect(messageOf(text)).toBe("accepted");
  });

  it.each([
    ["0 25 * * *", 'hour field, "25": expected 0 to 23'],
    ["*/60 * * * *", 'minute field, "*/60": expected a step of 1 to 59'],
    ["22-2 * * * *", 'minute field, "22-2": expected a range that rises (write 22-59,0-2)'],
    ["56-4/4 * * * *", 'minute field, "56-4/4": expected a range that rises (write 56,0,4)'],
    ["0 23-3 * * *", 'hour field, "23-3": expected a range that rises (write 23,0-3)'],
    ["0 0 20-5/5 * *", 'day-of-month field, "20-5/5": expected a range that rises (write 20,25,30,4)'],
    ["0 0 * NOV-FEB *", 'month field, "NOV-FEB": expected a range that rises (write NOV-DEC,JAN-FEB)'],
    ["0 0 * * fri-tue", 'day-of-week field, "fri-tue": expected a range that rises (write FRI-SAT,SUN-TUE)'],
    ["0 0 * * 0/0", 'day-of-week field, "0/0": expected a step of 1 to 7'],
    [
      "\u0661 * * * *",
      'minute field, "\u0661": expected 0 to 59, *, a range a-b, a step such as */5, or a list of these',
    ],
    [
      "0 9 * * 1-5\u0000",
      'day-of-week field, "1-5\u0000": expected 0 to 7 or SUN to SAT, *, a range a-b, a step such as */5, or a list of these',
    ],
    ["0 9\n* * *", '"0 9\n* * *" has 4 fields: expected 5, or 6 with seconds first'],
    [
      "0 0 ? * 2#6",
      'day-of-week field, "2#6": expected 0 to 7 or SUN to SAT, *, a range a-b, a step, nL, n#1 to n#5 or n#L, or a list of these',
    ],
    [
      "0 0 W * *",
      'day-of-month field, "W": expected 1 to 31, *, a range a-b, a step, L, L-n, nW or LW, or a list of these',
    ],
    [
      "0 0 1-5W * *",
      'day-of-month field, "1-5W": expected 1 to 31, *, a range a-b, a step, L, L-n, nW or LW, or a list of these',
    ],
    [
      "0 0 1,,2 * *",
      'day-of-month field, "": expected 1 to 31, *, a range a-b, a step such as */5, or a list of these',
    ],
    ["", '"" has 0 fields: expected 5, or 6 with seconds first'],
    [
      "0 0 * * MONL,X",
      'day-of-week field, "X": expected 0 to 7 or SUN to SAT, *, a range a-b, a step such as */5, or a list of these',
    ],
    ["0 0 32W * *", 'day-of-month field, "32W": expected 1W to 31W'],
    ["0 0 L-31 * *", 'day-of-month field, "L-31": expected L-0 to L-30'],
    [
      "CRON_TZ=Asia/Tokyo 0 9 * * *",
      `"CRON_TZ=Asia/Tokyo 0 9 * * *": expected fields only, and the zone in the trigger's field timezone`,
    ],
    ["* * * *", '"* * * *" has 4 fields: expected 5, or 6 with seconds first'],
    ["0 0 0 1 1 * 2030", '"0 0 0 1 1 * 2030" has 7 fields: expected 5, or 6 with seconds first'],
    [
      "@reboot",
      '"@reboot": expected one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @weekdays, @weekends, @minutely, @every_minute, @secondly, @every_second, or @every 90s',
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
    const following = ["*/5 * * * *", "0 */2 * * *", "0 * * * *", "@hourly", "? 9 * * *"];
    expect(following.filter((text) => !isWildcard(text))).toEqual([]);
    const fixed = ["0 9 * * *", "* 0 9 * * *", "0-59 1,2 * * *", "* *", "TZ=UTC * * * * *"];
    expect(fixed.filter(isWildcard)).toEqual([]);
  });
});
