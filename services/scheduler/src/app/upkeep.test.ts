import { describe, expect, it } from "vitest";
import { aSchedule, STORED_AT } from "../domain/testing/builders.ts";
import type { Committer } from "./committer.ts";
import { Held } from "./held.ts";
import { UPKEEP_AFTER_MS, UPKEEP_LATEST_MS, Upkeep } from "./upkeep.ts";

/** Upkeep with one schedule of which something was struck at 0 ms, and the schedules that it stores. */
function struck() {
  const at = { ms: 0 };
  const stored: string[] = [];
  const upkeep = new Upkeep({
    clock: { now: () => STORED_AT + at.ms, monotonicMs: () => at.ms, after: () => () => {} },
    committer: { commit: async ({ key }: Held) => void stored.push(key) } as unknown as Committer,
    pay: () => {},
    rearm: () => {},
    fault: (error) => void stored.push(String(error)),
  });
  const held = new Held({ key: "0.acme.daily", tenant: "acme" });
  const schedule = aSchedule();
  held.adopt(schedule, 1);
  held.mend((state) => ({ ...state, failures: state.failures + 1 }));
  upkeep.note(held);
  const pass = (ms: number, crowded: boolean): number => {
    at.ms = ms;
    upkeep.pass(crowded);
    return stored.length;
  };
  return { upkeep, pass };
}

describe("what was struck in memory", () => {
  it("is stored after two seconds", () => {
    const { upkeep, pass } = struck();
    expect(upkeep.nextAt(false)).toBe(STORED_AT + UPKEEP_AFTER_MS);
    expect([pass(UPKEEP_AFTER_MS - 1, false), pass(UPKEEP_AFTER_MS, false)]).toEqual([0, 1]);
    expect(upkeep.nextAt(false)).toBeNull();
  });

  it("waits while what is due finds no room, twenty seconds at most", () => {
    const { upkeep, pass } = struck();
    expect(upkeep.nextAt(true)).toBe(STORED_AT + UPKEEP_LATEST_MS);
    expect([pass(UPKEEP_LATEST_MS - 1, true), pass(UPKEEP_LATEST_MS, true)]).toEqual([0, 1]);
  });
});
