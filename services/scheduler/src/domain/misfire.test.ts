import type { ScheduleDefinition } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { PUNCTUAL_MS } from "./misfire.ts";
import type { Schedule } from "./schedule.ts";
import {
  aSchedule,
  DAY,
  dispatchesOf,
  eventsOf,
  HOUR,
  iso,
  MINUTE,
  plain,
  SECOND,
  STORED_AT,
  toldBy,
  withState,
} from "./testing/builders.ts";
import { STEPS_MAX } from "./timeline.ts";

/** Every minute from 09:01 on, with a grace of 90 s. */
const minutely = (
  misfire: ScheduleDefinition["misfire"] = {},
  more: Partial<ScheduleDefinition> = {},
): Schedule => aSchedule({ misfire: { graceSeconds: 90, ...misfire }, ...more });

const minute = (count: number): number => STORED_AT + count * MINUTE;

/** The state after everything that is due has been claimed, told and judged, with all that it owes. */
function runDue(schedule: Schedule, now: number, denied = false) {
  let current = schedule;
  let calls = 0;
  for (;;) {
    const step = advance(current, now, denied);
    if (step === null) break;
    calls++;
    current = { ...current, state: step.state };
    if (!step.again) break;
  }
  const { state } = current;
  return { state, calls, fired: dispatchesOf(state).map(({ nominalAt }) => nominalAt) };
}

const missedBy = (state: Schedule["state"]) =>
  eventsOf(state)
    .filter(({ what }) => what === "missed")
    .map(({ data }) => [data["reason"], data["count"] ?? 1]);

describe("the grace", () => {
  const at = minute(1);
  it.each([
    [0, true],
    [90 * SECOND - 1, true],
    [90 * SECOND, true],
    [90 * SECOND + 1, false],
  ])("lets an occurrence fire that is %i ms late: %s", (latenessMs, fires) => {
    const single = aSchedule({
      trigger: { type: "at", at: iso(at) },
      misfire: { policy: "skip", graceSeconds: 90 },
    });
    const { fired, state } = runDue(single, at + latenessMs);
    expect(fired).toEqual(fires ? [at] : []);
    expect(missedBy(state)).toEqual(fires ? [] : [["misfire_grace", 1]]);
  });

  it("of less than a tenth of a second forgives what a healthy worker needs", () => {
    const strict = minutely({ policy: "skip", graceSeconds: 0 });
    expect(runDue(strict, minute(1) + PUNCTUAL_MS).fired).toEqual([minute(1)]);
    expect(runDue(strict, minute(1) + PUNCTUAL_MS + 1).fired).toEqual([]);
  });

  it("of a fraction of a millisecond is rounded, and judges each occurrence alike", () => {
    const odd = aSchedule({
      trigger: { type: "interval", everySeconds: 0.1 },
      misfire: { policy: "skip", graceSeconds: 1.1001 },
    });
    const { fired, state } = runDue(odd, STORED_AT + 2_001);
    expect([state.stats.missed, fired[0]]).toEqual([9, STORED_AT + 1_000]);
  });

  it("fires each late occurrence within it, oldest first, whatever the policy", () => {
    for (const policy of ["skip", "fire_once", "fire_all"] as const) {
      const schedule = minutely({ policy, graceSeconds: 300 });
      expect(runDue(schedule, minute(5)).fired).toEqual([1, 2, 3, 4, 5].map(minute));
    }
  });

  it("counts from the due instant, not from the nominal one", () => {
    const jittered = minutely({ policy: "skip" }, { jitterSeconds: 59 });
    const { dueAt } = jittered.state;
    expect(runDue(jittered, (dueAt ?? 0) + 90 * SECOND).fired).toContain(minute(1));
    expect(runDue(jittered, (dueAt ?? 0) + 90 * SECOND + 1).fired).not.toContain(minute(1));
  });
});

describe("skip", () => {
  it("misses every misfire and fires what is within the grace", () => {
    const { fired, state } = runDue(minutely({ policy: "skip" }), minute(10));
    expect(fired).toEqual([9, 10].map(minute));
    expect(missedBy(state)).toEqual([["misfire_grace", 8]]);
  });

  it("lets a delay start its next round when the missed one is settled", () => {
    const delay = minutely({ policy: "skip" }, { trigger: { type: "delay", delaySeconds: 60 } });
    const { state, calls } = runDue(delay, minute(600));
    expect([missedBy(state), state.nominalAt, calls]).toEqual([[["misfire_grace", 1]], minute(601), 1]);
  });
});

