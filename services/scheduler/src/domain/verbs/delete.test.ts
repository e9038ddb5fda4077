import { describe, expect, it } from "vitest";
import { decide } from "../decide.ts";
import { TOMBSTONE_KEPT_MS, wakeAt } from "../schedule.ts";
import { settleRefused } from "../settle.ts";
import {
  aCommand,
  accepted,
  aDefinition,
  aDispatch,
  aSchedule,
  DAY,
  eventsOf,
  iso,
  MINUTE,
  RULES,
  refused,
  STORED_AT,
  settled,
  toldBy,
  withState,
} from "../testing/builders.ts";
import { expire } from "./delete.ts";

const minute = (count: number): number => STORED_AT + count * MINUTE;

describe("delete", () => {
  it("leaves a tombstone that remembers its commands for a day", () => {
    const { state } = accepted(aSchedule(), aCommand("delete", { reason: "old" })).schedule;
    expect([state.status, state.nominalAt, state.dueAt, toldBy(state)]).toEqual([
      "deleted",
      null,
      null,
      ["deleted"],
    ]);
    expect(state.memory.outcomes.map(({ verb }) => verb)).toEqual(["create", "delete"]);
    const stone = settled({ ...aSchedule(), state });
    expect([wakeAt({ ...stone, state }), wakeAt(stone)]).toEqual([null, STORED_AT + TOMBSTONE_KEPT_MS]);
  });

  it("tells what was overdue, then that it is gone", () => {
    const { state } = accepted(aSchedule(), aCommand("delete", { storedAt: minute(3) })).schedule;
    expect(eventsOf(state)).toMatchObject([
      { what: "skipped", data: { reason: "deleted", count: 2, lastNominalAt: iso(minute(2)) } },
      { what: "deleted" },
    ]);
  });

  it("tells what was overdue before a pause, not what the pause covers", () => {
    const paused = settled(accepted(aSchedule(), aCommand("pause", { storedAt: minute(2) })).schedule);
    const { state } = accepted(paused, aCommand("delete", { storedAt: minute(9) })).schedule;
    expect(eventsOf(state)[0]?.data).toMatchObject({ reason: "deleted", nominalAt: iso(minute(1)) });
  });

  it("cancels planned attempts, each with its final event", () => {
    const retrying = withState(aSchedule(), {
      retries: [{ dispatch: aDispatch({ attempt: 2 }), retryAt: minute(1) }],
    });
    const { state } = accepted(retrying, aCommand("delete")).schedule;
    expect(state.retries).toEqual([]);
    expect(eventsOf(state)[0]).toMatchObject({
      what: "cancelled",
      data: { attempt: 2, reason: "deleted", final: true },
    });
  });

  it("plans no further attempt for what is refused afterwards", () => {
    const dispatch = aDispatch();
    const { schedule } = accepted(withState(aSchedule(), { owed: [dispatch] }), aCommand("delete"));
    const state = settleRefused(schedule, dispatch, { reason: "no_stream", message: "" }, minute(1));
    expect([state.retries, toldBy(state)]).toEqual([[], ["deleted", "cancelled"]]);
  });

  it("is refused where there is no schedule, or no longer", () => {
    const gone = settled(accepted(aSchedule(), aCommand("delete")).schedule);
    expect(refused(null, aCommand("delete")).code).toBe("not_found");
    expect(refused(gone, aCommand("delete")).code).toBe("not_found");
  });

  it("is followed by versions that go on, of a schedule that knows its commands", () => {
    const created = aCommand("create", { body: aDefinition(), commandId: "acme.first" });
    const first = decide(null, created, RULES);
    if (first.kind !== "accepted") throw new Error(first.kind);
    const gone = settled(accepted(first.schedule, aCommand("delete")).schedule);
    const { schedule } = accepted(
      gone,
      aCommand("create", { body: aDefinition(), actor: "bob", storedAt: minute(1) }),
    );
    expect([schedule.record.version, schedule.record.createdBy, schedule.record.createdAt]).toEqual([
      2,
      "bob",
      minute(1),
    ]);
    expect(schedule.state.stats.fired).toBe(0);
    expect(decide(schedule, created, RULES)).toMatchObject({ kind: "repeated", outcome: { version: 1 } });
  });
});

describe("a schedule that was kept long enough after it completed", () => {
  const done = withState(aSchedule({ keepSeconds: 86_400 }), {
    status: "completed",
    nominalAt: null,
    dueAt: null,
    sinceAt: STORED_AT,
  });

  it("is deleted by the scheduler itself, at the instant and not before", () => {
    expect(wakeAt(done)).toBe(STORED_AT + DAY);
    expect(expire(done, STORED_AT + DAY - 1)).toBeNull();
    const state = expire(done, STORED_AT + DAY);
    expect(state).toMatchObject({ status: "deleted", sinceAt: STORED_AT + DAY, memory: done.state.memory });
    expect(state === null ? [] : eventsOf(state)).toMatchObject([
      { what: "deleted", data: { actor: "scheduler" } },
    ]);
  });

  it("waits until everything owed has been paid, and is still completed", () => {
    expect(expire(withState(done, { owed: [aDispatch()] }), STORED_AT + 2 * DAY)).toBeNull();
    expect(expire(withState(done, { status: "active" }), STORED_AT + 2 * DAY)).toBeNull();
  });
});
