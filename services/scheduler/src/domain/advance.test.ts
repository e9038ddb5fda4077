import { describe, expect, it } from "vitest";
import { advance, CLAIMS_MAX } from "./advance.ts";
import { DISPATCHES_OWED_MAX, type Schedule } from "./schedule.ts";
import {
  aDispatch,
  aSchedule,
  dispatchesOf,
  eventsOf,
  iso,
  MINUTE,
  SECOND,
  STORED_AT,
  settled,
  toldBy,
  withState,
} from "./testing/builders.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

const claim = (schedule: Schedule, now: number): Schedule =>
  withState(schedule, advance(schedule, now, false)?.state ?? {});

const full = (count: number) =>
  Array.from({ length: count }, (_, n) => aDispatch({ executionId: `daily@m-${n}` }));

describe("the clock", () => {
  it("fires nothing before it is due", () => {
    expect(advance(aSchedule(), minute(1) - 1, false)).toBeNull();
    const jittered = aSchedule({ jitterSeconds: 50 });
    const dueAt = jittered.state.dueAt ?? 0;
    expect(dueAt).toBeGreaterThan(minute(1));
    expect(advance(jittered, dueAt - 1, false)).toBeNull();
    expect(advance(jittered, dueAt, false)?.commit).toBe(true);
  });

  it("owes the target command of what is due, and aims at the next occurrence", () => {
    const step = advance(aSchedule(), minute(1) + 7, false);
    expect(step).toMatchObject({ commit: true, again: false });
    expect(step?.state).toMatchObject({
      nominalAt: minute(2),
      dueAt: minute(2),
      lastNominalAt: minute(1),
      claimed: 1,
    });
    expect(step?.state.owed).toEqual([
      aDispatch({
        executionId: "daily@20261121T090100000Z",
        nominalAt: minute(1),
        dueAt: minute(1),
        nextAt: minute(2),
        claimedAt: minute(1) + 7,
        revision: 0,
      }),
    ]);
  });

  it("names the occurrence before and the one after", () => {
    const second = dispatchesOf(claim(settled(claim(aSchedule(), minute(1))), minute(2)).state)[0];
    expect([second?.previousAt, second?.nextAt]).toEqual([minute(1), minute(3)]);
  });

  it("that is set back fires nothing again", () => {
    expect(advance(settled(claim(aSchedule(), minute(3))), minute(2), false)).toBeNull();
  });

  it.each(["paused", "disabled", "completed", "deleted"] as const)("leaves alone what is %s", (status) => {
    expect(advance(withState(aSchedule(), { status }), minute(9), false)).toBeNull();
  });

  it("never fires what is manual", () => {
    const manual = aSchedule({ trigger: { type: "manual" } });
    expect([manual.state.status, manual.state.dueAt]).toEqual(["active", null]);
    expect(advance(manual, STORED_AT + 1e12, false)).toBeNull();
  });
});

describe("claims", () => {
  const fast = aSchedule({ trigger: { type: "interval", everySeconds: 1 } });

  it("are bounded per call, in order, and say that more is due", () => {
    const step = advance(fast, STORED_AT + 40 * SECOND, false);
    expect(step?.again).toBe(true);
    const nominals = dispatchesOf(step?.state ?? fast.state).map(
      ({ nominalAt }) => (nominalAt - STORED_AT) / SECOND,
    );
    expect(nominals).toEqual(Array.from({ length: CLAIMS_MAX }, (_, n) => n + 1));
  });

  it("say that more is due where it is due at this very instant", () => {
    expect(advance(fast, STORED_AT + (CLAIMS_MAX + 1) * SECOND, false)?.again).toBe(true);
    expect(advance(fast, STORED_AT + CLAIMS_MAX * SECOND, false)?.again).toBe(false);
  });

  it("wait while too much is on its way", () => {
    const now = STORED_AT + 40 * SECOND;
    expect(advance(withState(fast, { owed: full(DISPATCHES_OWED_MAX) }), now, false)).toBeNull();
    const almost = claim(withState(fast, { owed: full(DISPATCHES_OWED_MAX - 3) }), now);
    expect(almost.state.owed).toHaveLength(DISPATCHES_OWED_MAX);
  });

  it("take planned attempts first", () => {
    const retries = [{ dispatch: aDispatch({ attempt: 2 }), retryAt: STORED_AT + SECOND }];
    const { state } = claim(withState(fast, { retries }), STORED_AT + 40 * SECOND);
    expect(state.retries).toEqual([]);
    expect(dispatchesOf(state)).toHaveLength(CLAIMS_MAX);
    expect(state.owed[0]).toMatchObject({ attempt: 2, claimedAt: STORED_AT + 40 * SECOND });
  });

  it("of an attempt wait for its time", () => {
    const dispatch = aDispatch({ attempt: 2 });
    const waiting = withState(aSchedule(), { retries: [{ dispatch, retryAt: minute(1) - 1 }] });
    expect(advance(waiting, minute(1) - 2, false)).toBeNull();
    expect(dispatchesOf(claim(waiting, minute(1) - 1).state)).toMatchObject([{ attempt: 2 }]);
  });

  it("of an attempt whose target is denied are skipped, and final", () => {
    const dispatch = aDispatch({ attempt: 2 });
    const waiting = withState(aSchedule(), { retries: [{ dispatch, retryAt: STORED_AT }] });
    const state = advance(waiting, STORED_AT, true)?.state ?? waiting.state;
    expect([state.retries, state.stats.skipped]).toEqual([[], 1]);
    expect(eventsOf(state)).toMatchObject([
      { what: "skipped", data: { reason: "target_denied", final: true, attempt: 2 } },
    ]);
  });
});

describe("bounds", () => {
  it("let maxExecutions fire, and complete after the last has been settled", () => {
    const { state } = claim(aSchedule({ maxExecutions: 2 }), minute(5));
    expect([dispatchesOf(state).length, state.nominalAt, state.status]).toEqual([2, null, "active"]);
    expect(dispatchesOf(state)[1]?.nextAt).toBeNull();
  });

  it("include the instant endAt", () => {
    const { state } = claim(aSchedule({ endAt: iso(minute(2)) }), minute(5));
    expect(dispatchesOf(state).map(({ nominalAt }) => nominalAt)).toEqual([minute(1), minute(2)]);
  });

  it("do not count what was missed as an execution", () => {
    const misfire = { policy: "skip", graceSeconds: 60 } as const;
    const { state } = claim(aSchedule({ maxExecutions: 2, misfire }), minute(9));
    expect([state.stats.missed, state.claimed]).toEqual([7, 2]);
  });

  it("do not leave a schedule active that misses its last occurrence", () => {
    const misfire = { policy: "skip", graceSeconds: 60 } as const;
    const { state } = claim(aSchedule({ endAt: iso(minute(2)), misfire }), minute(9));
    expect([state.status, toldBy(state)]).toEqual(["completed", ["missed", "completed"]]);
  });
});
