import { describe, expect, it } from "vitest";
import { compileTenants } from "../domain/tenants.ts";
import { aSchedule, NAMES, SETTINGS } from "../domain/testing/builders.ts";
import { Census } from "./census.ts";
import { Held } from "./held.ts";
import type { Peers } from "./ports.ts";
import { Rates } from "./rates.ts";
import { Roster } from "./roster.ts";
import { Tallies } from "./tallies.ts";
import { playedClock } from "./testing/played-clock.ts";

const RATE = 10;

const TENANTS = (() => {
  const file = { tenants: { acme: { targets: [], maxCommandsPerSecond: RATE } } };
  const compiled = compileTenants({
    file,
    payloadChecks: new Map(),
    maxSchedulesPerCreator: 1_000,
    installation: NAMES,
  });
  if (!compiled.ok) throw new Error(compiled.faults.join());
  return compiled.tenants;
})();

/** Workers that hear each other, on a clock that the test plays. */
function aCrew() {
  const { clock, timers, pass } = playedClock();
  const watchers: ((worker: string, heartbeat: string | null) => void)[] = [];
  const listeners = new Map<string, (statement: string) => void>();
  const says = (worker: string): string =>
    JSON.stringify({ v: 1, worker, state: "ready", partitions: [], settings: SETTINGS });
  const join = (name: string) => {
    const roster = new Roster({
      clock,
      tell: () => {},
      worker: name,
      ttlMs: 1_000_000,
      settings: () => SETTINGS,
      heartbeats: {
        beat: async () => true,
        end: async () => {},
        watch: async (heard) => {
          watchers.push(heard);
          return () => {};
        },
      },
    });
    const peers = {
      tell: (statement) => {
        for (const [other, heard] of listeners) if (other !== name) heard(statement);
      },
      hear: (heard) => {
        listeners.set(name, heard);
        return () => {};
      },
    } as Pick<Peers, "tell" | "hear"> as Peers;
    const [census, rates] = [new Census(), new Rates(clock)];
    const tallies = new Tallies({
      clock,
      peers,
      roster,
      census,
      rates,
      worker: name,
      tenants: () => TENANTS,
    });
    void roster.start(
      () => ({ state: "ready", partitions: [] }),
      () => {},
    );
    return { census, rates, tallies, roster };
  };
  const meet = (...names: string[]): void => {
    for (const heard of watchers) for (const name of names) heard(name, says(name));
  };
  const leave = (name: string): void => {
    for (const heard of watchers) heard(name, null);
  };
  return { join, meet, leave, pass, timers };
}

const note = (census: Census, ...ids: string[]): Held[] =>
  ids.map((scheduleId) => {
    const held = new Held({ key: `0.acme.${scheduleId}`, tenant: "acme" });
    held.adopt(aSchedule(), 1);
    census.note(held);
    return held;
  });

describe("schedules that count against a limit", () => {
  it("are those of all workers, within a second", async () => {
    const { join, meet, pass } = aCrew();
    const [one, two] = [join("one"), join("two")];
    meet("one", "two");
    const [held] = note(one.census, "a", "b");
    note(two.census, "c");
    await pass(1_000);
    for (const { tallies } of [one, two])
      expect(tallies.count("acme", "ada")).toEqual({ tenant: 3, creator: 3 });
    if (held !== undefined) one.census.remove(held);
    await pass(1_000);
    expect(two.tallies.count("acme", "ada")).toEqual({ tenant: 2, creator: 2 });
  });

  it("are known to a worker that came late, and no longer count when their worker is gone", async () => {
    const { join, meet, leave, pass } = aCrew();
    const [one, two] = [join("one"), join("two")];
    meet("one", "two");
    note(one.census, "a", "b");
    await pass(1_000);
    const late = join("late");
    meet("one", "two", "late");
    await pass(2_000);
    expect(late.tallies.count("acme", "ada").tenant).toBe(2);
    leave("one");
    await pass(2_000);
    expect([late, two].map(({ tallies }) => tallies.count("acme", "ada").tenant)).toEqual([0, 0]);
  });

  it("are nobody's business where a worker is alone", async () => {
    const { join, timers, pass } = aCrew();
    const one = join("one");
    note(one.census, "a");
    await pass(0);
    const before = timers.size;
    await pass(10_000);
    expect(timers.size).toBe(before);
  });
});

describe("a worker that ends", () => {
  it("tells nothing any more, so that its process can end", async () => {
    const { join, meet, timers } = aCrew();
    const one = join("one");
    meet("two");
    expect(timers.size).toBeGreaterThan(0);
    await one.roster.end();
    expect(timers.size).toBe(0);
  });
});

describe("a rate", () => {
  it("is held by all workers together, but for what arrives between two tallies", async () => {
    const { join, meet, pass } = aCrew();
    const workers = [join("one"), join("two")];
    meet("one", "two");
    const tenant = TENANTS.get("acme");
    if (tenant === undefined) throw new Error("no tenant");
    let admitted = 0;
    const seconds = 20;
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      for (const { rates } of workers)
        for (let n = 0; n < RATE; n++) if (rates.take(tenant, "ada", true) === 0) admitted++;
      await pass(100);
    }
    expect(admitted).toBeGreaterThan(RATE * seconds * 0.7);
    expect(admitted).toBeLessThan(RATE * (seconds + 2 * workers.length));
  });
});
