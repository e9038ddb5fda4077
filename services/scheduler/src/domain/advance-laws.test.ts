import { type ScheduleDefinition, type StateRecord, validate } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, CLAIMS_MAX } from "./advance.ts";
import { proceed } from "./completion.ts";
import { decide } from "./decide.ts";
import { DISPATCHES_OWED_MAX, type Schedule } from "./schedule.ts";
import { settleDelivered } from "./settle.ts";
import {
  aCommand,
  aSchedule,
  DAY,
  dispatchesOf,
  HOUR,
  iso,
  later,
  MINUTE,
  RULES,
  SECOND,
  STORED_AT,
  settled,
  withState,
} from "./testing/builders.ts";
import { Ledger } from "./testing/ledger.ts";

const CRONS = ["* * * * * *", "*/7 * * * * *", "* * * * *", "13 */2 * * *"] as const;

const recurring = fc.oneof(
  fc
    .integer({ min: 1, max: 20_000 })
    .map((tenths) => ({ type: "interval" as const, everySeconds: tenths / 10 })),
  fc.constantFrom(...CRONS).map((expression) => ({ type: "cron" as const, expression })),
  fc.constant({ type: "rrule" as const, rrule: "FREQ=MINUTELY;INTERVAL=11;BYSECOND=5,50" }),
);

const misfire = fc.record({
  policy: fc.constantFrom("skip", "fire_once", "fire_all"),
  graceSeconds: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.double({ min: 0, max: 5, noNaN: true })),
  maxCatchUp: fc.integer({ min: 1, max: 50 }),
});

const bounds = fc.record(
  {
    startAt: fc.integer({ min: 0, max: 2 * HOUR }).map((afterMs) => iso(STORED_AT + afterMs)),
    endAt: fc.integer({ min: 5 * HOUR, max: 9 * HOUR }).map((afterMs) => iso(STORED_AT + afterMs)),
    maxExecutions: fc.integer({ min: 1, max: 200 }),
  },
  { requiredKeys: [] },
);

/** Some `everySeconds` are shorter than the jitter; those are left to be refused elsewhere. */
const definition = fc
  .tuple(recurring, misfire, bounds, fc.integer({ min: 0, max: 90 }))
  .map(([trigger, policy, limits, jitter]): Partial<ScheduleDefinition> => {
    const jitterSeconds =
      trigger.type === "interval" ? (jitter / 100) * Math.min(60, trigger.everySeconds) : jitter;
    return { trigger, misfire: policy, jitterSeconds, ...limits };
  });

/** Mostly onwards, sometimes far, sometimes back. */
const clockStep = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 30 * SECOND }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 10 * MINUTE }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: -5 * MINUTE, max: 0 }) },
);

/** Settles every target command at once, as a quick target does. */
function settleAll(schedule: Schedule, now: number): Schedule {
  const state = dispatchesOf(schedule.state).reduce(
    (settling, dispatch) => settleDelivered(settling, dispatch, now),
    schedule.state,
  );
  return settled({ ...schedule, state: proceed({ ...schedule, state }, now) });
}

/** Calls until nothing more is due, and enters what each call owes. */
function catchUp(schedule: Schedule, now: number, ledger: Ledger, denied = false): Schedule {
  let current = schedule;
  for (let calls = 0; ; calls++) {
    if (calls > 5_000) throw new Error("no end");
    const step = advance(current, now, denied);
    if (step === null) return current;
    const next = { ...current, state: step.state };
    if (step.commit) ledger.enter(step.state.owed.slice(current.state.owed.length), current.timeline);
    check(current.state, step.state, now);
    current = step.commit ? settleAll(next, now) : next;
  }
}

const cursor = ({ nominalAt }: StateRecord): number => nominalAt ?? Number.POSITIVE_INFINITY;

/** What holds of every single call. */
function check(before: StateRecord, after: StateRecord, now: number): void {
  expect(cursor(after)).toBeGreaterThanOrEqual(cursor(before));
  expect(validate.stateRecord(JSON.parse(JSON.stringify(after)))).toEqual([]);
  const fired = dispatchesOf(after);
  expect(fired.length - dispatchesOf(before).length).toBeLessThanOrEqual(CLAIMS_MAX);
  for (const { nominalAt, dueAt } of fired) {
    expect(dueAt).toBeGreaterThanOrEqual(nominalAt);
    expect(dueAt).toBeLessThanOrEqual(now);
  }
  const order = fired.map(({ nominalAt }) => nominalAt);
  expect(order).toEqual(order.toSorted((one, two) => one - two));
}

/** The occurrences of a schedule before `until`, by its timeline alone. */
function occurrences({ timeline, record }: Schedule, until: number): number[] {
  const all: number[] = [];
  for (let at = timeline.first(record.acceptedAt); at !== null && at < until; at = timeline.next(at))
    all.push(at);
  return all;
}

