import { validate } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { aCommand, accepted, aSchedule, iso, MINUTE, STORED_AT, withState } from "./testing/builders.ts";
import { viewOf, wordedViewOf } from "./view.ts";

describe("a schedule as it is shown", () => {
  it("says what was asked, what is in effect, and where it stands", () => {
    const schedule = withState(aSchedule({ tags: ["a"] }), { lastFiredAt: STORED_AT + 5 });
    const view = viewOf(schedule);
    expect(validate.scheduleView(JSON.parse(JSON.stringify(view)))).toEqual([]);
    expect(view).toMatchObject({
      tenant: "acme",
      scheduleId: "daily",
      version: 1,
      status: "active",
      statusReason: null,
      definition: schedule.record.definition,
      createdBy: "ada",
      createdAt: iso(STORED_AT),
      nextFireAt: iso(STORED_AT + MINUTE),
      lastFireAt: iso(STORED_AT + 5),
    });
  });

  it("has its trigger in words for whoever asks about it alone", () => {
    const schedule = aSchedule({
      trigger: { type: "cron", expression: "0 9 * * 1-5", timezone: "America/New_York" },
    });
    const view = wordedViewOf(schedule);
    expect(validate.scheduleView(JSON.parse(JSON.stringify(view)))).toEqual([]);
    expect(view.text).toBe("At 09:00 AM, Monday through Friday, America/New_York");
    expect(viewOf(schedule)).not.toHaveProperty("text");
  });

  it("shows no next fire where none will come", () => {
    const paused = accepted(aSchedule(), aCommand("pause", { reason: "lunch" })).schedule;
    expect(viewOf(paused)).toMatchObject({ status: "paused", statusReason: "lunch", nextFireAt: null });
    expect(viewOf(aSchedule({ trigger: { type: "manual" } })).nextFireAt).toBeNull();
  });

  it("shows when it is due, not only when it was named", () => {
    const jittered = aSchedule({ jitterSeconds: 50 });
    expect(viewOf(jittered).nextFireAt).toBe(iso(jittered.state.dueAt ?? 0));
  });

  it("shows a repeated command the version that it had made", () => {
    const [outcome = null] = aSchedule().state.memory.outcomes;
    const updated = accepted(aSchedule(), aCommand("update", { body: { name: "x" } })).schedule;
    expect([viewOf(updated).version, viewOf(updated, outcome).version]).toEqual([2, 1]);
  });

  it("shows a deleted one as it was last", () => {
    const gone = accepted(aSchedule(), aCommand("delete")).schedule;
    const view = viewOf(gone);
    expect(validate.scheduleView(JSON.parse(JSON.stringify(view)))).toEqual([]);
    expect([view.version, view.nextFireAt]).toEqual([1, null]);
  });
});
