import type { ScheduleDefinition } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { decide } from "./decide.ts";
import type { Schedule } from "./schedule.ts";
import {
  aCommand,
  accepted,
  aDispatch,
  aSchedule,
  DAY,
  dispatchesOf,
  eventsOf,
  everyMinute,
  HOUR,
  iso,
  MINUTE,
  RULES,
  refused,
  SECOND,
  STORED_AT,
  settled,
  toldBy,
  withState,
} from "./testing/builders.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

const update = (schedule: Schedule, body: object, storedAt: number): Schedule =>
  accepted(schedule, aCommand("update", { body, storedAt })).schedule;

const superseded = ({ state }: Schedule) =>
  eventsOf(state)
    .filter(({ what }) => what === "skipped")
    .map(({ data }) => [data["reason"], data["count"] ?? 1, data["nominalAt"] ?? data["lastNominalAt"]]);

const claimedUntil = (schedule: Schedule, now: number): Schedule =>
  settled({ ...schedule, state: advance(schedule, now, false)?.state ?? schedule.state });

describe("a definition whose times stay the same", () => {
  it("leaves the next occurrence where it is, also an overdue one", () => {
    const { state } = update(aSchedule(), { payload: { n: 2 } }, minute(3));
    expect([state.nominalAt, state.dueAt, state.version, state.revision]).toEqual([
      minute(1),
      minute(1),
      2,
      0,
    ]);
    expect(toldBy(state)).toEqual(["updated"]);
  });

  it("keeps what the misfire policy has granted", () => {
    const granted = withState(aSchedule(), { grantedUntil: minute(2) });
    expect(update(granted, { priority: 1 }, minute(1)).state.grantedUntil).toBe(minute(2));
  });

  it("keeps the anchor of an interval and the DTSTART of a rule", () => {
    for (const trigger of [everyMinute, { type: "rrule", rrule: "FREQ=DAILY" }] as const) {
      const before = aSchedule({ trigger });
      const after = update(before, { tags: ["a"] }, STORED_AT + 10 * SECOND);
      expect(after.record.effective.trigger).toEqual(before.record.effective.trigger);
      expect(after.record.acceptedAt).toBe(STORED_AT);
    }
  });

  it("is accepted although an instant has passed", () => {
    const at = aSchedule({ trigger: { type: "at", at: iso(minute(1)) } });
    expect(update(at, { name: "late" }, minute(2)).state.nominalAt).toBe(minute(1));
  });
});

describe("a new trigger", () => {
  const hourly = { trigger: { type: "interval", everySeconds: 3600 } } as const;

  it("starts at the instant at which it was accepted", () => {
    const { state, record } = update(aSchedule(), hourly, STORED_AT + 30 * SECOND);
    expect([state.nominalAt, record.acceptedAt]).toEqual([
      STORED_AT + 30 * SECOND + HOUR,
      STORED_AT + 30 * SECOND,
    ]);
    expect(toldBy(state)).toEqual(["updated"]);
  });

  it("tells overdue occurrences of the old one as skipped", () => {
    const after = update(aSchedule(), hourly, minute(3) + 1);
    expect(superseded(after)).toEqual([["superseded", 3, iso(minute(3))]]);
    expect(after.state.stats.skipped).toBe(3);
  });

  it("shares no instant with the old one", () => {
    const anchored = { trigger: { ...everyMinute, startAt: iso(STORED_AT) } } as const;
    const after = update(aSchedule(), anchored, minute(3));
    expect(superseded(after)).toEqual([["superseded", 2, iso(minute(2))]]);
    expect(after.state.nominalAt).toBe(minute(3));
  });

  it("does not name again what the clock has fired before the command was read", () => {
    const fired = claimedUntil(aSchedule(), minute(5));
    const anchored = { trigger: { ...everyMinute, startAt: iso(STORED_AT) } } as const;
    expect(update(fired, anchored, minute(3)).state.nominalAt).toBe(minute(6));
  });

  it("forgets which misfires of the old one were granted", () => {
    const granted = withState(aSchedule(), { grantedUntil: STORED_AT + DAY });
    expect(update(granted, hourly, minute(1)).state.grantedUntil).toBeNull();
  });

  it("counts its executions anew", () => {
    const twice = claimedUntil(aSchedule({ maxExecutions: 3 }), minute(2));
    expect(update(twice, hourly, minute(2)).state.claimed).toBe(0);
  });

  it("waits for nothing that is still on its way", () => {
    const running = withState(aSchedule(), { owed: [aDispatch()] });
    const { state } = update(running, hourly, minute(1));
    expect(dispatchesOf(state)).toHaveLength(1);
  });

  it("waives a gap that is too long for one call in several", () => {
    const fast = aSchedule({ trigger: { type: "cron", expression: "* * * * * *" } });
    const first = refusedToWaive(fast, STORED_AT + HOUR);
    expect(first.gap).toMatchObject({ count: 2_000, reason: "superseded" });
    expect(refusedToWaive(withState(fast, first), STORED_AT + 2 * HOUR).gap?.count).toBe(4_000);
    expect(superseded(update(withState(fast, first), hourly, STORED_AT + HOUR))[0]?.[1]).toBe(3_600);
  });

  function refusedToWaive(schedule: Schedule, storedAt: number) {
    const command = aCommand("update", { body: hourly, storedAt, sequence: 9 });
    const decision = decide(schedule, command, RULES);
    if (decision.kind !== "waiving") throw new Error(decision.kind);
    return decision.state;
  }
});

