import { describe, expect, it } from "vitest";
import { admit, giveBack } from "./rate.ts";

/** Waiting times of `count` that arrive at once at `nowMs`. */
function burst(count: number, ratePerSecond: number, nowMs = 5_000): number[] {
  const waits: number[] = [];
  let arrivalMs = 0;
  for (let i = 0; i < count; i++) {
    const admission = admit(arrivalMs, ratePerSecond, nowMs);
    arrivalMs = admission.arrivalMs;
    waits.push(admission.waitMs);
  }
  return waits;
}

describe("a rate", () => {
  it("lets one second's worth through at once", () => {
    expect(burst(10, 10)).toEqual(Array(10).fill(0));
  });

  it("spaces what comes beyond it", () => {
    expect(burst(13, 10).slice(10)).toEqual([100, 200, 300]);
  });

  it("forgets what was long ago", () => {
    expect(admit(1_000, 10, 60_000)).toEqual({ arrivalMs: 60_100, waitMs: 0 });
  });

  it("is as if one had never come that is given back", () => {
    const before = admit(0, 10, 5_000).arrivalMs;
    expect(giveBack(admit(before, 10, 5_000).arrivalMs, 10)).toBe(before);
  });
});
