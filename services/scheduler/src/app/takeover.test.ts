import { describe, expect, it } from "vitest";
import { outlineOf } from "../domain/schedule.ts";
import { aSchedule, NAMES, STORED_AT } from "../domain/testing/builders.ts";
import { Census } from "./census.ts";
import {
  Abandoned,
  type Bucket,
  type InboxReader,
  Refused,
  type Stored,
  TermOver,
  type Written,
} from "./ports.ts";
import { OPENED_MAX, type TakeoverDeps, takeOver } from "./takeover.ts";
import type { Tenure } from "./tenure.ts";
import { WarmSet } from "./warm-set.ts";

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function aTenure(partition: number) {
  const failures: unknown[] = [];
  let lost = false;
  const tenure = {
    partition,
    guard: () => !lost,
    aim: () => {},
    begin: (loop: { end(): void }) => {
      if (lost) loop.end();
    },
    fail: (error: unknown) => void failures.push(error),
  } as unknown as Tenure;
  return {
    tenure,
    failures,
    lose: () => {
      lost = true;
    },
  };
}

function aTakeover() {
  const openings: PromiseWithResolvers<InboxReader>[] = [];
  const loads: number[][] = [];
  let closed = 0;
  const deps = {
    names: NAMES,
    clock: {
      now: () => 0,
      monotonicMs: () => 0,
      after: (delayMs: number, wake: () => void) => {
        if (delayMs === 0) wake();
        return () => {};
      },
    },
    tell: () => {},
    warmSet: new WarmSet(Number.POSITIVE_INFINITY),
    store: {
      serverNow: async () => 0,
      read: async () => null,
      lastRevision: async () => 0,
      write: async (_bucket: string, key: string): Promise<Written> =>
        key === NAMES.keys.term.build({ partition: 2 })
          ? { kind: "stale" }
          : { kind: "written", revision: 1 },
      load: async (bucket: string, partitions: number[]) => {
        if (bucket === "state") loads.push(partitions);
      },
    },
    inbox: {
      createdAt: "2026-01-01T00:00:00Z",
      open: () => {
        const opening = Promise.withResolvers<InboxReader>();
        openings.push(opening);
        return opening.promise;
      },
    },
    ground: { assertUnchanged: async () => {} },
    census: new Census(),
    worker: "w",
    lives: async () => false,
    partitions: 4,
  } as unknown as TakeoverDeps;
  const openAll = (): void => {
    const close = async (): Promise<void> => void closed++;
    for (const { resolve } of openings) resolve({ start: () => {}, close });
  };
  return { deps, loads, openAll, closed: () => closed };
}

describe("a takeover of several partitions", () => {
  it("ends the tenure whose term somebody else was faster to raise, and goes on with the others", async () => {
    const { deps, loads, openAll } = aTakeover();
    const [one, two] = [aTenure(1), aTenure(2)];
    const done = takeOver(deps, [one.tenure, two.tenure]);
    await turns();
    openAll();
    await done;
    expect([one.failures, two.failures]).toMatchObject([[], [expect.any(TermOver)]]);
    expect(loads).toEqual([[1]]);
  });

  it("opens what is loaded while the rest is not, and ends only the rest where a load goes wrong", async () => {
    const { deps, loads, openAll } = aTakeover();
    const load = async (bucket: Bucket, partitions: readonly number[]): Promise<void> => {
      if (bucket === "state") loads.push([...partitions]);
      if (partitions.includes(3)) throw new Refused("no");
    };
    const tenures = [aTenure(0), aTenure(1), aTenure(3)];
    const done = takeOver(
      { ...deps, store: { ...deps.store, load } },
      tenures.map(({ tenure }) => tenure),
    );
    await turns();
    openAll();
    await done;
    expect(loads).toEqual([[0], [1], [3]]);
    expect(tenures.map(({ failures }) => failures)).toEqual([[], [], [new Refused("no")]]);
  });

  it("reads no definitions of more than it may open, however many may be warm", async () => {
    const { deps, openAll } = aTakeover();
    const { record, state } = aSchedule();
    const resting = JSON.stringify({ ...state, revision: 1, owed: [], outline: outlineOf(record, 1) });
    const value = new TextEncoder().encode(resting);
    const loads: Bucket[] = [];
    const load = async (bucket: Bucket, _: unknown, each: (stored: Stored) => void): Promise<void> => {
      loads.push(bucket);
      for (let n = 0; n <= OPENED_MAX; n++)
        each({ key: `0.acme.s${n}`, value, revision: n + 1, storedAt: STORED_AT });
    };
    const { tenure, failures } = aTenure(0);
    const done = takeOver({ ...deps, store: { ...deps.store, load }, partitions: 1 }, [tenure]);
    await turns();
    openAll();
    await done;
    expect([loads, failures]).toEqual([["state"], []]);
  });

  it("opens none of what was lost while others were loaded, and tells of the rest alone", async () => {
    const { deps, openAll } = aTakeover();
    const told: unknown[] = [];
    const tell: TakeoverDeps["tell"] = (signal) => void told.push(signal);
    const [one, three] = [aTenure(1), aTenure(3)];
    const loads: (readonly number[])[] = [];
    const load = async (bucket: Bucket, partitions: readonly number[]): Promise<void> => {
      if (bucket === "state") loads.push(partitions);
      three.lose();
    };
    const done = takeOver({ ...deps, tell, store: { ...deps.store, load } }, [one.tenure, three.tenure]);
    await turns();
    openAll();
    await done;
    expect(loads).toEqual([[1]]);
    expect([one.failures, three.failures]).toEqual([[], [expect.any(Abandoned)]]);
    expect(told).toMatchObject([{ kind: "takeover.done", partitions: [1] }]);
  });

  it("closes the readers that are opened only when it is given up, so that none takes consumers for a lost term", async () => {
    const { deps, loads, openAll, closed } = aTakeover();
    const one = aTenure(1);
    const done = takeOver(deps, [one.tenure]);
    await turns();
    one.lose();
    openAll();
    await done;
    expect([closed(), loads]).toEqual([1, []]);
  });

  it("raises no term where the installation is being changed", async () => {
    const { deps, loads } = aTakeover();
    const { tenure, failures } = aTenure(1);
    const ground = { ...deps.ground, assertUnchanged: () => Promise.reject(new Refused("being changed")) };
    const store = { ...deps.store, write: () => Promise.reject(new Error("a write")) };
    await takeOver({ ...deps, ground, store }, [tenure]);
    expect(failures).toEqual([new Refused("being changed")]);
    expect(loads).toEqual([]);
  });
});
