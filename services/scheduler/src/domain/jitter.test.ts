import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jitterMs, unitHash } from "./jitter.ts";

describe("jitter", () => {
  it("is the same for the same occurrence, in whole milliseconds below its maximum", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer(),
        fc.integer({ min: 1, max: 86_400_000 }),
        (seed, nominalAt, maxMs) => {
          const ms = jitterMs(seed, nominalAt, maxMs);
          expect(ms).toBe(jitterMs(seed, nominalAt, maxMs));
          expect(Number.isInteger(ms) && ms >= 0 && ms < maxMs).toBe(true);
        },
      ),
    );
  });

  it("of nothing is nothing", () => {
    expect(jitterMs("acme.daily", 0, 0)).toBe(0);
  });

  it("is spread evenly over neighbouring occurrences", () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 10_000; n++) {
      const tenth = Math.floor(unitHash(`acme.daily@${1_795_251_600_000 + n * 60_000}`) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(850);
    expect(Math.max(...tenths)).toBeLessThan(1_150);
  });
});
