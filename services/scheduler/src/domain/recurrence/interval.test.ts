import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INSTANT_MAX } from "../instant.ts";
import { delay, everyMs, interval } from "./interval.ts";
import { preview, walking } from "./recurrence.ts";

const START = Date.UTC(2026, 0, 1);
const anyStep = fc.integer({ min: 100, max: 10_000 });
const anyOffset = fc.integer({ min: -100_000, max: 100_000 });

describe("everyMs", () => {
  it("takes tenths of a second, and nothing shorter", () => {
    expect([0.1, 0.3, 90, 0.09, 0, -1, Number.NaN, Number.POSITIVE_INFINITY].map(everyMs)).toEqual([
      100,
      300,
      90_000,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("interval", () => {
  it("first fires at its anchor, then at a fixed rate that never drifts", () => {
    const every = interval(START, 300);
    expect(every.next(START - 1)).toBe(START);
    expect(every.next(START)).toBe(START + 300);
    expect(every.next(START + 1_000_000_000 * 300 + 299)).toBe(START + 1_000_000_001 * 300);
  });

  it("begins with its anchor also when asked hours before it (temporalio/temporal TestSpecStartTime)", () => {
    const noon = Date.UTC(2022, 2, 23, 12);
    const everyNinetyMinutes = interval(noon, 5_400_000);
    expect(preview(everyNinetyMinutes, noon - 4 * 3_600_000, 3)).toEqual([
      noon,
      noon + 5_400_000,
      noon + 2 * 5_400_000,
    ]);
  });

  it("counts ten days of tenths of a second at once", () => {
    const days = 10 * 86_400_000;
    const tally = interval(START, 100).tally(START, START + days, Number.POSITIVE_INFINITY);
    expect(tally).toEqual({ count: 8_640_000, first: START + 100, last: START + days, complete: true });
  });

  it("counts no further than it is asked to", () => {
    const every = interval(START, 100);
    expect(every.tally(START, START + 1000, 3)).toEqual({
      count: 3,
      first: START + 100,
      last: START + 300,
      complete: false,
    });
    expect(every.tally(START, START + 1000, 10).complete).toBe(true);
    expect(every.tally(START, START + 99, 10)).toEqual({ count: 0, first: null, last: null, complete: true });
  });

  it("counts as walking from one occurrence to the next would", () => {
    fc.assert(
      fc.property(anyStep, anyOffset, anyOffset, (stepMs, from, to) => {
        const exact = interval(START, stepMs);
        const walked = walking((after) => exact.next(after));
        const range = [START + from, START + to, 50] as const;
        expect(exact.tally(...range)).toEqual(walked.tally(...range));
      }),
    );
  });

  it("ends with the last instant that can be written down", () => {
    expect(interval(START, 1000).next(INSTANT_MAX)).toBeNull();
  });
});

describe("delay", () => {
  it("is counted from where one asks", () => {
    expect(delay(5000).next(START)).toBe(START + 5000);
    expect(delay(5000).next(START + 1)).toBe(START + 5001);
  });
});
