import type { Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { type Asked, previewSchedule, previewTrigger } from "./preview.ts";
import {
  aCommand,
  accepted,
  aSchedule,
  DAY,
  DEFAULTS,
  iso,
  STORED_AT,
  withState,
} from "./testing/builders.ts";

const ask = (trigger: Trigger, patch: Partial<Asked> = {}) =>
  previewTrigger(trigger, { now: STORED_AT, after: null, count: 2, ...patch }, DEFAULTS);

const times = (trigger: Trigger, patch: Partial<Asked> = {}): string[] | string => {
  const checked = ask(trigger, patch);
  return checked.ok ? checked.value.times.map((at) => iso(at).replace(".000Z", "Z")) : checked.error.code;
};

const PAST = Date.parse("2020-02-28T12:00:00Z");
const FUTURE = Date.parse("2040-01-01T00:00:00Z");

describe("a trigger that nobody has saved", () => {
  it("without a start begins when it would be accepted: now, or at `after` where that is earlier", () => {
    const hourly: Trigger = { type: "interval", everySeconds: 3600 };
    expect(times(hourly)).toEqual(["2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"]);
    expect(times(hourly, { after: PAST })).toEqual(["2020-02-28T13:00:00Z", "2020-02-28T14:00:00Z"]);
    expect(times(hourly, { after: FUTURE })).toEqual(["2040-01-01T01:00:00Z", "2040-01-01T02:00:00Z"]);
    const rule: Trigger = { type: "rrule", rrule: "FREQ=DAILY;INTERVAL=2" };
    expect(times(rule)).toEqual(["2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"]);
    expect(times(rule, { after: PAST })).toEqual(["2020-03-01T00:00:00Z", "2020-03-03T00:00:00Z"]);
    expect(times(rule, { after: FUTURE })).toEqual(["2040-01-02T00:00:00Z", "2040-01-04T00:00:00Z"]);
  });

  it("shows rounds of a delay as if each completed at once", () => {
    const delay: Trigger = { type: "delay", delaySeconds: 60 };
    expect(times(delay)).toEqual(["2026-11-21T09:01:00Z", "2026-11-21T09:02:00Z"]);
    expect(times(delay, { after: STORED_AT + 90_000 })).toEqual([
      "2026-11-21T09:02:00Z",
      "2026-11-21T09:03:00Z",
    ]);
    expect(times({ type: "delay", delaySeconds: 9e12 })).toEqual([]);
  });

  it("that would fire at once does, unless `after` excludes this instant", () => {
    expect(times({ type: "immediate" })).toEqual(["2026-11-21T09:00:00Z"]);
    expect(times({ type: "immediate" }, { after: STORED_AT })).toEqual([]);
    expect(times({ type: "cron", expression: "0 9 * * *" })).toEqual([
      "2026-11-21T09:00:00Z",
      "2026-11-22T09:00:00Z",
    ]);
    expect(times({ type: "manual" })).toEqual([]);
  });

  it("names an instant that lies ahead of its acceptance, as far as it may", () => {
    const at = (instant: number): Trigger => ({ type: "at", at: iso(instant) });
    expect(times(at(STORED_AT + DAY))).toEqual(["2026-11-22T09:00:00Z"]);
    expect(times(at(STORED_AT + 300 * DAY), { after: PAST })).toHaveLength(1);
    expect(times(at(STORED_AT + DAY), { after: STORED_AT + DAY })).toEqual([]);
    expect(times(at(STORED_AT - DAY), { after: PAST })).toHaveLength(1);
    expect(times(at(STORED_AT - DAY))).toBe("at_in_past");
    expect(times(at(STORED_AT + 366 * DAY))).toBe("at_too_far");
  });

  it("is refused where a definition with it would be", () => {
    expect(times({ type: "rrule", rrule: "DTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;COUNT=3" })).toBe(
      "never_fires",
    );
    expect(times({ type: "cron", expression: "0 9 * * *", timezone: "Mars/Olympus" })).toBe(
      "invalid_timezone",
    );
  });

  it("is told of with the clock changes after `after`", () => {
    const nightly: Trigger = { type: "cron", expression: "30 2 * * *", timezone: "America/New_York" };
    const checked = ask(nightly, { after: Date.parse("2030-01-01T00:00:00Z") });
    expect(
      checked.ok ? checked.value.warnings.map(({ code, message }) => [code, message.slice(0, 16)]) : [],
    ).toEqual([["dst_gap", "2030-03-10 02:30"]]);
    expect(checked.ok ? checked.value.text : "").toBe("At 02:30 AM, America/New_York");
  });
});

describe("a schedule", () => {
  it("that does not fire as it stands is previewed with a warning that says so", () => {
    const paused = accepted(aSchedule(), aCommand("pause", { reason: "lunch" })).schedule;
    const { times: shown, warnings } = previewSchedule(paused, { now: STORED_AT, after: null, count: 2 });
    expect(shown).toHaveLength(2);
    expect(warnings).toEqual([
      {
        code: "schedule_not_active",
        path: "",
        message: "the schedule is paused (lunch): it fires only once it is resumed",
      },
    ]);
    const done = withState(aSchedule(), { status: "completed", nominalAt: null, dueAt: null });
    expect(previewSchedule(done, { now: STORED_AT, after: null, count: 2 })).toMatchObject({
      times: [],
      warnings: [{ code: "schedule_not_active", message: "the schedule is completed: it fires no more" }],
    });
  });
});
