import type { ScheduleDefinition } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { aSchedule, STORED_AT, withState } from "./testing/builders.ts";
import { brokenTimeline } from "./timeline.ts";
import { warningsOf } from "./warnings.ts";

const nightly = (patch: Partial<ScheduleDefinition> = {}) =>
  aSchedule({ trigger: { type: "cron", expression: "30 2 * * *", timezone: "Europe/Berlin" }, ...patch });

const days = (patch: Partial<ScheduleDefinition> = {}): string[] =>
  warningsOf(nightly(patch), STORED_AT).map(({ message }) => message.slice(0, 10));

describe("warnings of a schedule", () => {
  it("tell of the clock changes of a year", () => {
    expect(days()).toEqual(["2027-03-28", "2027-10-31"]);
  });

  it("keep within its life: its bounds, and the fires that are left", () => {
    expect(days({ startAt: "2027-06-01T00:00:00Z" })).toEqual(["2027-10-31", "2028-03-26"]);
    expect(days({ endAt: "2027-06-01T00:00:00Z" })).toEqual(["2027-03-28"]);
    expect(days({ maxExecutions: 100 })).toEqual([]);
    expect(days({ maxExecutions: 200 })).toEqual(["2027-03-28"]);
    expect(days({ maxExecutions: 5_000 })).toHaveLength(2);
  });

  it("are none once it has completed", () => {
    expect(warningsOf(withState(nightly(), { status: "completed" }), STORED_AT)).toEqual([]);
  });

  it("say why what is stored no longer compiles, and nothing else", () => {
    const fault = { code: "invalid_timezone", path: "/trigger/timezone", message: "gone" } as const;
    expect(warningsOf({ ...nightly(), timeline: brokenTimeline(fault) }, STORED_AT)).toEqual([fault]);
  });
});
