import { describe, expect, it } from "vitest";
import type { Rules } from "../decide.ts";
import {
  aCommand,
  accepted,
  aDefinition,
  aSchedule,
  aTenants,
  DAY,
  eventsOf,
  everyMinute,
  iso,
  MINUTE,
  RULES,
  refused,
  STORED_AT,
  settled,
  toldBy,
  withState,
} from "../testing/builders.ts";

const crowded = (tenant: number, creator: number): Rules => ({
  ...RULES,
  tenants: aTenants({ maxSchedules: 10 }),
  count: (_, name) => ({ tenant, creator: name === "ada" ? creator : 0 }),
});

describe("create", () => {
  it("makes version 1, active, with its event owed", () => {
    const { schedule, redefined, unchanged } = accepted(null, aCommand("create", { body: aDefinition() }));
    const { record, state } = schedule;
    expect([record.version, record.createdBy, record.createdAt]).toEqual([1, "ada", STORED_AT]);
    expect([state.status, state.nominalAt, redefined, unchanged]).toEqual([
      "active",
      STORED_AT + MINUTE,
      true,
      false,
    ]);
    expect(eventsOf(state)).toMatchObject([{ what: "created", definition: true, data: { actor: "ada" } }]);
  });

  it("accepts an equal definition, whatever the order of its fields, and changes nothing", () => {
    const at = aSchedule({ trigger: { type: "at", at: iso(STORED_AT + MINUTE) } });
    const body = Object.fromEntries(Object.entries(at.record.definition).reverse());
    const again = accepted(at, aCommand("create", { body, storedAt: STORED_AT + DAY }));
    expect([again.unchanged, again.redefined, again.schedule.record]).toEqual([true, false, at.record]);
  });

  it("refuses another definition, before it looks whether that one is any good", () => {
    for (const body of [aDefinition({ name: "other" }), { nonsense: 1 }, undefined]) {
      expect(refused(aSchedule(), aCommand("create", { body })).code).toBe("schedule_exists");
    }
  });

  it("judges an instant at the time when the command was stored", () => {
    const body = aDefinition({ trigger: { type: "at", at: iso(STORED_AT) } });
    expect(refused(null, aCommand("create", { body })).code).toBe("at_in_past");
    expect(
      accepted(null, aCommand("create", { body, storedAt: STORED_AT - 1 })).schedule.state.nominalAt,
    ).toBe(STORED_AT);
  });

  it("names the field that is unknown or missing", () => {
    const { code, details } = refused(null, aCommand("create", { body: { ...aDefinition(), nmae: "x" } }));
    expect([code, details?.[0]?.path]).toEqual(["invalid_definition", "/nmae"]);
    expect(refused(null, aCommand("create", { body: {} })).code).toBe("invalid_definition");
    expect(refused(null, aCommand("create")).code).toBe("invalid_definition");
  });

  it("refuses a target that the tenant may not use, and says the line to add", () => {
    const error = refused(
      null,
      aCommand("create", { body: aDefinition({ target: { subject: "cmd.mail.send" } }) }),
    );
    expect(error.code).toBe("target_not_allowed");
    expect(error.message).toContain('{ "subject": "cmd.mail.send" }');
  });

  it("refuses a schedule too many of the tenant, or of its creator", () => {
    const command = aCommand("create", { body: aDefinition() });
    expect(refused(null, command, crowded(10, 0)).code).toBe("quota_exceeded");
    expect(refused(null, command, crowded(9, 1_000)).code).toBe("quota_exceeded");
    expect(accepted(null, command, crowded(9, 999)).schedule.record.version).toBe(1);
  });
});

