import { describe, expect, it } from "vitest";
import { hostilePass } from "./hostile.ts";

const CODES = [
  "ok",
  "invalid_body",
  "invalid_trigger",
  "invalid_timezone",
  "never_fires",
  "at_in_past",
  "trigger_too_complex",
];

describe("5,000 triggers made to be dear", () => {
  it("each get an answer or a refusal with a code, and never an exception", () => {
    const { codes } = hostilePass(5_000, { again: false });
    expect(CODES).toEqual(expect.arrayContaining([...codes.keys()]));
    expect(codes.get("ok")).toBeGreaterThan(500);
    expect(codes.get("trigger_too_complex")).toBeGreaterThan(10);
    expect(codes.get("never_fires")).toBeGreaterThan(10);
  }, 120_000);
});
