import { describe, expect, it } from "vitest";
import {
  aDispatch,
  aSchedule,
  MINUTE,
  NAMES,
  RULES,
  SECOND,
  STORED_AT,
  withState,
} from "../domain/testing/builders.ts";
import { Census } from "./census.ts";
import { Partition } from "./partition.ts";
import type { WorkerContext } from "./partition-context.ts";
import type { Written } from "./ports.ts";
import { WarmSet } from "./warm-set.ts";
import { Windows } from "./windows.ts";

const now = STORED_AT + MINUTE + SECOND;

/** A partition that was just taken over, with one schedule that is due and owes the occurrence before. */
function takenOver() {
  const timers: { delayMs: number; wake: () => void }[] = [];
  const done: string[] = [];
  const delivery = Promise.withResolvers<{ kind: "delivered"; delivered: object }>();
  const context = {
    names: NAMES,
    clock: {
      now: () => now,
      monotonicMs: () => 0,
      after: (delayMs: number, wake: () => void) => {
        const timer = { delayMs, wake };
        timers.push(timer);
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
      },
    },
    rules: () => RULES,
    tell: () => {},
    warmSet: new WarmSet(Number.POSITIVE_INFINITY),
    windows: new Windows({ room: () => 100 }),
    records: {},
    store: {
      write: async (): Promise<Written> => {
        done.push("claimed");
        return { kind: "written", revision: 8 };
      },
    },
    finder: { streamOf: async () => null },
    courier: {
      laneOf: () => "target",
      report: async () => {},
      deliver: (parcel: { message: () => { id: string } }) => {
        done.push(parcel.message().id);
        return delivery.promise;
      },
    },
  } as unknown as WorkerContext;
  const partition = new Partition(context, {
    partition: 0,
    term: 5,
    guard: () => true,
    serverNow: () => STORED_AT,
    inbox: "2026-01-01T00:00:00Z",
    readers: [],
    suspect: null,
    judge: async () => null,
    note: async () => {},
    census: new Census(),
    ended: (error) => void done.push(String(error)),
  });
  const schedule = withState(aSchedule(), { owed: [aDispatch({ revision: 0 })], revision: 0 });
  partition.shelf.add({ key: "0.acme.daily", tenant: "acme" }, schedule, 7);
  partition.open(() => SECOND);
  /** Rings everything that is set for at most `delayMs`. */
  const pass = async (delayMs: number): Promise<void> => {
    await turns();
    for (const timer of timers.filter((set) => set.delayMs <= delayMs)) timer.wake();
    await turns();
  };
  return { done, delivery, pass };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a schedule that is taken over", () => {
  it("sends what it owes before it claims what is due", async () => {
    const { done, delivery, pass } = takenOver();
    await pass(10);
    expect(done).toHaveLength(1);
    delivery.resolve({ kind: "delivered", delivered: {} });
    await pass(10);
    expect(done.slice(1)).toEqual(["claimed", "acme.daily@20261121T090100000Z.1"]);
  });

  it("waits no longer than 300 ms for a target that does not answer", async () => {
    const { done, pass } = takenOver();
    await pass(300);
    await pass(0);
    expect(done.slice(1)).toEqual(["claimed", "acme.daily@20261121T090100000Z.1"]);
  });
});
