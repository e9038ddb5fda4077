import type { EffectiveTrigger, Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { resolve, describe as words } from "./index.ts";

function text(trigger: Trigger): string {
  const context = {
    acceptedAt: Date.UTC(2026, 0, 1),
    startAt: null,
    defaultTimezone: "America/New_York",
    lookaheadMs: 1e12,
  };
  const resolved = resolve(trigger, context);
  return resolved.ok ? words(resolved.trigger) : resolved.fault.message;
}

const said: [Trigger, string][] = [
  [{ type: "cron", expression: "0 9 * * 1-5" }, "At 09:00 AM, Monday through Friday, America/New_York"],
  [{ type: "cron", expression: "@hourly" }, "Every hour, America/New_York"],
  [
    { type: "cron", expression: "0 0 13 * 5", dayMatch: "and" },
    "At 12:00 AM, on day 13 of the month, and on Friday (day of month and day of week must both match), America/New_York",
  ],
  [
    { type: "cron", expression: "0 0 13 * 5" },
    "At 12:00 AM, on day 13 of the month, and on Friday (day of month or day of week must match), America/New_York",
  ],
  [
    { type: "cron", expression: "0 0 1 * *", dayMatch: "and" },
    "At 12:00 AM, on day 1 of the month, America/New_York",
  ],
  [{ type: "cron", expression: "? 09 1,15w * * " }, 'Cron "? 09 1,15w * *", America/New_York'],
  [{ type: "cron", expression: "00 09 ? * 1-05" }, "At 09:00 AM, Monday through Friday, America/New_York"],
  [{ type: "cron", expression: "@every 1h30m" }, "Every 90 minutes, counted from 2026-01-01T01:30:00.000Z"],
  [
    { type: "rrule", rrule: "FREQ=DAILY;BYHOUR=9;BYMINUTE=30" },
    "Every day at 9 (FREQ=DAILY;BYHOUR=9;BYMINUTE=30), America/New_York",
  ],
  [{ type: "rrule", rrule: "RDATE:20260601T090000" }, "On given dates, America/New_York"],
  [
    { type: "rrule", rrule: "FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=9" },
    "Every week on Monday, Tuesday at 9, America/New_York",
  ],
  [
    { type: "rrule", rrule: "RRULE:FREQ=DAILY\nEXDATE:20260102T000000" },
    "Every day; with dates added or excepted, America/New_York",
  ],
  [{ type: "interval", everySeconds: 90 }, "Every 90 seconds, counted from 2026-01-01T00:01:30.000Z"],
  [
    { type: "interval", everySeconds: 3600, startAt: "2026-01-01T00:00:00Z" },
    "Every 1 hour, counted from 2026-01-01T00:00:00.000Z",
  ],
  [{ type: "delay", delaySeconds: 0.5 }, "0.5 seconds after each completion"],
  [{ type: "at", at: "2026-06-01T00:00:00Z" }, "Once, at 2026-06-01T00:00:00Z"],
  [{ type: "immediate" }, "Once, as soon as it is accepted"],
  [{ type: "manual" }, "Only when triggered by hand"],
];

describe("describe", () => {
  it.each(said)("%j", (trigger, expected) => {
    expect(text(trigger)).toBe(expected);
  });

  it("falls back on the expression where nobody has words for it", () => {
    const stored: EffectiveTrigger = {
      type: "rrule",
      rrule: "DTSTART:20260101T000000Z\nRRULE:FREQ=NEVER",
      timezone: "UTC",
      dst: { gap: "shift", overlap: "first" },
    };
    expect(words(stored)).toBe('Rule "FREQ=NEVER", UTC');
  });

  it("quotes a rule of thousands of values in part", () => {
    const rrule = `FREQ=DAILY;BYHOUR=${"1,".repeat(16_000)}1`;
    expect(text({ type: "rrule", rrule })).toMatch(
      /^Rule "FREQ=DAILY;BYHOUR=1,1,[1,]{478}…", America\/New_York$/,
    );
  });
});
