import { describe, expect, it } from "vitest";
import type { CommandFact, LifeFact, Story } from "./fact-book.ts";
import { lagOf } from "./lag.ts";

const command = (dueAt: number, lagMs: number, cause = "schedule"): CommandFact => ({
  executionId: `x@${dueAt}`,
  nominalAt: dueAt,
  dueAt,
  storedAt: dueAt + lagMs,
  cause,
});

const story = (commands: CommandFact[], life: LifeFact[] = []): Story => ({
  scheduleId: "x",
  life,
  commands,
  toldAt: new Map(),
  explanations: [],
  askedAt: new Map(),
});

describe("lagOf", () => {
  it("takes percentiles by nearest rank", () => {
    const commands = Array.from({ length: 100 }, (_, index) => command(index * 1000, index + 1));
    expect(lagOf([story(commands)], [])).toEqual({ count: 100, p50Ms: 50, p99Ms: 99, heldCount: 0 });
  });

  it("counts apart what fell due during an outage or a pause", () => {
    const life: LifeFact[] = [
      { what: "paused", at: 5000, effective: null },
      { what: "resumed", at: 6000, effective: null },
    ];
    const commands = [command(1000, 3), command(2000, 900), command(5500, 700), command(6500, 5)];
    const lag = lagOf([story(commands, life)], [{ fromAt: 1500, untilAt: 2500 }]);
    expect(lag).toEqual({ count: 2, p50Ms: 3, p99Ms: 5, heldCount: 2 });
  });

  it("leaves fires by hand out, and never counts less than nothing", () => {
    expect(lagOf([story([command(1000, -1), command(1000, 50, "trigger")])], [])).toEqual({
      count: 1,
      p50Ms: 0,
      p99Ms: 0,
      heldCount: 0,
    });
  });

  it("is zero of nothing", () => {
    expect(lagOf([], [])).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, heldCount: 0 });
  });
});
