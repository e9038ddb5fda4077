import type { StateRecord } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import type { Schedule } from "../domain/schedule.ts";
import { strike } from "../domain/schedule.ts";
import { aDispatch, aSchedule, withState } from "../domain/testing/builders.ts";
import { Committer } from "./committer.ts";
import { Held } from "./held.ts";
import { type Store, type Stored, TermOver, type Written } from "./ports.ts";
import type { Records } from "./records.ts";

const TERM = 5;
const dispatch = aDispatch();
const owing = withState(aSchedule(), { owed: [dispatch], term: 4, write: 1 });

/** A committer of term 5 on one key, whose first write is refused: `there` was stored first; null: nothing is. */
function refused(there: Schedule | null) {
  const lost: string[] = [];
  const writes: { state: StateRecord; expected: number | null }[] = [];
  const stored: Stored = { key: "0.acme.daily", value: new Uint8Array(), revision: 9, storedAt: 0 };
  const held = new Held({ key: "0.acme.daily", tenant: "acme" });
  held.adopt(owing, 7);
  const store = {
    write: async (
      _bucket: string,
      _key: string,
      value: string,
      expected: number | null,
    ): Promise<Written> => {
      // What was on its way is paid while the write is.
      if (writes.length === 0) held.mend((state) => strike(state, dispatch));
      writes.push({ state: JSON.parse(value) as StateRecord, expected });
      return writes.length === 1 ? { kind: "stale" } : { kind: "written", revision: 10 };
    },
    read: async () => (there === null ? null : stored),
    lastRevision: async () => 9,
  } as unknown as Store;
  const records = {
    readState: () => there?.state ?? null,
    inspect: async () => ({ ok: true, schedule: there }),
    lost: (key: string) => void lost.push(key),
  } as unknown as Records;
  const committer = new Committer({
    store,
    records,
    term: TERM,
    guard: () => true,
    spare: () => true,
    note: () => {},
    setAside: () => {},
  });
  const claim = () =>
    committer.commit(held, (schedule) =>
      schedule === null
        ? null
        : { schedule: withState(schedule, { claimed: schedule.state.claimed + 1 }), redefined: false },
    );
  return { held, claim, writes, lost };
}

describe("a write", () => {
  it("keeps what a newer version put into the record, at every level", async () => {
    const newer = { ...owing.state, later: { a: 1 }, stats: { ...owing.state.stats, later: 2 } };
    const { claim, writes } = refused({ ...owing, state: newer as StateRecord });
    expect(await claim()).toEqual({ kind: "committed" });
    expect(writes.at(-1)?.state).toMatchObject({
      later: { a: 1 },
      stats: { later: 2 },
      claimed: newer.claimed + 1,
    });
  });
});

describe("a new schedule", () => {
  it("is refused before its definition is stored, where the room that is left belongs to others", async () => {
    const held = new Held({ key: "0.acme.daily", tenant: "acme" });
    const committer = new Committer({
      store: {} as Store,
      records: {} as Records,
      term: TERM,
      guard: () => true,
      spare: () => false,
      note: () => {},
      setAside: () => {},
    });
    const committed = await committer.commit(held, () => ({ schedule: aSchedule(), redefined: true }));
    expect([committed.kind, held.schedule, held.revision]).toEqual(["refused", null, 0]);
  });
});

describe("a write that came second", () => {
  it("counts where it was our own, whose answer was lost", async () => {
    const { held, claim, writes } = refused(withState(owing, { term: TERM, write: 1 }));
    expect(await claim()).toEqual({ kind: "committed" });
    expect([writes.length, held.revision, held.schedule?.state.claimed]).toEqual([1, 9, 1]);
  });

  it("is proposed anew on an older term's record, without what was paid meanwhile", async () => {
    const zombie = withState(owing, {
      claimed: 40,
      owed: [dispatch, aDispatch({ executionId: "daily@next" })],
    });
    const { held, claim, writes } = refused(zombie);
    expect(await claim()).toEqual({ kind: "committed" });
    expect(writes.map(({ expected }) => expected)).toEqual([7, 9]);
    expect(held.schedule?.state.owed).toEqual([aDispatch({ executionId: "daily@next" })]);
    expect([held.schedule?.state.claimed, held.revision, held.dirty]).toEqual([41, 10, false]);
  });

  it("ends the term where a newer one wrote", async () => {
    const { claim } = refused(withState(owing, { term: TERM + 1 }));
    await expect(claim()).rejects.toBeInstanceOf(TermOver);
  });

  it("finds nothing to change, and says so, where the key was deleted from outside", async () => {
    const { held, claim, lost } = refused(null);
    expect(await claim()).toEqual({ kind: "nothing" });
    expect([held.schedule, held.revision, lost]).toEqual([null, 9, ["0.acme.daily"]]);
  });
});
