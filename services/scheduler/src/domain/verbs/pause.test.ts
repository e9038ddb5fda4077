import type { ScheduleDefinition } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { advance } from "../advance.ts";
import { decide } from "../decide.ts";
import type { Schedule } from "../schedule.ts";
import {
  aCommand,
  accepted,
  aDispatch,
  aSchedule,
  dispatchesOf,
  eventsOf,
  HOUR,
  iso,
  later,
  MINUTE,
  RULES,
  refused,
  STORED_AT,
  settled,
  toldBy,
  withState,
} from "../testing/builders.ts";
import { brokenTimeline } from "../timeline.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

const paused = (patch: Partial<ScheduleDefinition> = {}): Schedule =>
  settled(accepted(aSchedule(patch), aCommand("pause", { storedAt: STORED_AT, reason: "lunch" })).schedule);

const resume = (schedule: Schedule, storedAt: number, body?: unknown): Schedule =>
  accepted(schedule, aCommand("resume", { storedAt, body })).schedule;

describe("pause", () => {
  it("lets nothing fire, not even another attempt", () => {
    const waiting = withState(paused(), {
      retries: [{ dispatch: aDispatch({ attempt: 2 }), retryAt: STORED_AT }],
    });
    expect(advance(waiting, minute(5), false)).toBeNull();
  });

  it("tells its actor, its reason and since when", () => {
    const { state } = accepted(
      aSchedule(),
      aCommand("pause", { storedAt: minute(0), reason: "lunch" }),
    ).schedule;
    expect([state.status, state.reason, state.sinceAt]).toEqual(["paused", "lunch", minute(0)]);
    expect(eventsOf(state)).toMatchObject([{ what: "paused", data: { actor: "ada", reason: "lunch" } }]);
  });

  it("accepts a pause of what is paused, and changes nothing", () => {
    expect(accepted(paused(), aCommand("pause")).unchanged).toBe(true);
  });

  it.each(["completed", "disabled"] as const)("is refused where the schedule is %s", (status) => {
    expect(refused(withState(aSchedule(), { status }), aCommand("pause")).code).toBe("schedule_not_active");
  });

  it("takes no body", () => {
    expect(refused(aSchedule(), aCommand("pause", { body: { reason: "x" } })).code).toBe("invalid_body");
  });
});

describe("resume from now", () => {
  it("goes on with the next occurrence, and tells the range under the pause", () => {
    const { state } = resume(paused(), minute(3) + 1);
    expect([state.status, state.nominalAt, state.stats.missed, state.gap]).toEqual([
      "active",
      minute(4),
      0,
      null,
    ]);
    expect(eventsOf(state)).toMatchObject([
      {
        what: "resumed",
        data: {
          from: "now",
          skipped: { firstNominalAt: iso(minute(1)), lastNominalAt: iso(minute(3)), count: 3 },
        },
      },
    ]);
  });

  it("tells no range where none was due", () => {
    expect(eventsOf(resume(paused(), minute(1)).state)[0]?.data["skipped"]).toBeNull();
  });

  it("is what nothing means", () => {
    expect(resume(paused(), minute(3), {}).state.nominalAt).toBe(minute(3));
    expect(resume(paused(), minute(3), { from: "now" }).state.nominalAt).toBe(minute(3));
  });

  it("completes a schedule whose only instant passed under the pause", () => {
    const { state } = resume(paused({ trigger: { type: "at", at: iso(minute(1)) } }), minute(2));
    expect([state.status, toldBy(state)]).toEqual(["completed", ["resumed", "completed"]]);
  });

  it("counts a delay from the resumption", () => {
    const delay = paused({ trigger: { type: "delay", delaySeconds: 60 } });
    expect(resume(delay, minute(30)).state.nominalAt).toBe(minute(31));
    expect(resume(withState(delay, { nominalAt: null, dueAt: null }), minute(30)).state.nominalAt).toBe(
      minute(31),
    );
  });
});

describe("resume with catch_up", () => {
  it("leaves the pause to the misfire policy", () => {
    const policy = { policy: "fire_all", maxCatchUp: 2, graceSeconds: 60 } as const;
    const { state, ...rest } = resume(paused({ misfire: policy }), minute(10), { from: "catch_up" });
    expect(state.nominalAt).toBe(minute(1));
    const step = advance({ ...rest, state: { ...state, owed: [] } }, minute(10), false);
    const after = step?.state ?? state;
    expect(dispatchesOf(after).map(({ nominalAt }) => nominalAt)).toEqual([7, 8].map(minute));
    expect(eventsOf(after)).toMatchObject([{ what: "missed", data: { reason: "catch_up_limit", count: 6 } }]);
  });
});

describe("resume", () => {
  it("re-enables what failures have disabled, and forgets them", () => {
    const failed = withState(aSchedule(), {
      status: "disabled",
      reason: "5 executions failed in a row",
      failures: 5,
    });
    const { state } = resume(failed, minute(0) + 1);
    expect([state.status, state.reason, state.failures]).toEqual(["active", null, 0]);
  });

  it("accepts what is active already, and changes nothing", () => {
    expect(accepted(aSchedule(), aCommand("resume")).unchanged).toBe(true);
  });

  it("is refused where the definition says enabled: false, completed, or no longer compiles", () => {
    const failed = withState(aSchedule(), { status: "disabled", reason: "no longer compiles" });
    for (const schedule of [
      aSchedule({ enabled: false }),
      withState(aSchedule(), { status: "completed" }),
      {
        ...failed,
        timeline: brokenTimeline({ code: "invalid_timezone", path: "/trigger/timezone", message: "gone" }),
      },
    ]) {
      expect(refused(schedule, aCommand("resume")).code).toBe("schedule_not_active");
    }
  });

  it("is refused with another body", () => {
    for (const body of [{ from: "yesterday" }, { form: "now" }, [], "now"]) {
      expect(refused(paused(), aCommand("resume", { body })).code).toBe("invalid_body");
    }
  });

  it("passes over a pause of hours in bounded calls", () => {
    const fast = paused({ trigger: { type: "cron", expression: "* * * * * *" } });
    const first = decide(fast, later(fast, aCommand("resume", { storedAt: STORED_AT + HOUR })), RULES);
    if (first.kind !== "waiving") throw new Error(first.kind);
    const { state } = resume(withState(fast, first.state), STORED_AT + HOUR);
    expect(eventsOf(state)[0]?.data["skipped"]).toMatchObject({ count: 3_600 });
  });
});