describe("apply", () => {
  it("creates what does not exist", () => {
    const { schedule } = accepted(null, aCommand("apply", { body: aDefinition() }));
    expect([toldBy(schedule.state), schedule.record.version]).toEqual([["created"], 1]);
  });

  it("changes nothing where the definition is equal", () => {
    expect(accepted(aSchedule(), aCommand("apply", { body: aDefinition() })).unchanged).toBe(true);
  });

  it("replaces the whole definition, and keeps who created it", () => {
    const before = aSchedule({ name: "old", tags: ["a"] });
    const { record } = accepted(before, aCommand("apply", { body: aDefinition(), actor: "bob" })).schedule;
    expect([record.definition.name, record.version, record.createdBy, record.updatedBy]).toEqual([
      undefined,
      2,
      "ada",
      "bob",
    ]);
  });

  it("never lifts a pause", () => {
    const paused = accepted(aSchedule(), aCommand("pause")).schedule;
    const { state } = accepted(paused, aCommand("apply", { body: aDefinition({ name: "new" }) })).schedule;
    expect(state.status).toBe("paused");
  });

  it("starts a completed schedule anew, under the same version where the definition is equal", () => {
    const done = withState(aSchedule(), { status: "completed", nominalAt: null, dueAt: null, claimed: 5 });
    const storedAt = STORED_AT + DAY;
    const { schedule } = accepted(done, aCommand("apply", { body: aDefinition(), storedAt }));
    expect([schedule.state.status, schedule.record.version, schedule.state.claimed]).toEqual([
      "active",
      1,
      0,
    ]);
    expect(schedule.state.nominalAt).toBe(storedAt + MINUTE);
  });

  it("counts a completed schedule against the limits of its creator when it starts anew", () => {
    const done = withState(aSchedule(), { status: "completed", nominalAt: null, dueAt: null });
    const command = aCommand("apply", { body: aDefinition(), actor: "bob" });
    expect(refused(done, command, crowded(0, 1_000)).code).toBe("quota_exceeded");
  });

  it("needs no room in the limits where the schedule exists", () => {
    const command = aCommand("apply", { body: aDefinition({ name: "new" }) });
    expect(accepted(aSchedule(), command, crowded(10, 1_000)).schedule.record.version).toBe(2);
  });
});

describe("update", () => {
  const before = aSchedule({
    payload: null,
    endAt: null,
    tags: ["a", "b"],
    misfire: { policy: "skip", graceSeconds: 5 },
  });
  const update = (body: unknown) => accepted(before, aCommand("update", { body })).schedule;

  it("replaces each field given whole, and leaves the others as they were written", () => {
    const { definition } = update({ misfire: { policy: "fire_all" } }).record;
    expect(definition).toEqual({ ...before.record.definition, misfire: { policy: "fire_all" } });
  });

  it("removes a field with null, so that the default applies", () => {
    const { definition, effective } = update({ tags: null, misfire: null }).record;
    expect(["tags" in definition, effective.tags, effective.misfire.policy]).toEqual([
      false,
      [],
      "fire_once",
    ]);
  });

  it("keeps a payload that is null", () => {
    expect(update({ name: "x" }).record.effective.payload).toBeNull();
    expect("payload" in update({ payload: null }).record.effective).toBe(false);
  });

  it("changes nothing where the result is equal", () => {
    expect(accepted(before, aCommand("update", { body: { tags: ["a", "b"] } })).unchanged).toBe(true);
  });

  it.each([[undefined], [{}], [{ nmae: 1 }], [[]], ["x"], [null]])("refuses the body %j", (body) => {
    expect(refused(before, aCommand("update", { body })).code).toBe("invalid_body");
  });

  it("judges the result as a definition", () => {
    expect(refused(before, aCommand("update", { body: { trigger: null } })).code).toBe("invalid_definition");
    expect(refused(before, aCommand("update", { body: { jitterSeconds: 60 } })).code).toBe("jitter_too_long");
    expect(refused(null, aCommand("update", { body: { name: "x" } })).code).toBe("not_found");
  });

  it("tells what changed, but not what may hold secrets", () => {
    const [event] = eventsOf(update({ name: "x", tags: null, payload: { key: "secret" } }).state);
    expect(event?.data["diff"]).toEqual([
      { path: "/payload" },
      { path: "/tags", before: ["a", "b"] },
      { path: "/name", after: "x" },
    ]);
  });

  it("completes an update after the other, each with its version", () => {
    const second = accepted(
      settled(update({ name: "x" })),
      aCommand("update", { body: { trigger: everyMinute, name: "y" } }),
    );
    expect(second.schedule.record.version).toBe(3);
  });
});
