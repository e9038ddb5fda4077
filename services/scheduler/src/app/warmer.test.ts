import { describe, expect, it } from "vitest";
import { anAnnouncement, aSchedule, STORED_AT, withState } from "../domain/testing/builders.ts";
import { brokenTimeline } from "../domain/timeline.ts";
import type { Committer } from "./committer.ts";
import { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import type { Stored } from "./ports.ts";
import type { Opened, Read } from "./records.ts";
import { WarmSet } from "./warm-set.ts";
import { Warmer } from "./warmer.ts";

const quiet = withState(aSchedule(), { owed: [], revision: 3 });
const foreign = withState(quiet, { owed: [anAnnouncement()] });
const stored: Stored = { key: "0.acme.daily", value: new Uint8Array(), revision: 9, storedAt: STORED_AT };
const opened = (schedule = quiet): Opened => ({ ok: true, schedule });

/** A schedule that is cold at revision 7, and a warmer that finds what the test says; null: somebody else wrote. */
function aCold(found: Opened | null, warmMax = 0) {
  const log: string[] = [];
  const read: Read | null = found && { stored, opened: found };
  let armed = true;
  const context = {
    records: { openAll: async (asked: readonly unknown[]) => asked.map(() => read) },
    serverNow: () => STORED_AT + 5_000,
    warmSet: new WarmSet(warmMax),
  } as unknown as PartitionContext;
  const warmer = new Warmer(context, {
    committer: {
      reread: async (one: Held) => {
        log.push("reread");
        one.adopt(foreign, 9);
        return stored;
      },
    } as unknown as Committer,
    pay: (_, ageMs) => void log.push(`paid, ${ageMs} ms old`),
    disableBroken: async ({ schedule }) => void (schedule?.timeline.fault && log.push("disabled")),
    setAside: (_, { message }) => void log.push(message),
    mayCool: () => armed,
  });
  const held = new Held({ key: "0.acme.daily", tenant: "acme" }, warmer.warmOne);
  held.cool(7, 3, null);
  const disarm = (): void => {
    armed = false;
  };
  return { warmer, held, log, disarm };
}

describe("a cold schedule", () => {
  it("is what was stored, once it is warm", async () => {
    const { warmer, held, log } = aCold(opened());
    await warmer.warm([held]);
    expect([held.schedule, held.revision, log]).toEqual([quiet, 7, []]);
  });

  it("that somebody else wrote is taken over, with what it has owed since", async () => {
    const { warmer, held, log } = aCold(null);
    await warmer.warm([held]);
    expect([held.schedule, held.revision]).toEqual([foreign, 9]);
    expect(log).toEqual(["reread", "paid, 5000 ms old"]);
  });

  it("that cannot be read is set aside, and no command may replace it", async () => {
    const fault = { bucket: "state", revision: 7, storedAt: 0, message: "unreadable" } as const;
    const { warmer, held, log } = aCold({ ok: false, fault });
    await warmer.warm([held]);
    expect([held.schedule, held.setAside, held.cold, log]).toEqual([null, true, false, ["unreadable"]]);
  });

  it("that no longer compiles is disabled before anything else is done to it", async () => {
    const timeline = brokenTimeline({ code: "invalid_trigger", path: "", message: "gone" });
    const { held, log } = aCold(opened({ ...quiet, timeline }));
    await held.take(async () => void log.push("claimed"));
    expect(log).toEqual(["disabled", "claimed"]);
  });

  it("stays as a turn left it that was faster than the reading of many", async () => {
    const { warmer, held } = aCold(opened());
    const warming = warmer.warm([held]);
    held.adopt(foreign, 8);
    await warming;
    expect([held.schedule, held.revision]).toEqual([foreign, 8]);
  });
});

describe("a warm schedule that rests", () => {
  const warm = (warmMax: number) => {
    const cold = aCold(opened(), warmMax);
    cold.held.adopt(quiet, 7);
    return cold;
  };

  it("goes cold where there is no room, and stays where there is", () => {
    const [none, one] = [warm(0), warm(1)];
    for (const { warmer, held } of [none, one]) warmer.rest(held);
    expect([none.held.cold, one.held.cold]).toEqual([true, false]);
    expect(none.held.shelved).toEqual({ key: "0.acme.daily", revision: 7, definition: 3 });
  });

  it("stays where the clock does not know yet when it wakes", () => {
    const { warmer, held, disarm } = warm(0);
    disarm();
    warmer.rest(held);
    expect(held.schedule).toBe(quiet);
  });

  it("stays where something is still to be done to it", async () => {
    const [owing, turning, ending] = [warm(0), warm(0), warm(0)];
    owing.held.adopt(foreign, 8);
    const turn = turning.held.take(async () => {});
    ending.held.adopt(withState(quiet, { nominalAt: null, dueAt: null }), 8);
    for (const { warmer, held } of [owing, turning, ending]) warmer.rest(held);
    expect([owing, turning, ending].map(({ held }) => held.cold)).toEqual([false, false, false]);
    await turn;
  });
});
