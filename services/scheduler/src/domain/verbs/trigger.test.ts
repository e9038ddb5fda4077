import { describe, expect, it } from "vitest";
import { DISPATCHES_OWED_MAX } from "../schedule.ts";
import { settleDelivered } from "../settle.ts";
import {
  aCommand,
  accepted,
  aDispatch,
  aSchedule,
  aTenants,
  dispatchesOf,
  MINUTE,
  RULES,
  refused,
  STORED_AT,
  settled,
  withState,
} from "../testing/builders.ts";

const trigger = (patch: Parameters<typeof aCommand>[1] = {}) =>
  aCommand("trigger", { storedAt: STORED_AT + 5, ...patch });

describe("trigger", () => {
  it("fires now, whatever the clock, and leaves the clock's occurrences alone", () => {
    const before = aSchedule();
    const { schedule, outcome } = accepted(before, trigger());
    expect(dispatchesOf(schedule.state)).toMatchObject([
      {
        executionId: outcome.executionId,
        cause: "trigger",
        attempt: 1,
        nominalAt: STORED_AT + 5,
        dueAt: STORED_AT + 5,
        nextAt: STORED_AT + MINUTE,
        actor: "ada",
      },
    ]);
    const { nominalAt, claimed, lastNominalAt } = schedule.state;
    expect({ nominalAt, claimed, lastNominalAt }).toEqual({
      nominalAt: before.state.nominalAt,
      claimed: 0,
      lastNominalAt: null,
    });
  });

  it("names its execution after the command, so that no command id can pass for an occurrence", () => {
    const commandId = "acme.daily@20261121T090100000Z";
    const first = accepted(aSchedule(), { ...trigger(), commandId }).outcome.executionId;
    expect(first).toMatch(/^daily@m-[0-9a-f]{16}$/);
    expect(accepted(aSchedule(), { ...trigger(), commandId }).outcome.executionId).toBe(first);
    expect(accepted(aSchedule(), trigger()).outcome.executionId).not.toBe(first);
  });

  it("carries another payload where the command brings one, also null", () => {
    const fired = (body: unknown) =>
      dispatchesOf(accepted(aSchedule({ payload: 1 }), trigger({ body })).schedule.state)[0];
    expect(fired({ payload: { n: 2 } })?.payload).toEqual({ n: 2 });
    expect(fired({ payload: null })?.payload).toBeNull();
    expect("payload" in (fired({}) ?? {})).toBe(false);
  });

  it("judges that payload by the tenant's rules", () => {
    const rules = { ...RULES, tenants: aTenants({ maxPayloadBytes: 8 }) };
    expect(refused(aSchedule(), trigger({ body: { payload: "too long" } }), rules).code).toBe(
      "payload_too_large",
    );
  });

  it("is allowed while paused, and counts as a manual one", () => {
    const paused = settled(accepted(aSchedule(), aCommand("pause")).schedule);
    const { state } = accepted(paused, trigger()).schedule;
    const [dispatch] = dispatchesOf(state);
    expect([state.status, dispatch?.nextAt]).toEqual(["paused", null]);
    const { stats } = settleDelivered(state, dispatch ?? aDispatch(), STORED_AT + 9);
    expect([stats.manual, stats.fired, stats.lastLagMs]).toEqual([1, 0, 4]);
  });

  it.each(["completed", "disabled"] as const)("is refused where the schedule is %s", (status) => {
    expect(refused(withState(aSchedule(), { status }), trigger()).code).toBe("schedule_not_active");
  });

  it("is refused where there is none, where too many are on their way, and where the target is denied", () => {
    const full = withState(aSchedule(), {
      owed: Array.from({ length: DISPATCHES_OWED_MAX }, () => aDispatch()),
    });
    const rules = { ...RULES, tenants: { ...RULES.tenants, get: () => undefined } };
    expect(refused(null, trigger()).code).toBe("not_found");
    expect(refused(full, trigger()).code).toBe("already_running");
    expect(refused(aSchedule(), trigger(), rules).code).toBe("tenant_unknown");
  });

  it("is refused with another body", () => {
    expect(refused(aSchedule(), trigger({ body: { payloda: 1 } })).code).toBe("invalid_body");
  });
});