describe("advance", () => {
  it("covers each occurrence exactly once, in order, whatever the clock does", () => {
    fc.assert(
      fc.property(
        definition,
        fc.array(fc.tuple(clockStep, fc.boolean()), { maxLength: 12 }),
        (patch, steps) => {
          const schedule = aSchedule(patch);
          const ledger = new Ledger();
          let current = schedule;
          let now = STORED_AT;
          for (const [stepMs, denied] of steps) {
            now += stepMs;
            current = catchUp(current, now, ledger, denied);
            const { dueAt, status } = current.state;
            if (status === "active") expect(dueAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
          }
          expect(ledger.faults).toEqual([]);
          const last = ledger.instants.at(-1) ?? 0;
          const until = current.state.nominalAt ?? last + 1;
          expect(ledger.instants).toEqual(occurrences(schedule, until));
          const { stats, claimed } = current.state;
          expect(stats.fired + stats.missed + stats.skipped).toBe(ledger.settled.size);
          expect(claimed).toBe(stats.fired);
          expect(claimed).toBeLessThanOrEqual(patch.maxExecutions ?? Number.POSITIVE_INFINITY);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("in two steps fires what it fires in one, where everything is within the grace", () => {
    const far = fc.integer({ min: 0, max: HOUR });
    fc.assert(
      fc.property(definition, far, far, (patch, one, two) => {
        const patient = { ...patch, misfire: { policy: "fire_all", graceSeconds: 1e6 } as const };
        const [whole, split] = [new Ledger(), new Ledger()];
        const until = STORED_AT + one + two;
        const once = catchUp(aSchedule(patient), until, whole);
        const twice = catchUp(catchUp(aSchedule(patient), STORED_AT + one, split), until, split);
        expect(split.instants).toEqual(whole.instants);
        expect([twice.state.nominalAt, twice.state.claimed]).toEqual([
          once.state.nominalAt,
          once.state.claimed,
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it("is idempotent: what has been caught up with is not due again", () => {
    fc.assert(
      fc.property(definition, fc.integer({ min: 0, max: 3 * HOUR }), (patch, afterMs) => {
        const now = STORED_AT + afterMs;
        const caughtUp = catchUp(aSchedule(patch), now, new Ledger());
        expect(advance(caughtUp, now, false)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it("never has more on its way than it may owe", () => {
    const fast = aSchedule({ trigger: { type: "interval", everySeconds: 0.1 } });
    let current = fast;
    for (let calls = 0; calls < 20; calls++) {
      current = withState(current, advance(current, STORED_AT + MINUTE, false)?.state ?? {});
    }
    expect(dispatchesOf(current.state)).toHaveLength(DISPATCHES_OWED_MAX);
  });

  it("ends after bounded calls, however long the gap", () => {
    const every = aSchedule({
      trigger: { type: "cron", expression: "* * * * * *" },
      misfire: { policy: "skip" },
    });
    const ledger = new Ledger();
    let current = every;
    let calls = 0;
    for (let step = advance(every, STORED_AT + 20 * DAY, false); step !== null; calls++) {
      current = { ...current, state: step.state };
      if (step.commit) break;
      step = advance(current, STORED_AT + 20 * DAY, false);
    }
    expect(calls).toBe(Math.floor((20 * DAY - 300_000) / SECOND / 2_000));
    expect(current.state.stats.missed).toBe((20 * DAY - 300_000) / SECOND);
    expect(ledger.faults).toEqual([]);
  });
});

describe("commands between the occurrences", () => {
  type Move = { afterMs: number; lagMs: number; what: "pause" | "now" | "catch_up" | "bounds" | "payload" };
  const move: fc.Arbitrary<Move> = fc.record({
    afterMs: clockStep.map((stepMs) => Math.max(0, stepMs)),
    lagMs: fc.integer({ min: 0, max: 20 * SECOND }),
    what: fc.constantFrom("pause", "now", "catch_up", "bounds", "payload"),
  });

  /** The time under a pause that is not lifted is covered by the event that began it. */
  it("leave no occurrence out and settle none twice, from the creation to the deletion", () => {
    fc.assert(
      fc.property(definition, fc.array(move, { maxLength: 10 }), fc.boolean(), (patch, moves, busy) => {
        const schedule = aSchedule({ ...patch, maxExecutions: null, endAt: null });
        const ledger = new Ledger();
        let current = schedule;
        let now = STORED_AT;
        let storedAt = STORED_AT;
        for (const { afterMs, lagMs, what } of moves) {
          now += afterMs;
          storedAt = Math.max(storedAt, now - lagMs);
          if (busy) current = catchUp(current, now, ledger);
          current = carryOut(current, commandOf(what, storedAt, now), ledger);
        }
        const lasting = current;
        carryOut(lasting, aCommand("delete", { storedAt: now }), ledger);
        expect(ledger.faults).toEqual([]);
        const { status, sinceAt } = lasting.state;
        const until = status === "paused" ? sinceAt : now;
        expect(ledger.instants.filter((at) => at < until)).toEqual(occurrences(schedule, until));
      }),
      { numRuns: 150 },
    );
  });

  function commandOf(what: Move["what"], storedAt: number, now: number) {
    switch (what) {
      case "pause":
        return aCommand("pause", { storedAt });
      case "now":
      case "catch_up":
        return aCommand("resume", { storedAt, body: { from: what } });
      case "bounds":
        return aCommand("update", { storedAt, body: { endAt: iso(now + 30 * DAY) } });
      case "payload":
        return aCommand("update", { storedAt, body: { payload: storedAt } });
    }
  }

  function carryOut(schedule: Schedule, command: ReturnType<typeof aCommand>, ledger: Ledger): Schedule {
    let current = schedule;
    for (;;) {
      const decision = decide(current, later(current, command), RULES);
      if (decision.kind === "waiving") {
        current = { ...current, state: decision.state };
        continue;
      }
      if (decision.kind !== "accepted") return current;
      const { state } = decision.schedule;
      expect(validate.stateRecord(JSON.parse(JSON.stringify(state)))).toEqual([]);
      ledger.enter(state.owed, current.timeline);
      return settled(decision.schedule);
    }
  }
});
