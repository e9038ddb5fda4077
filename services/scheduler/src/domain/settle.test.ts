import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RETRIES_PLANNED_MAX, type Schedule } from "./schedule.ts";
import { backoffMs, settleDelivered, settleRefused } from "./settle.ts";
import {
  aDispatch,
  anAnnouncement,
  aSchedule,
  eventsOf,
  MINUTE,
  SECOND,
  STORED_AT,
  toldBy,
  withState,
} from "./testing/builders.ts";

const NO_STREAM = { reason: "no_stream", message: "no stream captures the subject" } as const;
const now = STORED_AT + MINUTE;

describe("a delivered command", () => {
  it("is struck, counted, and ends a row of failures", () => {
    const dispatch = aDispatch();
    const before = withState(aSchedule(), { owed: [dispatch, anAnnouncement()], failures: 3 }).state;
    const state = settleDelivered(before, dispatch, STORED_AT + 12);
    expect(state.owed).toEqual([anAnnouncement()]);
    expect([state.failures, state.lastFiredAt, state.stats.fired, state.stats.lastLagMs]).toEqual([
      0,
      STORED_AT + 12,
      1,
      12,
    ]);
  });

  it("keeps the latest firing, whatever the order of the answers, and no negative lag", () => {
    const first = aDispatch();
    const second = aDispatch({ executionId: "daily@next", dueAt: STORED_AT + 90 });
    const late = settleDelivered(
      withState(aSchedule(), { owed: [first, second] }).state,
      first,
      STORED_AT + 50,
    );
    const state = settleDelivered(late, second, STORED_AT + 20);
    expect([state.lastFiredAt, state.stats.lastLagMs]).toEqual([STORED_AT + 50, 0]);
  });

  it("that somebody else settled counts no second time", () => {
    const { state } = withState(aSchedule(), { owed: [anAnnouncement()] });
    expect(settleDelivered(state, aDispatch(), STORED_AT)).toBe(state);
  });
});

describe("a refused command", () => {
  const schedule = withState(
    aSchedule({ retry: { maxAttempts: 3, initialDelaySeconds: 10, jitterRatio: 0 } }),
    {
      owed: [aDispatch()],
    },
  );

  it("is tried again later, under the next number, and that is told", () => {
    const state = settleRefused(schedule, aDispatch(), NO_STREAM, now);
    expect(state.retries).toEqual([{ dispatch: aDispatch({ attempt: 2 }), retryAt: now + 10 * SECOND }]);
    expect(eventsOf(state)).toMatchObject([
      { what: "retrying", data: { attempt: 1, reason: "no_stream", final: false } },
    ]);
    expect(state.stats.failed).toBe(0);
  });

  it("fails for good after its last attempt, with a dead letter", () => {
    const last = aDispatch({ attempt: 3 });
    const state = settleRefused(withState(schedule, { owed: [last] }), last, NO_STREAM, now);
    expect(state.owed).toMatchObject([
      { kind: "announcement", what: "failed", data: { attempt: 3, final: true, reason: "no_stream" } },
      { kind: "letter", dispatch: { attempt: 3 }, reason: "no_stream" },
    ]);
    expect([state.failures, state.stats.failed, state.status]).toEqual([1, 1, "active"]);
  });

  it("fails at once where as many as may be wait for another attempt already", () => {
    const planned = {
      dispatch: aDispatch({ executionId: "daily@before", attempt: 2 }),
      retryAt: now + MINUTE,
    };
    const waiting = (count: number) =>
      settleRefused(
        withState(schedule, { retries: Array.from({ length: count }, () => planned) }),
        aDispatch(),
        NO_STREAM,
        now,
      );
    expect(waiting(RETRIES_PLANNED_MAX - 1).retries).toHaveLength(RETRIES_PLANNED_MAX);
    const full = waiting(RETRIES_PLANNED_MAX);
    expect([full.retries.length, eventsOf(full).map(({ what }) => what)]).toEqual([128, ["failed"]]);
    expect(full.owed.at(-1)).toMatchObject({
      kind: "letter",
      reason: "no_stream",
      description: expect.stringContaining("128 others wait"),
    });
  });

  it("that somebody else settled is not tried twice", () => {
    const planned = withState(schedule, settleRefused(schedule, aDispatch(), NO_STREAM, now));
    expect(settleRefused(planned, aDispatch(), NO_STREAM, now)).toBe(planned.state);
  });

  it("completes the schedule where it was the last one", () => {
    const last = aDispatch({ attempt: 3 });
    const ending = withState(schedule, { owed: [last], nominalAt: null, dueAt: null });
    expect(toldBy(settleRefused(ending, last, NO_STREAM, now))).toEqual(["failed", "completed"]);
  });

  it("disables the schedule after disableAfterFailures in a row", () => {
    const fragile = withState(aSchedule({ disableAfterFailures: 3, retry: { maxAttempts: 1 } }), {
      failures: 1,
    });
    const fail = (schedule: Schedule) =>
      settleRefused(
        withState(schedule, { owed: [...schedule.state.owed, aDispatch()] }),
        aDispatch(),
        NO_STREAM,
        now,
      );
    const second = fail(fragile);
    expect(second.status).toBe("active");
    const third = fail(withState(fragile, second));
    expect(third).toMatchObject({ status: "disabled", reason: "3 executions failed in a row", sinceAt: now });
    expect(toldBy(third)).toEqual(["failed", "failed", "disabled"]);
    const fourth = fail(withState(fragile, third));
    expect(toldBy(fourth).filter((what) => what === "disabled")).toHaveLength(1);
  });
});

describe("the delay between attempts", () => {
  const delayMs = (retry: object, attempt: number, executionId = "daily@x") =>
    backoffMs(aSchedule({ retry }).record, aDispatch({ attempt, executionId }));

  it("grows by the factor up to its maximum", () => {
    const retry = { initialDelaySeconds: 10, factor: 3, maxDelaySeconds: 100, jitterRatio: 0 };
    expect([1, 2, 3, 4, 10].map((attempt) => delayMs(retry, attempt) / SECOND)).toEqual([
      10, 30, 90, 100, 100,
    ]);
  });

  it("is never longer than its maximum, and the same whenever it is asked", () => {
    const retries = fc.record({
      initialDelaySeconds: fc.double({ min: 0.1, max: 86_400, noNaN: true }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxDelaySeconds: fc.double({ min: 0.1, max: 86_400, noNaN: true }),
      jitterRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(retries, fc.integer({ min: 1, max: 11 }), (retry, attempt) => {
        const ms = delayMs(retry, attempt);
        expect(ms).toBe(delayMs(retry, attempt));
        expect(Number.isInteger(ms) && ms >= 0).toBe(true);
        expect(ms).toBeLessThanOrEqual(Math.round(retry.maxDelaySeconds * SECOND));
      }),
    );
  });

  it("spreads executions that failed together", () => {
    const retry = { initialDelaySeconds: 100, jitterRatio: 0.5 };
    const delays = Array.from({ length: 50 }, (_, n) => delayMs(retry, 1, `s${n}@x`));
    expect(new Set(delays).size).toBeGreaterThan(45);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50 * SECOND);
    expect(Math.max(...delays)).toBeLessThanOrEqual(150 * SECOND);
  });
});
