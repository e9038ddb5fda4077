import { describe, expect, it } from "vitest";
import { slopePerMinute } from "./trend.ts";

const MINUTE_MS = 60_000;

/** A sample a second for two minutes, of what `valueAt` says. */
const samples = (valueAt: (second: number) => number) =>
  Array.from({ length: 120 }, (_, second) => ({ atMs: second * 1_000, value: valueAt(second) }));

describe("a slope", () => {
  it("is flat where a value goes up and down and comes back", () => {
    expect(slopePerMinute(samples((second) => 30 + (second % 10) * 8))).toBeCloseTo(0);
  });

  it("is what the floor rises by in a minute, whatever lies above it", () => {
    const leak = (second: number): number => 30 + (4 * second * 1_000) / MINUTE_MS + (second % 10) * 8;
    expect(slopePerMinute(samples(leak))).toBeCloseTo(4, 0);
  });

  it("of nothing is none", () => {
    expect(slopePerMinute([])).toBe(0);
  });
});
