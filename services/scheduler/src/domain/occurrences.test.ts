import type { ScheduleDefinition } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { occurrencesOf } from "./occurrences.ts";
import type { Schedule } from "./schedule.ts";
import {
  aCommand,
  accepted,
  aSchedule,
  DAY,
  everyMinute,
  iso,
  MINUTE,
  STORED_AT,
  withState,
} from "./testing/builders.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

/** Minutes after the creation at which it would fire. */
const minutes = (
  schedule: Schedule,
  { now = STORED_AT, after = now, count = 5 }: { now?: number; after?: number; count?: number } = {},
): number[] => occurrencesOf(schedule, { now, after, count }).map((at) => (at - STORED_AT) / MINUTE);

const limited = (patch: Partial<ScheduleDefinition> = {}): Schedule =>
  withState(aSchedule({ trigger: everyMinute, maxExecutions: 5, ...patch }), {
    claimed: 3,
    nominalAt: minute(10),
    dueAt: minute(10),
  });

describe("what is ahead of a schedule", () => {
  it("lies within its bounds", () => {
    const bounded = aSchedule({ startAt: iso(minute(3)), endAt: iso(minute(5)) });
    expect(minutes(bounded)).toEqual([3, 4, 5]);
    expect(minutes(bounded, { after: minute(4) })).toEqual([5]);
  });

  it("is no more than maxExecutions leaves, wherever one begins to look", () => {
    const now = minute(9) + 1;
    expect(minutes(limited(), { now })).toEqual([10, 11]);
    expect(minutes(limited(), { now, after: minute(10) })).toEqual([11]);
    expect(minutes(limited(), { now, after: minute(11) })).toEqual([]);
    expect(minutes(limited(), { now, after: STORED_AT + 1000 * DAY })).toEqual([]);
    expect(minutes(limited(), { now, count: 1 })).toEqual([10]);
  });

  it("comes after what is behind, which is what the trigger named", () => {
    expect(minutes(limited(), { now: minute(9) + 1, after: minute(7), count: 9 })).toEqual([8, 9, 10, 11]);
  });

  it("is less where some are overdue", () => {
    expect(minutes(limited(), { now: minute(10) + 1 })).toEqual([11]);
  });

  it("is shown under a pause as without it", () => {
    const paused = accepted(limited(), aCommand("pause", { storedAt: minute(9) })).schedule;
    expect(minutes(paused, { now: minute(20) })).toEqual([21, 22]);
  });

  it("is nothing once it has completed", () => {
    const done = withState(aSchedule(), { status: "completed", nominalAt: null, dueAt: null });
    expect(minutes(done, { now: minute(9) })).toEqual([]);
    expect(minutes(done, { now: minute(2), after: STORED_AT })).toEqual([1, 2]);
  });
});

describe("rounds of a delay", () => {
  const delayed = (patch: Partial<ScheduleDefinition> = {}): Schedule =>
    withState(aSchedule({ trigger: { type: "delay", delaySeconds: 120 }, ...patch }), {
      nominalAt: minute(5),
      dueAt: minute(5),
    });

  it("follow from the next one, as if each completed at once", () => {
    expect(minutes(delayed(), { now: minute(4), count: 3 })).toEqual([5, 7, 9]);
    expect(minutes(delayed(), { now: minute(4), after: minute(8), count: 2 })).toEqual([9, 11]);
  });

  it("keep to bounds and limits", () => {
    expect(minutes(delayed({ endAt: iso(minute(8)) }), { now: minute(4) })).toEqual([5, 7]);
    expect(minutes(delayed({ maxExecutions: 2 }), { now: minute(4) })).toEqual([5, 7]);
    expect(minutes(delayed({ maxExecutions: 2 }), { now: minute(4), after: minute(6) })).toEqual([7]);
  });

  it("are counted from now while one is on its way", () => {
    const running = withState(delayed(), { nominalAt: null, dueAt: null });
    expect(minutes(running, { now: minute(6), count: 2 })).toEqual([8, 10]);
  });
});
