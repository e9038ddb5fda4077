import { parseJson, type TermRecord } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { NAMES } from "../domain/testing/builders.ts";
import { Refused, type Store, type Stored, type Written } from "./ports.ts";
import type { Signal } from "./signals.ts";
import { raiseTerm, tellFenced } from "./terms.ts";

const lives = async (worker: string): Promise<boolean> => worker === "alive";

const KEY = NAMES.keys.term.build({ partition: 3 });

/** Raises the term over `value`, stored as message 40 of the bucket; null: it was deleted by message 40. */
async function raisedOver(value: string | null) {
  const written: { term: number; expected: number | null }[] = [];
  const reported: string[] = [];
  const stored: Stored | null =
    value === null ? null : { key: KEY, value: new TextEncoder().encode(value), revision: 40, storedAt: 0 };
  const store = {
    read: async () => stored,
    lastRevision: async () => 40,
    write: async (
      _bucket: string,
      _key: string,
      record: string,
      expected: number | null,
    ): Promise<Written> => {
      const parsed = parseJson(record);
      written.push({ term: parsed.ok ? (parsed.value as TermRecord).term : 0, expected });
      return { kind: "written", revision: 41 };
    },
  } as unknown as Store;
  const records = { report: (key: string) => void reported.push(key) };
  const deps = { store, names: NAMES, records, tell: () => {}, worker: "w", lives, guard: () => true };
  const { term, suspect, judge } = await raiseTerm(deps, 3);
  return { term, suspect, judge, written, reported };
}

describe("a term", () => {
  it("is one more than the one before", async () => {
    const before = JSON.stringify({ v: 1, term: 6, worker: "w", suspect: null });
    expect(await raisedOver(before)).toEqual({
      term: 7,
      suspect: null,
      judge: expect.any(Function),
      written: [{ term: 7, expected: 40 }],
      reported: [],
    });
  });

  it.each([
    ["cannot be read", '{"v":1,"ter'],
    ["is of a newer version", '{"v":2,"epoch":9}'],
  ])("is beyond any before where the record %s, which is told", async (_what, value) => {
    expect(await raisedOver(value)).toEqual({
      term: 41,
      suspect: null,
      judge: expect.any(Function),
      written: [{ term: 41, expected: 40 }],
      reported: [KEY],
    });
  });

  it("is beyond any before where the record was deleted", async () => {
    expect(await raisedOver(null)).toMatchObject({ term: 41, written: [{ term: 41, expected: 40 }] });
  });
});

describe("a term that is raised while a note of the one before is on its way", () => {
  it("is raised all the same, and hears of the suspect", async () => {
    const suspect = { inbox: "2026-01-01T00:00:00Z", sequence: 9, times: 1 };
    const stored = (record: object, revision: number): Stored => ({
      key: KEY,
      value: new TextEncoder().encode(JSON.stringify({ v: 1, term: 6, worker: "gone", ...record })),
      revision,
      storedAt: 0,
    });
    let last = stored({ suspect: null }, 40);
    const store = {
      read: async () => last,
      write: async (_bucket: string, _key: string, _record: string, expected: number): Promise<Written> => {
        if (expected === 41) return { kind: "written", revision: 42 };
        last = stored({ suspect }, 41);
        return { kind: "stale" };
      },
    } as unknown as Store;
    const records = { report: () => {} };
    const deps = { store, names: NAMES, records, tell: () => {}, worker: "w", lives, guard: () => true };
    expect(await raiseTerm(deps, 3)).toMatchObject({ term: 7, suspect });
  });
});

describe("a command that a term was handling alone when it ended", () => {
  const suspected = async (worker: string, times: number) => {
    const suspect = { inbox: "i", sequence: 7, times };
    const { judge } = await raisedOver(JSON.stringify({ v: 1, term: 6, worker, suspect }));
    return (await judge())?.times ?? 0;
  };

  it("is suspected of having ended a worker that is gone", async () => {
    expect(await suspected("gone", 2)).toBe(2);
  });

  it("is not suspected of what a worker lives through: a lease that was lost, an outage", async () => {
    expect([await suspected("alive", 1), await suspected("alive", 2)]).toEqual([0, 1]);
  });
});

describe("a full bucket", () => {
  const FULL: Written = { kind: "refused", code: "stream_full", description: "maximum bytes exceeded" };
  const raising = (...answers: Written[]) => {
    const told: Signal[] = [];
    const store = {
      read: async () => null,
      lastRevision: async () => 0,
      write: async () => answers.shift() ?? FULL,
    } as unknown as Store;
    const tell = (signal: Signal) => void told.push(signal);
    const deps = {
      store,
      names: NAMES,
      records: { report: () => {} },
      tell,
      worker: "w",
      lives,
      guard: () => true,
    };
    return { told, raise: () => raiseTerm(deps, 3) };
  };

  it("takes no new term, which is no bug", async () => {
    await expect(raising(FULL).raise()).rejects.toBeInstanceOf(Refused);
  });

  it("leaves a command unnoted, which is told and ends nothing", async () => {
    const { told, raise } = raising({ kind: "written", revision: 1 }, FULL);
    const { note } = await raise();
    await note({ inbox: "i", sequence: 1, times: 1 });
    expect(told).toEqual([{ kind: "warning", message: `${KEY}: maximum bytes exceeded` }]);
  });
});

describe("a term whose lease ran out", () => {
  const toldOver = async (newest: number | null): Promise<Signal[]> => {
    const told: Signal[] = [];
    const record = { v: 1, term: newest, worker: "other", suspect: null };
    const value = new TextEncoder().encode(JSON.stringify(record));
    const stored = newest === null ? null : { key: KEY, value, revision: 40, storedAt: 0 };
    const store = { read: async () => stored } as unknown as Store;
    const deps = { store, names: NAMES, tell: (signal: Signal) => void told.push(signal) };
    await tellFenced(deps, { partition: 3, term: 6, backend: "nats" });
    return told;
  };

  it("was fenced where a newer one has begun", async () => {
    expect(await toldOver(7)).toEqual([{ kind: "lease.failed", backend: "nats", reason: "fenced" }]);
  });

  it.each([6, null])("was not where the newest is %s", async (newest) => {
    expect(await toldOver(newest)).toEqual([]);
  });
});
