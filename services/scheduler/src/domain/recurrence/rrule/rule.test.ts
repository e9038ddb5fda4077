import { describe, expect, it } from "vitest";
import { RruleFault } from "./fault.ts";
import { parseRule } from "./rule.ts";

function messageOf(text: string): string {
  try {
    parseRule(text);
    return "accepted";
  } catch (error) {
    if (error instanceof RruleFault) return error.message;
    throw error;
  }
}

describe("parseRule", () => {
  it.each([
    "FREQ=DAILY",
    "freq=weekly;byday=mo",
    "INTERVAL=2;FREQ=MONTHLY;BYDAY=+1MO,-1FR;COUNT=10",
    "FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=MO;WKST=SU",
    "FREQ=WEEKLY;BYDAY=MO;",
    "FREQ=DAILY;BYWEEKNO=20",
  ])("accepts %s", (text) => {
    expect(messageOf(text)).toBe("accepted");
  });

  it.each([
    [
      "FREQ=FORTNIGHTLY",
      'FREQ "FORTNIGHTLY": expected one of YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY',
    ],
    ["BYDAY=MO", 'FREQ "": expected one of YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY'],
    ["FREQ=DAILY;INTERVAL=0", 'INTERVAL "0": expected 1 to 999999999'],
    ["FREQ=DAILY;COUNT=10001", 'COUNT "10001": expected 1 to 10000'],
    ["FREQ=DAILY;BYHOUR=24", 'BYHOUR "24": expected 0 to 23'],
    ["FREQ=MONTHLY;BYMONTHDAY=0", 'BYMONTHDAY "0": expected 1 to 31 or -31 to -1'],
    ["FREQ=MONTHLY;BYDAY=54MO", 'BYDAY "54MO": expected 1 to 53 before the weekday'],
    [
      "FREQ=WEEKLY;BYDAY=1MO",
      "BYDAY with FREQ=WEEKLY: expected weekdays without a number, or YEARLY or MONTHLY",
    ],
    [
      "FREQ=MONTHLY;BYYEARDAY=1",
      "BYYEARDAY with FREQ=MONTHLY: expected YEARLY, HOURLY, MINUTELY or SECONDLY",
    ],
    ["FREQ=DAILY;BYSETPOS=1", "BYSETPOS: expected another BY part to choose from"],
    ["FREQ=DAILY;COUNT=1;UNTIL=20260101", "COUNT and UNTIL: expected one of them"],
    ["FREQ=DAILY;FREQ=WEEKLY", 'FREQ "WEEKLY": expected once'],
    [
      "FREQ=DAILY;UNTIL=20260230",
      'UNTIL, "20260230": expected a date that exists, as 20261121, 20261121T090000 or 20261121T090000Z',
    ],
  ])("refuses %s and says what is expected", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it.each([
    "",
    ";",
    "FREQ",
    "FREQ=DAILY;;COUNT=1",
    "FREQ=DAILY;RSCALE=GREGORIAN",
    "FREQ=DAILY;X-OWN=1",
    "FREQ=DAILY;BYDAY=",
  ])("refuses %j", (text) => {
    expect(messageOf(text)).not.toBe("accepted");
  });

  it.each(["FREQ=", "FREQ=DAILY;UNTIL=", "FREQ=DAILY;COUNT=", "FREQ=DAILY;WKST=", "FREQ=DAILY;BYDAY=", ""])(
    "quotes only the beginning of what is long after %j",
    (before) => {
      const message = messageOf(before + "X".repeat(10_000));
      expect(message).toContain("XXX…");
      expect(message.length).toBeLessThan(250);
    },
  );
});