describe("new bounds", () => {
  const bounded = (patch: Partial<ScheduleDefinition>, storedAt: number) =>
    update(aSchedule(), patch, storedAt);

  it("leave an overdue occurrence that they still allow", () => {
    const after = bounded({ endAt: iso(STORED_AT + DAY), maxExecutions: 9 }, minute(3));
    expect([after.state.nominalAt, superseded(after)]).toEqual([minute(1), []]);
  });

  it("skip the overdue occurrences that they no longer allow", () => {
    const after = bounded({ startAt: iso(minute(10)) }, minute(3) + 1);
    expect(superseded(after)).toEqual([["superseded", 3, iso(minute(3))]]);
    expect(after.state.nominalAt).toBe(minute(10));
  });

  it("leave the next round of a delay to the completion of the one on its way", () => {
    const delay = aSchedule({ trigger: { type: "delay", delaySeconds: 60 } });
    const onItsWay = withState(delay, { nominalAt: null, dueAt: null, owed: [aDispatch()] });
    expect(update(onItsWay, { endAt: iso(STORED_AT + DAY) }, minute(1)).state.nominalAt).toBeNull();
  });

  it("that begin earlier are met from the update on", () => {
    const tomorrow = aSchedule({ startAt: iso(STORED_AT + DAY) });
    expect(update(tomorrow, { startAt: null }, minute(5) + 1).state.nominalAt).toBe(minute(6));
    const delay = aSchedule({ trigger: { type: "delay", delaySeconds: 60 }, startAt: iso(STORED_AT + DAY) });
    expect(update(delay, { startAt: null }, minute(5)).state.nominalAt).toBe(minute(6));
  });

  it("that are used up already complete the schedule", () => {
    const twice = claimedUntil(aSchedule({ maxExecutions: 3 }), minute(2));
    const { state } = update(twice, { maxExecutions: 2 }, minute(2) + 1);
    expect([state.status, toldBy(state)]).toEqual(["completed", ["updated", "completed"]]);
  });

  it("that reach further let a schedule go on whose last occurrence is on its way", () => {
    const last = aSchedule({ endAt: iso(minute(1)) });
    const onItsWay = { ...last, state: advance(last, minute(1), false)?.state ?? last.state };
    expect(onItsWay.state.nominalAt).toBeNull();
    expect(update(onItsWay, { endAt: null }, minute(1) + 5).state.nominalAt).toBe(minute(2));
  });

  it("bind a delay too", () => {
    const delay = aSchedule({ trigger: { type: "delay", delaySeconds: 60 } });
    expect(update(delay, { startAt: iso(minute(5)) }, minute(0)).state.nominalAt).toBe(minute(5));
    expect(update(delay, { name: "x" }, minute(0)).state.nominalAt).toBe(minute(1));
  });

  it("under which nothing is left are refused", () => {
    const error = refused(
      aSchedule(),
      aCommand("update", { body: { endAt: iso(minute(1)) }, storedAt: minute(2) }),
    );
    expect(error.code).toBe("never_fires");
  });

  it("move the due instant with the jitter, not the occurrence", () => {
    const { state } = bounded({ jitterSeconds: 30 }, minute(0));
    expect(state.nominalAt).toBe(minute(1));
    expect(state.dueAt).toBeGreaterThan(minute(1));
  });
});

describe("a definition that is handled after its occurrences have fired", () => {
  const end = { endAt: iso(minute(3)) };
  const fired = (patch: Partial<ScheduleDefinition>): Schedule =>
    [1, 2, 3].reduce((schedule, count) => claimedUntil(schedule, minute(count)), aSchedule(patch));

  it("fires none of them again, and ends where it names no other", () => {
    const { state } = update(fired(end), { jitterSeconds: 30 }, minute(1));
    expect([state.nominalAt, state.status]).toEqual([null, "completed"]);
  });

  it("goes on after them where it names others", () => {
    const { state } = update(fired({}), { jitterSeconds: 30 }, minute(1));
    expect(state.nominalAt).toBe(minute(4));
  });

  it("fires none of them again where it begins earlier", () => {
    const before = fired({ startAt: iso(minute(1) + SECOND) });
    expect(update(before, { startAt: null }, minute(1)).state.nominalAt).toBe(minute(4));
  });

  it("fires none that were missed, though it would have let them", () => {
    const at = {
      trigger: { type: "at", at: iso(minute(2)) },
      misfire: { policy: "skip", graceSeconds: 0 },
    } as const;
    const missed = claimedUntil(aSchedule(at), minute(9));
    expect([
      toldBy(advance(aSchedule(at), minute(9), false)?.state ?? missed.state),
      missed.state.status,
    ]).toEqual([["missed", "completed"], "completed"]);
    const { state } = update(missed, { jitterSeconds: 30 }, minute(1));
    expect([state.nominalAt, state.status]).toEqual([null, "completed"]);
  });

  it("fires none that an earlier definition settled, where its bounds leave no other", () => {
    const fired = claimedUntil(aSchedule(end), minute(1));
    const between = update(
      fired,
      { trigger: { type: "at", at: iso(minute(1) - SECOND) } },
      STORED_AT + 58 * SECOND,
    );
    const bounded = {
      trigger: { ...everyMinute, startAt: iso(minute(1)) },
      startAt: iso(minute(1)),
      endAt: iso(minute(1) + SECOND),
    };
    const { state } = update(between, bounded, STORED_AT + 59 * SECOND);
    expect([state.nominalAt, state.status]).toEqual([null, "completed"]);
  });

  it("fires at a single instant that the one before did not name", () => {
    const at = minute(2) + SECOND;
    const { state } = update(fired(end), { trigger: { type: "at", at: iso(at) } }, minute(2));
    expect(state.nominalAt).toBe(at);
  });
});
