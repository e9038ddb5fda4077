import { describe, expect, it } from "vitest";
import type { Outcome } from "./figure.ts";
import { measureHerd } from "./herd.ts";
import { measureLimit } from "./limit.ts";
import { measureSustained } from "./sustained.ts";

const BENCHES: [name: string, figures: number, run: () => Promise<Outcome>][] = [
  ["limit", 1, () => measureLimit({ keys: 50, fires: 200 })],
  ["herd", 5, () => measureHerd({ herd: 200, others: 20 })],
  [
    "sustained",
    7,
    () => measureSustained({ steps: [20, 50], always: [50], settleMs: 500, windowMs: 1_100, firesEach: 2 }),
  ],
];

describe("a benchmark of firing, at a tiny size,", () => {
  it.concurrent.each(BENCHES)(
    "%s: runs to its end and has all of its figures",
    async (_, count, run) => {
      const { figures } = await run();
      expect(figures).toHaveLength(count);
      const values = figures.flatMap(({ value, peer }) => (peer === null ? [value] : [value, peer.value]));
      expect(values.filter((value) => !Number.isFinite(value))).toEqual([]);
    },
    120_000,
  );
});
