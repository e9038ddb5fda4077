import { describe, expect, it } from "vitest";
import { DISPATCHES_OWED_MAX, hasRoom, isRunning, owedId, strike, wakeAt } from "./schedule.ts";
import {
  aDispatch,
  anAnnouncement,
  aSchedule,
  DAY,
  MINUTE,
  STORED_AT,
  withState,
} from "./testing/builders.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;
const retryAt = (at: number) => ({ dispatch: aDispatch({ attempt: 2 }), retryAt: at });
const full = Array.from({ length: DISPATCHES_OWED_MAX }, (_, n) =>
  aDispatch({ executionId: `daily@m-${n}` }),
);

describe("a schedule is looked at", () => {
  it("when it is due, or an earlier attempt is", () => {
    expect(wakeAt(aSchedule())).toBe(minute(1));
    expect(wakeAt(withState(aSchedule(), { retries: [retryAt(minute(3)), retryAt(5)] }))).toBe(5);
    expect(wakeAt(withState(aSchedule(), { nominalAt: null, dueAt: null, retries: [retryAt(7)] }))).toBe(7);
  });

  it("not before something is settled, while too much is on its way", () => {
    const crowded = withState(aSchedule(), { owed: full, retries: [retryAt(5)] });
    expect([hasRoom(crowded.state), wakeAt(crowded)]).toEqual([false, null]);
  });

  it("although many events are owed", () => {
    const owed = Array.from({ length: 100 }, (_, n) => anAnnouncement({ id: `${n}` }));
    expect(wakeAt(withState(aSchedule(), { owed }))).toBe(minute(1));
  });

  it("when it has been kept long enough after it completed", () => {
    const done = withState(aSchedule({ keepSeconds: 86_400 }), { status: "completed", sinceAt: STORED_AT });
    expect(wakeAt(done)).toBe(STORED_AT + DAY);
    expect(wakeAt(withState(done, { owed: [anAnnouncement()] }))).toBeNull();
  });

  it("not at all while only a command can change it", () => {
    expect(wakeAt(withState(aSchedule(), { status: "paused" }))).toBeNull();
    expect(wakeAt(withState(aSchedule(), { status: "disabled" }))).toBeNull();
    expect(wakeAt(aSchedule({ trigger: { type: "manual" } }))).toBeNull();
  });
});

describe("what is owed", () => {
  const letter = {
    kind: "letter",
    dispatch: aDispatch(),
    reason: "",
    description: "",
    at: STORED_AT,
  } as const;

  it("has an id of its own, also where it is about one execution", () => {
    const owed = [aDispatch(), aDispatch({ attempt: 2 }), anAnnouncement(), letter];
    expect(new Set(owed.map(owedId)).size).toBe(4);
  });

  it("is struck alone, once", () => {
    const second = aDispatch({ attempt: 2 });
    const { state } = withState(aSchedule(), { owed: [aDispatch(), second, anAnnouncement(), letter] });
    const after = strike(strike(state, aDispatch()), aDispatch());
    expect(after.owed).toEqual([second, anAnnouncement(), letter]);
  });

  it("counts as running where it is a target command, or one that is planned", () => {
    const { state } = aSchedule();
    expect([
      isRunning(state),
      isRunning({ ...state, owed: [anAnnouncement(), letter] }),
      isRunning({ ...state, owed: [aDispatch()] }),
      isRunning({ ...state, retries: [retryAt(1)] }),
    ]).toEqual([false, false, true, true]);
  });
});
