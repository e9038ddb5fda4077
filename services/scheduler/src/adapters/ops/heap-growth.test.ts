import { expect, test } from "vitest";
import { growthPercent } from "./heap-growth.ts";

const MIB = 1024 * 1024;

test("a heap may grow by what fifteen seconds add to it", () => {
  expect(growthPercent(50 * MIB, 10 * MIB)).toBe(300);
});

test("by 320 MiB at most, however fast it grows", () => {
  expect(growthPercent(160 * MIB, 60 * MIB)).toBe(200);
});

test("by four fifths of what it keeps, however slowly or large", () => {
  expect(growthPercent(50 * MIB, 0)).toBe(80);
  expect(growthPercent(900 * MIB, 60 * MIB)).toBe(80);
});

test("tenfold where it keeps next to nothing", () => {
  expect(growthPercent(1, 10 * MIB)).toBe(1_000);
});
