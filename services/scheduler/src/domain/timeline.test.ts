import type { ScheduleDefinition } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INSTANT_MAX } from "./instant.ts";
import { aSchedule, DAY, everyMinute, HOUR, iso, MINUTE, SECOND, STORED_AT } from "./testing/builders.ts";
import { brokenTimeline, timelineOf } from "./timeline.ts";

const timeline = (patch: Partial<ScheduleDefinition> = {}) => aSchedule(patch).timeline;
const minute = (count: number): number => STORED_AT + count * MINUTE;

describe("bounds", () => {
  const bounded = timeline({ startAt: iso(minute(3)), endAt: iso(minute(5)) });

  it("include both ends", () => {
    expect([bounded.next(STORED_AT), bounded.next(minute(4)), bounded.next(minute(5))]).toEqual([
      minute(3),
      minute(5),
      null,
    ]);
  });

  it("hold for counting as for asking", () => {
    expect(bounded.tally(STORED_AT, minute(99), 9)).toEqual({
      count: 3,
      first: minute(3),
      last: minute(5),
      complete: true,
    });
  });

  it("move nothing: the anchor stays that of the trigger", () => {
    expect(timeline({ startAt: iso(minute(3) + 1) }).next(STORED_AT)).toBe(minute(4));
  });

  it("put another occurrence in the place of one that they exclude", () => {
    expect([1, 4, 6].map((count) => bounded.within(minute(count)))).toEqual([minute(3), minute(4), null]);
  });
});

describe("the first occurrence", () => {
  it("may lie at the very instant of acceptance", () => {
    const anchored = timeline({ trigger: { ...everyMinute, startAt: iso(STORED_AT) } });
    expect(anchored.first(STORED_AT)).toBe(STORED_AT);
    expect(anchored.first(STORED_AT + 1)).toBe(minute(1));
  });

  it("of an immediate trigger is the instant of acceptance", () => {
    expect(timeline({ trigger: { type: "immediate" } }).first(STORED_AT)).toBe(STORED_AT);
  });

  it("does not exist before an anchor in the past began to count", () => {
    const old = aSchedule({ trigger: { ...everyMinute, startAt: iso(STORED_AT - DAY) } });
    expect(old.state.nominalAt).toBe(STORED_AT);
  });
});

describe("a delay", () => {
  const delay = timeline({
    trigger: { type: "delay", delaySeconds: 60 },
    startAt: iso(minute(5)),
    endAt: iso(minute(7)),
  });

  it("is counted from whatever completed, and waits for startAt", () => {
    expect([delay.first(STORED_AT), delay.next(minute(5) + 7), delay.next(minute(6) + 1)]).toEqual([
      minute(5),
      minute(6) + 7,
      null,
    ]);
  });

  it("is moved by its bounds only", () => {
    expect([3, 6, 8].map((count) => delay.within(minute(count)))).toEqual([minute(5), minute(6), null]);
  });
});

describe("jitter", () => {
  const CASES = fc.tuple(
    fc.integer({ min: 1, max: 3_600 }),
    fc.integer({ min: 0, max: 99 }),
    fc.integer({ min: 0, max: DAY }),
  );

  it("is never early and ends before the next nominal instant, in order", () => {
    fc.assert(
      fc.property(CASES, ([everySeconds, percent, afterMs]) => {
        const jittered = timeline({
          trigger: { type: "interval", everySeconds },
          jitterSeconds: (everySeconds * percent) / 100,
        });
        const nominalAt = jittered.next(STORED_AT + afterMs) ?? 0;
        const dueAt = jittered.dueAt(nominalAt);
        expect(Number.isInteger(dueAt)).toBe(true);
        expect(dueAt).toBeGreaterThanOrEqual(nominalAt);
        expect(dueAt - nominalAt).toBeLessThanOrEqual(jittered.jitterMaxMs);
        expect(dueAt).toBeLessThan(jittered.next(nominalAt) ?? 0);
      }),
    );
  });

  it("stays below a calendar's next occurrence, even where it is longer", () => {
    const cron = timeline({ trigger: { type: "cron", expression: "* * * * * *" }, jitterSeconds: 3_600 });
    for (let n = 1; n < 200; n++) {
      const nominalAt = STORED_AT + n * SECOND;
      expect(cron.dueAt(nominalAt) - nominalAt).toBeLessThan(SECOND);
    }
  });

  it("does not lead past the last instant that can be written down", () => {
    const last = iso(INSTANT_MAX - SECOND);
    const { state } = aSchedule({
      trigger: { type: "interval", everySeconds: DAY, startAt: last },
      jitterSeconds: 86_400,
    });
    expect([state.nominalAt, (state.dueAt ?? 0) <= INSTANT_MAX]).toEqual([INSTANT_MAX - SECOND, true]);
  });

  it("differs between schedules and tenants, not between workers", () => {
    const { record } = aSchedule({ jitterSeconds: 59 });
    const dueAt = (change: object) => {
      const made = timelineOf({ ...record, ...change });
      return made.ok ? made.timeline.dueAt(minute(1)) : 0;
    };
    expect(dueAt({})).toBe(dueAt({}));
    expect(new Set([dueAt({}), dueAt({ scheduleId: "other" }), dueAt({ tenant: "beta" })]).size).toBe(3);
  });
});

describe("a definition that no longer compiles", () => {
  it("is a fault, and never due", () => {
    const { record } = aSchedule({ trigger: { type: "cron", expression: "0 9 * * *" } });
    const trigger = {
      type: "cron",
      expression: "0 9 * * *",
      timezone: "Mars/Olympus",
      dayMatch: "or",
      dst: null,
    } as const;
    const made = timelineOf({ ...record, effective: { ...record.effective, trigger } });
    if (made.ok) throw new Error("compiled");
    expect(made.fault.code).toBe("invalid_timezone");
    const broken = brokenTimeline(made.fault);
    expect([broken.next(0), broken.first(0), broken.within(0)]).toEqual([null, null, null]);
    expect([broken.tally(0, HOUR, 9).count, broken.fault]).toEqual([0, made.fault]);
  });
});
