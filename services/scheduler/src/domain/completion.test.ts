import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { mayEnd, proceed } from "./completion.ts";
import type { Schedule } from "./schedule.ts";
import { settleDelivered } from "./settle.ts";
import {
  aDispatch,
  aSchedule,
  dispatchesOf,
  eventsOf,
  iso,
  MINUTE,
  plain,
  STORED_AT,
  toldBy,
  withState,
} from "./testing/builders.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

/** The schedule after its claimed commands have reached their target. */
function delivered(schedule: Schedule, now: number): Schedule {
  const claimed = advance(schedule, now, false)?.state ?? schedule.state;
  const state = dispatchesOf(claimed).reduce((was, dispatch) => settleDelivered(was, dispatch, now), claimed);
  return withState(schedule, state);
}

const nothingAhead = (patch: Partial<Schedule["state"]> = {}): Schedule =>
  withState(aSchedule(), { nominalAt: null, dueAt: null, ...patch });

describe("a schedule with nothing ahead", () => {
  it("completes, and says so", () => {
    const state = proceed(nothingAhead(), minute(9));
    expect(state).toMatchObject({ status: "completed", sinceAt: minute(9), reason: null });
    expect(eventsOf(state)).toMatchObject([
      { what: "completed", data: { actor: "scheduler", status: "completed" } },
    ]);
  });

  it("is disabled, and says why, where only the search for what is ahead was given up", () => {
    const schedule = nothingAhead();
    const effort = { spent: 1_000_000, ranOut: true };
    const timeline = { ...plain(schedule.timeline), next: () => null, effort };
    const state = proceed({ ...schedule, timeline }, minute(9));
    expect(state).toMatchObject({ status: "disabled", sinceAt: minute(9) });
    expect(state.reason).toContain("trigger_too_complex");
    expect(eventsOf(state)).toMatchObject([{ what: "disabled", data: { reason: state.reason } }]);
  });

  it("waits for what is on its way, or waits for another attempt", () => {
    for (const patch of [
      { owed: [aDispatch()] },
      { retries: [{ dispatch: aDispatch({ attempt: 2 }), retryAt: minute(9) }] },
    ]) {
      const waiting = nothingAhead(patch);
      expect(mayEnd(waiting)).toBe(false);
      expect(proceed(waiting, minute(1))).toBe(waiting.state);
    }
  });

  it.each(["paused", "disabled", "completed", "deleted"] as const)("stays as it is while %s", (status) => {
    expect(mayEnd(nothingAhead({ status }))).toBe(false);
  });

  it("stays as it is with something ahead", () => {
    expect(mayEnd(aSchedule())).toBe(false);
  });

  it("never ends where the trigger is manual", () => {
    expect(mayEnd(aSchedule({ trigger: { type: "manual" } }))).toBe(false);
  });
});

describe("at and immediate", () => {
  it.each([{ type: "immediate" as const }, { type: "at" as const, at: iso(minute(1)) }])(
    "complete once their command has been settled: %j",
    (trigger) => {
      const fired = delivered(aSchedule({ trigger }), minute(1));
      expect(toldBy(fired.state)).toEqual([]);
      expect(proceed(fired, minute(1) + 5).status).toBe("completed");
    },
  );
});

describe("a delay", () => {
  const delay = aSchedule({ trigger: { type: "delay", delaySeconds: 60 }, maxExecutions: 2 });

  it("begins one delay after creation, and is counted from completion", () => {
    expect(delay.state.nominalAt).toBe(minute(1));
    const first = delivered(delay, minute(1) + 20);
    expect(first.state.nominalAt).toBeNull();
    expect(proceed(first, minute(1) + 5_000).nominalAt).toBe(minute(2) + 5_000);
  });

  it("ends after maxExecutions", () => {
    const first = withState(delay, proceed(delivered(delay, minute(1)), minute(1)));
    const second = delivered(first, minute(2));
    expect(proceed(second, minute(2)).status).toBe("completed");
  });

  it("ends where its next round would lie beyond endAt", () => {
    const ending = aSchedule({ trigger: { type: "delay", delaySeconds: 60 }, endAt: iso(minute(2)) });
    expect(proceed(delivered(ending, minute(1)), minute(1) + 1).status).toBe("completed");
  });
});
