import { describe, expect, it } from "vitest";
import { believedUntilMs } from "./lease.ts";

describe("a lease", () => {
  it.each([
    { ttlMs: 2_000, believedForMs: 1_800 },
    { ttlMs: 5_000, believedForMs: 4_500 },
    { ttlMs: 60_000, believedForMs: 54_000 },
  ])("of $ttlMs ms is believed for $believedForMs ms from its request on", ({ ttlMs, believedForMs }) => {
    expect(believedUntilMs(7_000, ttlMs)).toBe(7_000 + believedForMs);
  });
});
