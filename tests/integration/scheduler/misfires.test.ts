/*
 * The misfire policies where no worker ran when the occurrences fell due: the same six occurrences, one schedule for each
 * policy, one outage for all of them.
 */

import type { Misfire } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, instant, once, series } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ledger, nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";

const EVERY_SECONDS = 0.4;
const COUNT = 6;
const GRACE_SECONDS = 0.5;

const POLICIES: Readonly<Record<string, Misfire>> = {
  skip: { policy: "skip" },
  "fire-once": { policy: "fire_once" },
  "fire-all": { policy: "fire_all" },
  "fire-two": { policy: "fire_all", maxCatchUp: 2 },
  patient: { policy: "skip", graceSeconds: 300 },
};

let stack: Stack;
let witness: Witness;
let firstAt: number;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  witness = await witnessOf(stack.nc);
  const { client, worker } = running;
  firstAt = ahead(1);
  for (const [scheduleId, policy] of Object.entries(POLICIES)) {
    const misfire = { graceSeconds: GRACE_SECONDS, ...policy };
    await client.create(scheduleId, series(firstAt, EVERY_SECONDS, COUNT, { misfire }));
  }
  await client.create("once", once(firstAt, { misfire: { policy: "fire_once", graceSeconds: 0 } }));
  await client.create("never", once(firstAt, { misfire: { policy: "skip", graceSeconds: 0 } }));
  await client.create("minutely", every(60, { misfire: { policy: "skip", graceSeconds: 0 } }));
  await client.create("delay", define({ type: "delay", delaySeconds: 1 }, { maxExecutions: 2 }));
  await worker.end();
  const overAt = firstAt + (COUNT - 1) * EVERY_SECONDS * 1_000 + GRACE_SECONDS * 1_000;
  await new Promise((resolve) => setTimeout(resolve, overAt + 200 - Date.now()));
  await stack.worker().settled();
  for (const scheduleId of [...Object.keys(POLICIES), "once", "never", "delay"]) {
    await witness.recorded(scheduleId, "completed");
  }
  await witness.caughtUp();
});
afterAll(() => stack?.close());

/** Which of the occurrences (0 is the first) fired, and which were missed. */
function outcome(scheduleId: string) {
  const story = witness.story(scheduleId);
  const indexOf = (at: string | undefined): number =>
    Math.round((Date.parse(at ?? "") - firstAt) / (EVERY_SECONDS * 1_000));
  return {
    fired: nominals(witness.commands(scheduleId)).map((at) => indexOf(instant(at))),
    missed: story
      .filter((event) => whatOf(event) === "missed")
      .map(({ data }) => ({
        reason: data.reason,
        from: indexOf(data.firstNominalAt ?? data.nominalAt),
        to: indexOf(data.lastNominalAt ?? data.nominalAt),
        count: data.count ?? 1,
      })),
  };
}

describe("after an outage", () => {
  it("skip misses every misfire", () => {
    expect(outcome("skip")).toEqual({
      fired: [],
      missed: [{ reason: "misfire_grace", from: 0, to: 5, count: 6 }],
    });
  });

  it("fire_once fires the newest misfire", () => {
    expect(outcome("fire-once")).toEqual({
      fired: [5],
      missed: [{ reason: "coalesced", from: 0, to: 4, count: 5 }],
    });
    expect(witness.commands("fire-once")[0]?.headers["Scheduler-Cause"]).toBe("catch_up");
  });

  it("fire_all fires every misfire, oldest first", () => {
    expect(outcome("fire-all")).toEqual({ fired: [0, 1, 2, 3, 4, 5], missed: [] });
  });

  it("fire_all fires no more than maxCatchUp of them, the newest", () => {
    expect(outcome("fire-two")).toEqual({
      fired: [4, 5],
      missed: [{ reason: "catch_up_limit", from: 0, to: 3, count: 4 }],
    });
  });

  it("what is within the grace is no misfire, whatever the policy", () => {
    expect(outcome("patient")).toEqual({ fired: [0, 1, 2, 3, 4, 5], missed: [] });
    const causes = witness.commands("patient").map(({ headers }) => headers["Scheduler-Cause"]);
    expect(new Set(causes)).toEqual(new Set(["schedule"]));
  });

  it("a single instant fires or is missed by the same rules", () => {
    expect(outcome("once")).toEqual({ fired: [0], missed: [] });
    expect(outcome("never")).toEqual({
      fired: [],
      missed: [{ reason: "misfire_grace", from: 0, to: 0, count: 1 }],
    });
  });

  it("a delay that fell due fires once, and is counted on from there", () => {
    const [first = 0, second = 0] = nominals(witness.commands("delay"));
    const firedAt = witness.commands("delay")[0]?.storedAt ?? 0;
    expect(second - first).toBeGreaterThanOrEqual(firedAt - first + 999);
    expect(ledger(witness.story("delay"))).toBe(2);
  });

  it("every occurrence is settled exactly once", () => {
    for (const scheduleId of Object.keys(POLICIES)) expect(ledger(witness.story(scheduleId))).toBe(COUNT);
    expect(ledger(witness.story("once"))).toBe(1);
    expect(ledger(witness.story("never"))).toBe(1);
  });

  it("what is not yet due is left alone", async () => {
    expect(witness.story("minutely")).toEqual([]);
    expect((await stack.client().get("minutely")).status).toBe("active");
  });
});
