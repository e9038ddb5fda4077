import { validate } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Command } from "./command.ts";
import { decide } from "./decide.ts";
import type { Schedule } from "./schedule.ts";
import { clockStep, definition, misfire, recurring } from "./testing/arbitraries.ts";
import {
  aCommand,
  aSchedule,
  DAY,
  iso,
  later,
  MINUTE,
  RULES,
  SECOND,
  STORED_AT,
  settled,
} from "./testing/builders.ts";
import { catchUp, Ledger, occurrences } from "./testing/ledger.ts";

/** Decides to the end, enters what is owed, and pays it. */
function carryOut(schedule: Schedule, command: Command, ledger: Ledger): Schedule {
  let current = schedule;
  for (;;) {
    const decision = decide(current, later(current, command), RULES);
    if (decision.kind === "waiving") {
      current = { ...current, state: decision.state };
      continue;
    }
    if (decision.kind !== "accepted") return current;
    expect(validate.stateRecord(JSON.parse(JSON.stringify(decision.schedule.state)))).toEqual([]);
    ledger.enter(decision.schedule.state.owed, current.timeline);
    return settled(decision.schedule);
  }
}

const afterMs = clockStep.map((stepMs) => Math.max(0, stepMs));

describe("pause, resume and updates that leave the trigger alone", () => {
  /** `lagMs`: how long a command has been stored before it is read. */
  const move = fc.record({
    afterMs,
    lagMs: fc.integer({ min: 0, max: 20 * SECOND }),
    what: fc.constantFrom("pause", "now", "catch_up", "bounds", "payload"),
  });

  const commandOf = (what: string, storedAt: number): Command => {
    if (what === "pause") return aCommand("pause", { storedAt });
    if (what === "bounds") return aCommand("update", { storedAt, body: { endAt: iso(storedAt + 30 * DAY) } });
    if (what === "payload") return aCommand("update", { storedAt, body: { payload: storedAt } });
    return aCommand("resume", { storedAt, body: { from: what } });
  };

  it("leave no occurrence out and settle none twice, from the creation to the deletion", () => {
    fc.assert(
      fc.property(definition, fc.array(move, { maxLength: 10 }), fc.boolean(), (patch, moves, busy) => {
        const schedule = aSchedule({ ...patch, maxExecutions: null, endAt: null });
        const ledger = new Ledger();
        let [current, now, storedAt] = [schedule, STORED_AT, STORED_AT];
        for (const { afterMs, lagMs, what } of moves) {
          now += afterMs;
          storedAt = Math.max(storedAt, now - lagMs);
          if (busy) current = catchUp(current, now, ledger);
          current = carryOut(current, commandOf(what, storedAt), ledger);
        }
        carryOut(current, aCommand("delete", { storedAt: now }), ledger);
        expect(ledger.faults).toEqual([]);
        const { status, sinceAt } = current.state;
        const until = status === "paused" ? sinceAt : now;
        expect(ledger.instants.filter((at) => at < until)).toEqual(occurrences(schedule, STORED_AT, until));
      }),
      { numRuns: 150 },
    );
  });
});

describe("new triggers, new bounds, switching off and on", () => {
  const patch = fc.oneof(
    recurring.map((trigger) => ({ trigger, startAt: null })),
    fc.integer({ min: 0, max: 30 * MINUTE }).map((inMs) => ({ startInMs: inMs })),
    misfire.map((policy) => ({ misfire: policy })),
    fc.boolean().map((enabled) => ({ enabled })),
  );
  const move = fc.record({ afterMs, patch });

  it("split time at the instant of the command: what is named before belongs to the old, the rest to the new", () => {
    fc.assert(
      fc.property(definition, fc.array(move, { maxLength: 10 }), fc.boolean(), (first, moves, busy) => {
        const ledger = new Ledger();
        const expected = new Set<number>();
        let [current, now] = [
          aSchedule({ ...first, maxExecutions: null, endAt: null, jitterSeconds: 0 }),
          STORED_AT,
        ];
        const instants: number[] = [];
        for (const { afterMs, patch } of moves) {
          const from = now;
          now += afterMs;
          if (current.state.status === "active") {
            for (const at of occurrences(current, from, now)) expected.add(at);
          }
          if (busy) current = catchUp(current, now, ledger);
          const body = "startInMs" in patch ? { startAt: iso(now + patch.startInMs) } : patch;
          current = carryOut(current, aCommand("update", { storedAt: now, body }), ledger);
          instants.push(now);
        }
        carryOut(current, aCommand("delete", { storedAt: now }), ledger);
        expect(ledger.faults).toEqual([]);
        expect([...expected].filter((at) => !ledger.settled.has(at))).toEqual([]);
        const onTheLine = ledger.instants.filter((at) => !expected.has(at));
        expect(onTheLine.filter((at) => !instants.includes(at))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
