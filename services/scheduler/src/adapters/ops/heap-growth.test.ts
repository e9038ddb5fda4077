import { expect, test } from "vitest";
import { growthPercent } from "./heap-growth.ts";

const MIB = 1024 * 1024;

test("a small heap may grow by 160 MiB, whatever it keeps", () => {
  expect(growthPercent(40 * MIB)).toBe(400);
  expect(growthPercent(160 * MIB)).toBe(100);
});

test("a large one by four fifths of what it keeps", () => {
  expect(growthPercent(200 * MIB)).toBe(80);
  expect(growthPercent(900 * MIB)).toBe(80);
});

test("what keeps next to nothing has a limit too", () => {
  expect(growthPercent(1)).toBe(1_000);
  expect(growthPercent(0)).toBe(1_000);
});
