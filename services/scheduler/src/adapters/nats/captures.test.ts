import { describe, expect, it } from "vitest";
import { type ExistingStream, planCaptures, widest } from "./captures.ts";

const WINDOW_MS = 600_000;
const plan = (
  patterns: readonly string[],
  more: { existing?: readonly ExistingStream[]; held?: readonly string[] } = {},
) => planCaptures({ patterns, existing: more.existing ?? [], held: more.held ?? [], windowMs: WINDOW_MS });
const stream = (
  name: string,
  subjects: readonly string[],
  more: Partial<ExistingStream> = {},
): ExistingStream => ({
  name,
  subjects,
  duplicateWindowMs: WINDOW_MS,
  workQueue: false,
  ...more,
});

describe("widest", () => {
  it("keeps the patterns that no other contains, each once", () => {
    expect(widest(["cmd.b", "cmd.a.*", "cmd.a.>", "cmd.b", "cmd.a.x"])).toEqual(["cmd.a.>", "cmd.b"]);
  });
});

describe("planCaptures", () => {
  it("needs no stream where nothing is captured", () => {
    expect(plan([])).toEqual({ subjects: [], warnings: [], faults: [] });
  });

  it("reduces the patterns of all tenants to one list", () => {
    expect(plan(["cmd.a.>", "cmd.a.x", "cmd.b.*"]).subjects).toEqual(["cmd.a.>", "cmd.b.*"]);
  });

  it("adds to what is held and takes nothing away", () => {
    expect(plan(["cmd.b"], { held: ["cmd.a"] }).subjects).toEqual(["cmd.a", "cmd.b"]);
  });

  it("puts a wider pattern in the place of the narrower ones that are held", () => {
    expect(plan(["cmd.a.>"], { held: ["cmd.a.x", "cmd.b"] }).subjects).toEqual(["cmd.a.>", "cmd.b"]);
  });

  it("leaves to another stream what that stream holds, without a word where it is as good", () => {
    expect(plan(["cmd.a.x"], { existing: [stream("A", ["cmd.a.>"])] })).toEqual({
      subjects: [],
      warnings: [],
      faults: [],
    });
  });

  it("warns where the other stream's window is shorter, and where it is a work queue", () => {
    const existing = [stream("A", ["cmd.a"], { duplicateWindowMs: 120_000, workQueue: true })];
    const { warnings, faults } = plan(["cmd.a"], { existing });
    expect(faults).toEqual([]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("120 s");
    expect(warnings[1]).toContain("work queue");
  });

  it("refuses a pattern of which another stream holds a part, by name", () => {
    const { faults } = plan(["cmd.>"], { existing: [stream("MAIL", ["cmd.mail.>"])] });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain("MAIL");
    expect(faults[0]).toContain("cmd.mail.>");
  });

  it("refuses patterns that overlap without one containing the other", () => {
    const { faults } = plan(["cmd.*.send", "cmd.mail.*"]);
    expect(faults).toEqual([
      "captures cmd.*.send and cmd.mail.* overlap, and neither contains the other; capture one pattern that contains both",
    ]);
  });

  it("refuses a pattern that crosses one that is held already", () => {
    expect(plan(["cmd.*.send"], { held: ["cmd.mail.*"] }).faults).toHaveLength(1);
  });
});
