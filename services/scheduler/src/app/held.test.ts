import { describe, expect, it } from "vitest";
import { strike } from "../domain/schedule.ts";
import { aDispatch, anAnnouncement, aSchedule, withState } from "../domain/testing/builders.ts";
import { Held } from "./held.ts";

const dispatch = aDispatch();
const owing = withState(aSchedule(), { owed: [dispatch, anAnnouncement()] });

function heldOf(schedule = owing): Held {
  const held = new Held({ key: "0.acme.daily", tenant: "acme" });
  held.adopt(schedule, 7);
  return held;
}

const owedBy = ({ schedule }: Held): string[] => (schedule?.state.owed ?? []).map(({ kind }) => kind);

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("operations on one schedule", () => {
  it("take turns, in the order in which they were asked", async () => {
    const held = heldOf();
    const told: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = held.take(async () => {
      told.push("first begins");
      await gate.promise;
      told.push("first ends");
    });
    const second = held.take(async () => void told.push("second"));
    await Promise.resolve();
    expect(told).toEqual(["first begins"]);
    gate.resolve();
    await Promise.all([first, second]);
    expect(told).toEqual(["first begins", "first ends", "second"]);
  });

  it("go on after one has failed, whose fault reaches its caller alone", async () => {
    const held = heldOf();
    const failing = held.take(() => Promise.reject(new Error("lost")));
    const next = held.take(async () => "done");
    await expect(failing).rejects.toThrow("lost");
    expect(await next).toBe("done");
    await expect(held.settled()).resolves.toBeUndefined();
  });

  it("keep a schedule from being forgotten while one waits", async () => {
    const held = new Held({ key: "0.acme.daily", tenant: "acme" });
    expect(held.idle).toBe(true);
    const turn = held.take(async () => {});
    expect(held.idle).toBe(false);
    await turn;
    expect([held.idle, heldOf().idle]).toEqual([true, false]);
  });
});

describe("a kept promise", () => {
  it("is struck in memory at once, and is then ahead of what is stored", () => {
    const held = heldOf();
    held.mend((state) => strike(state, dispatch));
    expect([owedBy(held), held.dirty]).toEqual([["announcement"], true]);
  });

  it("is struck in the outcome of a write that was on its way", () => {
    const held = heldOf();
    const written = withState(owing, {
      nominalAt: 5,
      owed: [...owing.state.owed, aDispatch({ attempt: 2 })],
    });
    held.beginWrite(aSchedule());
    held.mend((state) => strike(state, dispatch));
    expect(owedBy(held)).toEqual(["dispatch", "announcement"]);
    held.endWrite(written, 8);
    expect([owedBy(held), held.revision, held.dirty]).toEqual([["announcement", "dispatch"], 8, true]);
  });

  it("is struck in what was there before, where the write did not happen", () => {
    const held = heldOf();
    held.beginWrite(aSchedule());
    held.mend((state) => strike(state, dispatch));
    held.endWrite(null);
    expect([owedBy(held), held.revision, held.dirty]).toEqual([["announcement"], 7, true]);
  });

  it("changes one write, and not the next one too", () => {
    const held = heldOf();
    held.beginWrite(aSchedule());
    held.mend((state) => ({ ...state, claimed: state.claimed + 1 }));
    for (let write = 0; write < 2; write++) {
      held.endWrite(held.schedule ?? owing, 8 + write);
    }
    expect(held.schedule?.state.claimed).toBe(1);
  });

  it("rides on a write that happened after it", () => {
    const held = heldOf();
    held.mend((state) => strike(state, dispatch));
    held.beginWrite(aSchedule());
    held.endWrite(withState(owing, { owed: [] }), 8);
    expect(held.dirty).toBe(false);
  });
});

