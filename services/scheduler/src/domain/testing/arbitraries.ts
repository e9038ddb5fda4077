/** Definitions and clock steps of every kind, for laws. */

import type { ScheduleDefinition } from "@carillon/contracts";
import fc from "fast-check";
import { HOUR, iso, MINUTE, SECOND, STORED_AT } from "./builders.ts";

const CRONS = ["* * * * * *", "*/7 * * * * *", "* * * * *", "13 */2 * * *"] as const;

export const recurring = fc.oneof(
  fc
    .integer({ min: 1, max: 20_000 })
    .map((tenths) => ({ type: "interval" as const, everySeconds: tenths / 10 })),
  fc.constantFrom(...CRONS).map((expression) => ({ type: "cron" as const, expression })),
  fc.constant({ type: "rrule" as const, rrule: "FREQ=MINUTELY;INTERVAL=11;BYSECOND=5,50" }),
);

export const misfire = fc.record({
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
export const definition = fc
  .tuple(recurring, misfire, bounds, fc.integer({ min: 0, max: 90 }))
  .map(([trigger, policy, limits, jitter]): Partial<ScheduleDefinition> => {
    const jitterSeconds =
      trigger.type === "interval" ? (jitter / 100) * Math.min(60, trigger.everySeconds) : jitter;
    return { trigger, misfire: policy, jitterSeconds, ...limits };
  });

/** Mostly onwards, sometimes far, sometimes back. */
export const clockStep = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 30 * SECOND }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 10 * MINUTE }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: -5 * MINUTE, max: 0 }) },
);