describe("fire_once", () => {
  it("fires the newest misfire where nothing later is due", () => {
    const hourly = minutely({ policy: "fire_once" }, { trigger: { type: "interval", everySeconds: 3600 } });
    const { fired, state } = runDue(hourly, STORED_AT + 3 * HOUR + 30 * MINUTE);
    expect(fired).toEqual([STORED_AT + 3 * HOUR]);
    expect(missedBy(state)).toEqual([["coalesced", 2]]);
  });

  it("drops every misfire where a later occurrence is due", () => {
    const { fired, state } = runDue(minutely({ policy: "fire_once" }), minute(10));
    expect(fired).toEqual([9, 10].map(minute));
    expect(missedBy(state)).toEqual([["coalesced", 8]]);
  });

  it("fires a delay that was missed, since nothing follows before it has completed", () => {
    const delay = minutely({ policy: "fire_once" }, { trigger: { type: "delay", delaySeconds: 60 } });
    const { fired, state } = runDue(delay, minute(600));
    expect([fired, missedBy(state)]).toEqual([[minute(1)], []]);
  });

  it("fires an instant that was missed", () => {
    const once = minutely({}, { trigger: { type: "at", at: iso(minute(1)) } });
    expect(runDue(once, STORED_AT + DAY).fired).toEqual([minute(1)]);
  });
});

describe("fire_all", () => {
  it("fires the newest maxCatchUp, oldest first, and misses the older ones", () => {
    const { fired, state } = runDue(minutely({ policy: "fire_all", maxCatchUp: 3 }), minute(10));
    expect(fired).toEqual([6, 7, 8, 9, 10].map(minute));
    expect(missedBy(state)).toEqual([["catch_up_limit", 5]]);
  });

  it("names catch_up as the cause of misfires only", () => {
    const { state } = runDue(minutely({ policy: "fire_all", maxCatchUp: 1 }), minute(10));
    expect(dispatchesOf(state).map(({ cause }) => cause)).toEqual(["catch_up", "schedule", "schedule"]);
  });

  it("does not judge again what was granted while it waits its turn", () => {
    const schedule = minutely({ policy: "fire_all", maxCatchUp: 20 });
    const first = advance(schedule, minute(30), false);
    const waiting = { ...schedule, state: { ...(first?.state ?? schedule.state), owed: [] } };
    const { fired, state } = runDue(waiting, minute(70));
    expect(fired.slice(0, 5)).toEqual([25, 26, 27, 28, 49].map(minute));
    expect(missedBy(state)).toEqual([["catch_up_limit", 20]]);
  });
});

describe("a long gap", () => {
  it("of ten days of tenths of a second is judged in one call, and told in one event", () => {
    const fast = minutely({ policy: "skip" }, { trigger: { type: "interval", everySeconds: 0.1 } });
    const step = advance(fast, STORED_AT + 10 * DAY, false);
    expect(step?.commit).toBe(true);
    expect(step?.state.stats.missed).toBe(864_000 * 10 - 900 - 1);
    expect(step === null ? [] : toldBy(step.state)).toEqual(["missed"]);
  });

  it("of a calendar is judged in bounded calls, and told in one event", () => {
    const cron = minutely(
      { policy: "fire_all", maxCatchUp: 2 },
      { trigger: { type: "cron", expression: "* * * * * *" } },
    );
    let walked = 0;
    const counting = {
      ...cron,
      timeline: {
        ...plain(cron.timeline),
        tally: (a: number, u: number, max: number) => {
          const tally = cron.timeline.tally(a, u, max);
          walked = Math.max(walked, tally.count);
          return tally;
        },
      },
    };
    const { state, calls } = runDue(counting, STORED_AT + 3 * HOUR);
    expect(walked).toBeLessThanOrEqual(STEPS_MAX);
    expect(calls).toBeGreaterThanOrEqual((3 * 3600) / STEPS_MAX);
    expect(missedBy(state)).toEqual([["catch_up_limit", 3 * 3600 - 90 - 2]]);
  });

  it("whose jitter exceeds the distance of its occurrences is walked in bounded calls too", () => {
    const cron = minutely(
      { policy: "skip" },
      { trigger: { type: "cron", expression: "* * * * * *" }, jitterSeconds: 3600 },
    );
    expect(runDue(cron, STORED_AT + 2 * HOUR).state.stats.missed).toBe(2 * 3600 - 90);
  });

  it("ends where the schedule ends", () => {
    const ended = minutely({ policy: "skip" }, { endAt: iso(minute(3)) });
    const { state } = runDue(ended, STORED_AT + DAY);
    expect([state.status, state.stats.missed]).toEqual(["completed", 3]);
  });
});

describe("a target that is denied", () => {
  it("skips what is due as one event, and fires again once it is allowed", () => {
    const { state, fired } = runDue(minutely(), minute(2), true);
    expect(fired).toEqual([]);
    expect(eventsOf(state).map(({ what, data }) => [what, data["reason"], data["count"]])).toEqual([
      ["skipped", "target_denied", 2],
    ]);
    expect(runDue({ ...minutely(), state }, minute(3)).fired).toEqual([minute(3)]);
  });

  it("does not count against maxExecutions, nor as the last one fired", () => {
    const { state } = runDue(minutely({}, { maxExecutions: 1 }), minute(1), true);
    expect([state.status, state.claimed, state.lastNominalAt]).toEqual(["active", 0, null]);
  });

  it("skips what is granted, too", () => {
    const granted = withState(minutely(), { grantedUntil: minute(5) });
    expect(runDue(granted, minute(5), true).fired).toEqual([]);
  });
});
