import { type StateRecord, validate } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, CLAIMS_MAX } from "./advance.ts";
import { DISPATCHES_OWED_MAX } from "./schedule.ts";
import { clockStep, definition } from "./testing/arbitraries.ts";
import {
  aSchedule,
  DAY,
  dispatchesOf,
  HOUR,
  MINUTE,
  SECOND,
  STORED_AT,
  withState,
} from "./testing/builders.ts";
import { catchUp, Ledger, occurrences } from "./testing/ledger.ts";

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
            current = catchUp(current, now, ledger, { denied, check });
            const { dueAt, status } = current.state;
            if (status === "active") expect(dueAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
          }
          expect(ledger.faults).toEqual([]);
          const last = ledger.instants.at(-1) ?? 0;
          const until = current.state.nominalAt ?? last + 1;
          expect(ledger.instants).toEqual(occurrences(schedule, STORED_AT, until));
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
    let current = every;
    let calls = 0;
    for (let step = advance(every, STORED_AT + 20 * DAY, false); step !== null; calls++) {
      current = { ...current, state: step.state };
      if (step.commit) break;
      step = advance(current, STORED_AT + 20 * DAY, false);
    }
    expect(calls).toBe(Math.floor((20 * DAY - 300_000) / SECOND / 2_000));
    expect(current.state.stats.missed).toBe((20 * DAY - 300_000) / SECOND);
  });
});
