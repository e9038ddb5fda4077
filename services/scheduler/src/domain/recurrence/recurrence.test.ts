import type { Trigger } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyExpression } from "../testing/expressions.ts";
import { compile, preview, type Recurrence, resolve } from "./index.ts";

const ACCEPTED = Date.UTC(2026, 0, 1, 12);

function recurrence(trigger: Trigger): Recurrence {
  const resolved = resolve(trigger, {
    acceptedAt: ACCEPTED,
    startAt: null,
    defaultTimezone: "UTC",
    lookaheadMs: 1e12,
  });
  // A random expression may name no date.
  fc.pre(resolved.ok || resolved.fault.code !== "never_fires");
  if (!resolved.ok) throw new Error(resolved.fault.message);
  const compiled = compile(resolved.trigger, ACCEPTED);
  if (!compiled.ok) throw new Error(compiled.fault.message);
  return compiled.recurrence;
}

/** Those with clock changes of their own kind more often than the rest. */
const anyZone = fc.oneof(
  fc.constantFrom("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"),
  fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
);
const CRONS = [
  "*/7 * * * *",
  "30 1,2 * * *",
  "0 0-4 * * *",
  "15 */3 L * *",
  "0 9 * * 1-5",
  "*/20 30 2 * 3,10,11 0",
];
const RULES = [
  "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=30",
  "FREQ=HOURLY;INTERVAL=5",
  "FREQ=MINUTELY;INTERVAL=45;BYHOUR=0,1,2,3",
  "FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=2;BYMINUTE=30",
  "FREQ=WEEKLY;BYDAY=SU,MO;BYHOUR=1,2;BYSETPOS=1,-1",
  "FREQ=YEARLY;BYMONTH=3,10;BYDAY=SU;BYHOUR=2;BYMINUTE=15",
];
const anyDst = fc.record({
  gap: fc.constantFrom("next" as const, "shift" as const, "skip" as const),
  overlap: fc.constantFrom("first" as const, "second" as const, "both" as const),
});
const anyTrigger: fc.Arbitrary<Trigger> = fc.oneof(
  fc.record({
    type: fc.constant("cron" as const),
    expression: fc.oneof(fc.constantFrom(...CRONS), anyExpression),
    timezone: anyZone,
    dst: fc.option(anyDst, { nil: undefined }),
  }) as fc.Arbitrary<Trigger>,
  fc.record({
    type: fc.constant("rrule" as const),
    rrule: fc.constantFrom(...RULES),
    timezone: anyZone,
    dst: anyDst,
  }),
  fc.record({
    type: fc.constant("interval" as const),
    everySeconds: fc.integer({ min: 1, max: 900_000 }).map((n) => n / 7),
  }),
);
const anyInstant = fc.integer({ min: Date.UTC(2009, 0, 1), max: Date.UTC(2040, 0, 1) });

describe("every recurrence", () => {
  it("rises strictly, and finds each occurrence again from the millisecond before it", () => {
    fc.assert(
      fc.property(anyTrigger, anyInstant, (trigger, after) => {
        const one = recurrence(trigger);
        const next = (from: number) => one.next(from);
        const at = next(after);
        if (at === null) return;
        expect(at).toBeGreaterThan(after);
        expect(next(at - 1)).toBe(at);
        expect(next(after)).toBe(at);
        const following = next(at);
        if (following !== null) expect(following).toBeGreaterThan(at);
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same list in one stride and in small ones", () => {
    fc.assert(
      fc.property(
        anyTrigger,
        anyInstant,
        fc.integer({ min: 60_000, max: 86_400_000 }),
        (trigger, after, strideMs) => {
          const one = recurrence(trigger);
          const until = after + 20 * strideMs;
          let strides = 0;
          for (let from = after; from < until; from += strideMs)
            strides += one.tally(from, from + strideMs, Number.POSITIVE_INFINITY).count;
          const whole = one.tally(after, until, Number.POSITIVE_INFINITY);
          expect(whole.count).toBe(strides);
          expect(whole.first).toBe(strides > 0 ? one.next(after) : null);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("tally", () => {
  it("says where it stopped, so that counting can go on from there", () => {
    const hourly = recurrence({ type: "cron", expression: "0 * * * *" });
    const until = ACCEPTED + 10 * 3_600_000;
    const part = hourly.tally(ACCEPTED, until, 4);
    expect(part).toEqual({
      count: 4,
      first: ACCEPTED + 3_600_000,
      last: ACCEPTED + 4 * 3_600_000,
      complete: false,
    });
    expect(hourly.tally(part.last ?? 0, until, 6)).toMatchObject({ count: 6, last: until, complete: true });
  });
});

describe("preview", () => {
  it("ends where the recurrence ends", () => {
    expect(preview(recurrence({ type: "rrule", rrule: "FREQ=DAILY;COUNT=2" }), 0, 10)).toHaveLength(2);
    expect(preview(recurrence({ type: "cron", expression: "@daily" }), ACCEPTED, 3)).toHaveLength(3);
    expect(preview(recurrence({ type: "manual" }), 0, 10)).toEqual([]);
  });
});