describe("a record of another writer", () => {
  it("is adopted without what was struck here and never stored", () => {
    const held = heldOf();
    held.mend((state) => strike(state, dispatch));
    held.adopt(owing, 9);
    expect([owedBy(held), held.revision, held.dirty]).toEqual([["announcement"], 9, true]);
  });

  it("is adopted without what was struck while the refused write was on its way", () => {
    const held = heldOf();
    held.beginWrite(aSchedule());
    held.mend((state) => strike(state, dispatch));
    held.adopt(owing, 9);
    expect(owedBy(held)).toEqual(["announcement"]);
    held.mend((state) => strike(state, anAnnouncement()));
    expect(owedBy(held)).toEqual([]);
  });

  it("is adopted as it is where everything struck here was stored, or what was foreseen here was not", () => {
    const held = heldOf();
    held.mend((state) => ({ ...state, claimed: state.claimed + 1 }));
    held.beginWrite(aSchedule());
    held.endWrite(held.schedule ?? owing, 8);
    held.foresee(withState(owing, { owed: [] }).state);
    held.adopt(owing, 9);
    expect([held.schedule, held.dirty]).toEqual([owing, false]);
  });
});

describe("what is owed", () => {
  it("is unpaid until somebody pays it", () => {
    const held = heldOf();
    held.payments.add(`${dispatch.executionId}.1`, Promise.resolve());
    expect(held.unpaid().map(({ kind }) => kind)).toEqual(["announcement"]);
  });

  it("to targets is what an acknowledged pause waits for", () => {
    const held = heldOf();
    expect(held.dispatchesInFlight()).toEqual([]);
    const payment = Promise.resolve();
    held.payments.add(`${dispatch.executionId}.1`, payment);
    held.payments.add(anAnnouncement().id, Promise.resolve());
    expect(held.dispatchesInFlight()).toEqual([payment]);
  });
});

describe("what precedes commands", () => {
  it("holds up those that come later, and waits for none before it", async () => {
    const held = new Held({ key: "0.acme.daily", tenant: "acme" });
    const earlier = Promise.withResolvers<void>();
    const refusal = Promise.withResolvers<void>();
    const done: string[] = [];
    void held.queue(() => earlier.promise);
    held.precede(refusal.promise);
    const later = held.queue(async () => void done.push("later"));
    earlier.resolve();
    await turns();
    expect(done).toEqual([]);
    refusal.resolve();
    await later;
    expect(done).toEqual(["later"]);
  });
});

describe("a schedule at rest", () => {
  const quiet = withState(aSchedule(), { owed: [], revision: 3 });

  it("is one that owes nothing, and to which nothing is being done", async () => {
    expect([heldOf().atRest, heldOf(quiet).atRest]).toEqual([false, true]);
    const held = heldOf(quiet);
    const turn = held.take(async () => {});
    expect(held.atRest).toBe(false);
    await turn;
    expect(held.atRest).toBe(true);
    held.payments.add("one", Promise.resolve());
    expect(held.atRest).toBe(false);
    held.payments.delete("one");
    held.foresee(withState(quiet, { claimed: 1 }).state);
    expect(held.atRest).toBe(false);
  });

  it("is not one whose later commands must wait for a refusal", async () => {
    const held = heldOf(quiet);
    const refusal = Promise.withResolvers<void>();
    held.precede(refusal.promise);
    expect(held.atRest).toBe(false);
    refusal.resolve();
    await turns();
    expect(held.atRest).toBe(true);
  });

  it("is warmed in its turn, before anything else is done to it", async () => {
    const warm = async (held: Held): Promise<void> => held.adopt(quiet, 7);
    const held = new Held({ key: "0.acme.daily", tenant: "acme" }, warm);
    held.cool(7, 3, null);
    expect([held.cold, held.idle, held.shelved]).toEqual([
      true,
      false,
      { key: "0.acme.daily", revision: 7, definition: 3 },
    ]);
    expect(await held.take(async () => held.schedule)).toBe(quiet);
    expect([held.cold, held.shelved]).toEqual([false, null]);
  });

  it("leaves a fault of its warming to whoever wanted it, and is tried again", async () => {
    let faults = 1;
    const warm = async (held: Held): Promise<void> => {
      if (faults-- > 0) throw new Error("lost");
      held.adopt(quiet, 7);
    };
    const held = new Held({ key: "0.acme.daily", tenant: "acme" }, warm);
    held.cool(7, 3, null);
    const never = async (): Promise<never> => expect.fail("it is cold");
    await expect(held.take(never)).rejects.toThrow("lost");
    expect(await held.take(async () => held.schedule)).toBe(quiet);
  });
});
