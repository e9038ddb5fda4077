import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import type { Schedule } from "./schedule.ts";
import {
  aCommand,
  accepted,
  aSchedule,
  DAY,
  eventsOf,
  everyMinute,
  iso,
  MINUTE,
  refused,
  SECOND,
  STORED_AT,
  settled,
  withState,
} from "./testing/builders.ts";
import { brokenTimeline } from "./timeline.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

const update = (schedule: Schedule, body: object, storedAt: number): Schedule =>
  accepted(schedule, aCommand("update", { body, storedAt })).schedule;

const pause = (schedule: Schedule, storedAt: number): Schedule =>
  settled(accepted(schedule, aCommand("pause", { storedAt })).schedule);

const superseded = ({ state }: Schedule) =>
  eventsOf(state)
    .filter(({ what }) => what === "skipped")
    .map(({ data }) => [data["reason"], data["count"] ?? 1, data["nominalAt"] ?? data["lastNominalAt"]]);

const claimedUntil = (schedule: Schedule, now: number): Schedule =>
  settled({ ...schedule, state: advance(schedule, now, false)?.state ?? schedule.state });

describe("under a pause", () => {
  it("a new trigger waits with it, and what was due before the pause is told", () => {
    const paused = pause(aSchedule(), minute(2) + 1);
    const after = update(paused, { trigger: { type: "interval", everySeconds: 30 } }, minute(10));
    expect([after.state.status, after.state.nominalAt]).toEqual(["paused", minute(10) + 30 * SECOND]);
    expect(superseded(after)).toEqual([["superseded", 2, iso(minute(2))]]);
  });

  it("switching off and on again does not lift it", () => {
    const off = update(pause(aSchedule(), minute(0)), { enabled: false }, minute(1));
    const on = update(off, { enabled: true }, minute(2));
    expect([off.state.status, on.state.status]).toEqual(["paused", "paused"]);
  });
});

describe("enabled", () => {
  it("false disables, and tells what was overdue", () => {
    const off = update(aSchedule(), { enabled: false }, minute(2) + 1);
    expect([off.state.status, off.state.reason, off.state.nominalAt]).toEqual([
      "disabled",
      "enabled_false",
      null,
    ]);
    expect(superseded(off)).toEqual([["superseded", 2, iso(minute(2))]]);
  });

  it("true starts at that instant, and repeats nothing from before", () => {
    const off = update(claimedUntil(aSchedule(), minute(3)), { enabled: false }, minute(4) - 1);
    const on = update(off, { enabled: true }, STORED_AT + DAY + 1);
    expect([on.state.status, on.state.nominalAt]).toEqual(["active", STORED_AT + DAY + MINUTE]);
  });

  it("false from the start waits, and fires an immediate trigger once it is switched on", () => {
    const off = aSchedule({ trigger: { type: "immediate" }, enabled: false });
    expect([off.state.status, off.state.nominalAt]).toEqual(["disabled", null]);
    const on = update(off, { enabled: true }, minute(9));
    expect(on.state.nominalAt).toBe(minute(9));
    const again = update(
      update(claimedUntil(on, minute(9)), { enabled: false }, minute(9)),
      { enabled: true },
      minute(9),
    );
    expect([again.state.nominalAt, again.state.status]).toEqual([null, "completed"]);
  });

  it("does not lift what failures have disabled", () => {
    const failed = withState(aSchedule(), { status: "disabled", reason: "3 executions failed in a row" });
    const on = update(update(failed, { enabled: false }, minute(1)), { enabled: true }, minute(2));
    expect([on.state.status, on.state.reason]).toEqual(["disabled", "3 executions failed in a row"]);
  });
});

describe("a definition that no longer compiles", () => {
  const reason = 'the stored definition no longer compiles: "Mars/Olympus": expected an IANA time zone';
  const timeline = brokenTimeline({ code: "invalid_timezone", path: "/trigger/timezone", message: "gone" });
  const broken: Schedule = {
    ...withState(aSchedule(), { status: "disabled", reason, sinceAt: minute(3), claimed: 2 }),
    timeline,
  };
  const other = { trigger: { type: "interval", everySeconds: 30 } };

  it("gives way to one that does, from that instant on; the occurrence that was due is told", () => {
    const after = update(broken, other, minute(9));
    expect([after.state.status, after.state.reason, after.state.nominalAt]).toEqual([
      "active",
      null,
      minute(9) + 30 * SECOND,
    ]);
    expect(superseded(after)).toEqual([["superseded", 1, iso(minute(1))]]);
    expect(after.state.memory.outcomes.length).toBeGreaterThan(broken.state.memory.outcomes.length);
  });

  it("compiles again after all: the next definition starts it, and repeats nothing from before", () => {
    const again = { ...broken, timeline: aSchedule().timeline };
    const after = update(again, { name: "named" }, minute(9) + 1);
    expect([after.state.status, after.state.nominalAt, after.state.claimed]).toEqual([
      "active",
      minute(10),
      2,
    ]);
  });

  it("can be switched off, and then is", () => {
    const off = update(broken, { ...other, enabled: false }, minute(9));
    expect([off.state.status, off.state.reason, off.state.nominalAt]).toEqual([
      "disabled",
      "enabled_false",
      null,
    ]);
  });

  it("is changed by no update that leaves its trigger as it is", () => {
    const { effective } = broken.record;
    const trigger = {
      type: "cron",
      expression: "0 9 * * *",
      timezone: "Mars/Olympus",
      dayMatch: "or",
      dst: null,
    } as const;
    const stored = { ...broken, record: { ...broken.record, effective: { ...effective, trigger } } };
    const error = refused(stored, aCommand("update", { body: { name: "x" }, storedAt: minute(9) }));
    expect([error.code, error.details.map(({ path }) => path)]).toEqual([
      "invalid_timezone",
      ["/trigger/timezone"],
    ]);
  });
});

describe("a completed schedule", () => {
  const done = withState(aSchedule({ maxExecutions: 1, trigger: { type: "at", at: iso(minute(1)) } }), {
    status: "completed",
    nominalAt: null,
    dueAt: null,
    lastNominalAt: minute(1),
    claimed: 1,
    failures: 2,
  });

  it("stays completed under an update that leaves its times alone", () => {
    const { state, record } = update(done, { name: "kept" }, STORED_AT + DAY);
    expect([state.status, state.claimed, record.version]).toEqual(["completed", 1, 2]);
  });

  it("starts anew under an update that changes them", () => {
    const body = { trigger: { type: "at", at: iso(STORED_AT + 2 * DAY) } };
    const { state } = update(done, body, STORED_AT + DAY);
    expect([state.status, state.nominalAt, state.claimed, state.failures]).toEqual([
      "active",
      STORED_AT + 2 * DAY,
      0,
      0,
    ]);
  });

  it("keeps its counts over the years", () => {
    const counted = withState(done, { stats: { ...done.state.stats, fired: 7 } });
    expect(update(counted, { trigger: everyMinute }, minute(9)).state.stats.fired).toBe(7);
  });
});
