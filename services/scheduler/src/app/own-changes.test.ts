import { describe, expect, it } from "vitest";
import { aSchedule, STORED_AT, withState } from "../domain/testing/builders.ts";
import type { Committer, Proposal } from "./committer.ts";
import { Held } from "./held.ts";
import { OwnChanges } from "./own-changes.ts";

const DELAY_MS = 60_000;

describe("the next round of a delay", () => {
  it("is counted from the schedule's turn, not from when somebody asked for it", async () => {
    const delay = aSchedule({ trigger: { type: "delay", delaySeconds: DELAY_MS / 1_000 } });
    const held = new Held({ key: "0.acme.daily", tenant: "acme" });
    held.adopt(withState(delay, { nominalAt: null, dueAt: null }), 1);
    let now = STORED_AT;
    const proposed: (Proposal | null)[] = [];
    const changes = new OwnChanges({
      clock: { now: () => now, monotonicMs: () => 0, after: () => () => {} },
      tell: () => {},
      committer: {
        commit: async (_: Held, propose: (schedule: Held["schedule"]) => Proposal | null) => {
          proposed.push(propose(held.schedule));
          return { kind: "committed" };
        },
      } as unknown as Committer,
      pay: () => {},
      rearm: () => {},
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = held.take(() => promise);
    const concluded = changes.conclude(held);
    now = STORED_AT + 2 * DELAY_MS;
    resolve();
    await Promise.all([before, concluded]);
    expect(proposed.map((one) => one?.schedule.state.nominalAt)).toEqual([STORED_AT + 3 * DELAY_MS]);
  });
});
