import { validate } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import {
  aCommand,
  accepted,
  aDefinition,
  aSchedule,
  eventsOf,
  later,
  MINUTE,
  RULES,
  refused,
  STORED_AT,
  settled,
  toldBy,
  withState,
} from "./testing/builders.ts";

const first = aCommand("create", { body: aDefinition(), sequence: 5, commandId: "acme.first" });

describe("a command that comes again", () => {
  const { schedule } = accepted(null, first);
  const known = withState(schedule, { memory: { ...schedule.state.memory, sequence: 5 } });

  it("under the same id has its first outcome, whatever it says now", () => {
    const { commandId } = known.state.memory.outcomes[0] ?? first;
    const again = aCommand("delete", { sequence: 77, commandId });
    expect(decide(known, again, RULES)).toMatchObject({
      kind: "repeated",
      schedule: known,
      outcome: { verb: "create", version: 1, status: "active" },
    });
  });

  it("under a lower sequence was settled before", () => {
    expect(decide(known, aCommand("pause", { sequence: 4, commandId: "acme.old" }), RULES)).toEqual({
      kind: "stale",
    });
  });

  it("from an inbox that was made anew is new", () => {
    const other = aCommand("pause", { sequence: 1, commandId: "acme.new", inbox: "2027-01-01T00:00:00Z" });
    expect(decide(known, other, RULES).kind).toBe("accepted");
  });

  it("after its schedule was deleted is still known", () => {
    const gone = settled(accepted(known, aCommand("delete")).schedule);
    const { commandId } = known.state.memory.outcomes[0] ?? first;
    expect(decide(gone, { ...first, commandId }, RULES).kind).toBe("repeated");
  });

  it("as a rehearsal is decided, not recalled", () => {
    const { commandId } = known.state.memory.outcomes[0] ?? first;
    expect(decide(known, aCommand("pause", { sequence: 1, commandId, dryRun: true }), RULES)).toMatchObject({
      kind: "accepted",
      outcome: { status: "paused" },
    });
  });
});

describe("every accepted command", () => {
  it("is remembered, also one that changes nothing", () => {
    const decision = accepted(aSchedule(), aCommand("create", { body: aDefinition() }));
    expect(decision.unchanged).toBe(true);
    expect(decision.schedule.state.memory.outcomes).toHaveLength(2);
    expect(decision.schedule.state.owed).toEqual([]);
  });

  it("leaves a state that can be stored", () => {
    for (const verb of ["pause", "resume", "trigger", "delete"] as const) {
      const { state } = accepted(
        aSchedule({ payload: { n: 1 } }),
        aCommand(verb, { storedAt: STORED_AT + 5 * MINUTE }),
      ).schedule;
      expect(validate.stateRecord(JSON.parse(JSON.stringify(state)))).toEqual([]);
    }
  });

  it("leaves a definition that can be stored", () => {
    const { record } = accepted(null, first).schedule;
    expect(validate.definitionRecord(JSON.parse(JSON.stringify(record)))).toEqual([]);
  });

  it("tells its events under ids that depend on the command alone", () => {
    const ids = () => eventsOf(accepted(null, first).schedule.state).map(({ id }) => id);
    expect(ids()).toEqual(ids());
    expect(ids()[0]).toMatch(/^acme\.daily\.created\.acme\.first/);
  });

  it("does not wait for what is owed already", () => {
    const created = accepted(null, first).schedule;
    expect(toldBy(accepted(created, aCommand("pause")).schedule.state)).toEqual(["created", "paused"]);
  });
});

describe("the expected version", () => {
  it("must be that of the schedule", () => {
    expect(accepted(aSchedule(), aCommand("pause", { expectedVersion: 1 })).outcome.status).toBe("paused");
    const { code, message } = refused(aSchedule(), aCommand("pause", { expectedVersion: 2 }));
    expect([code, message]).toEqual([
      "version_conflict",
      "version 2 was expected; the schedule is at version 1",
    ]);
  });

  it("of 0 means that there is none, or none any more", () => {
    const create = aCommand("create", { body: aDefinition(), expectedVersion: 0 });
    const gone = settled(accepted(aSchedule(), aCommand("delete")).schedule);
    expect(accepted(null, create).outcome.version).toBe(1);
    expect(accepted(gone, create).outcome.version).toBe(2);
    expect(refused(aSchedule(), create).code).toBe("version_conflict");
    expect(refused(null, { ...create, expectedVersion: 1 }).code).toBe("version_conflict");
  });

  it("does not rise with pause and resume", () => {
    const paused = accepted(aSchedule(), aCommand("pause"));
    expect(accepted(paused.schedule, aCommand("resume", { expectedVersion: 1 })).outcome.version).toBe(1);
  });
});

describe("a schedule that does not exist", () => {
  it.each(["update", "delete", "pause", "resume", "trigger"] as const)("cannot be met by %s", (verb) => {
    const { code, message } = refused(null, aCommand(verb));
    expect([code, message]).toEqual(["not_found", 'schedule "daily" of tenant "acme" does not exist']);
  });
});

describe("a rehearsal", () => {
  it("says what would come of it, and leaves the schedule as it was", () => {
    const before = aSchedule();
    const copy = structuredClone({ record: before.record, state: before.state });
    const decision = decide(before, later(before, aCommand("delete", { dryRun: true })), RULES);
    expect(decision).toMatchObject({ kind: "accepted", outcome: { status: "deleted" } });
    expect({ record: before.record, state: before.state }).toEqual(copy);
    expect(refused(null, aCommand("create", { body: {}, dryRun: true })).code).toBe("invalid_definition");
  });
});
