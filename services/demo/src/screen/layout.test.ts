import { describe, expect, it } from "vitest";
import { cut, fill, fillLeft, rule, wrap } from "./layout.ts";

describe("cut, fill and rule", () => {
  it("keep to the width", () => {
    expect(cut("heartbeat", 9)).toBe("heartbeat");
    expect(cut("heartbeat", 6)).toBe("heart…");
    expect(cut("heartbeat", 0)).toBe("");
    expect(fill("ab", 4)).toBe("ab  ");
    expect(fillLeft("ab", 4)).toBe("  ab");
    expect(fillLeft("abcde", 4)).toBe("abc…");
    expect(rule("act", 12)).toBe("── act ─────");
    expect(rule("a long title", 8)).toHaveLength(8);
  });
});

describe("wrap", () => {
  it("breaks at spaces and cuts a word that is too long", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("a cmd.notification.send b", 8)).toEqual(["a", "cmd.not…", "b"]);
    expect(wrap("", 8)).toEqual([]);
  });
});
