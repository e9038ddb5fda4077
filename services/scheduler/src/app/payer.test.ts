import type { Owed } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import {
  aDispatch,
  anAnnouncement,
  aSchedule,
  MINUTE,
  NAMES,
  SECOND,
  STORED_AT,
  withState,
} from "../domain/testing/builders.ts";
import type { Delivery, Parcel } from "./delivery.ts";
import { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import { ON_ITS_WAY_MAX_MS, Payer } from "./payer.ts";
import { Abandoned } from "./ports.ts";

const now = STORED_AT + 10 * MINUTE;

const REFUSED: Delivery = { kind: "refused", reason: "no_stream", message: "" };

/**
 * A payer of one schedule; what it sends is kept, and its event is told already where `told` says so: "late" where the payer has waited
 * first. No wait lasts.
 */
function paying(
  owed: Owed[],
  told: boolean | "late" = false,
  answer: Delivery = { kind: "delivered", delivered: {} },
) {
  const reported: Parcel[] = [];
  const waits: number[] = [];
  const done: string[] = [];
  const faults: unknown[] = [];
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  /** Whether each change is stored. */
  const changes: boolean[] = [];
  const delivered: Parcel[] = [];
  const held = new Held({ key: "0.acme.daily", tenant: "acme" });
  const schedule = aSchedule();
  held.adopt(withState(schedule, { owed, revision: 1 }), 7);
  const context = {
    names: NAMES,
    clock: {
      now: () => now,
      monotonicMs: () => 0,
      after: (delayMs: number, wake: () => void) => {
        waits.push(delayMs);
        wake();
        return () => {};
      },
    },
    guard: () => true,
    serverNow: () => now,
    tell: () => {},
    rearm: () => {},
    change: async () => changes.shift() ?? true,
    conclude: () => null,
    assertSpeaking: () => {
      if (ended) throw new Abandoned("the lease is over");
    },
    fault: (error: unknown) => void faults.push(error),
    finder: { streamOf: async () => ({ name: "S", duplicateWindowMs: 2 * MINUTE, workQueue: false }) },
    windows: { admit: () => done.push("admitted") },
    courier: {
      search: async () => ({
        sequence: told === true || (told === "late" && waits.length > 0) ? 3 : null,
        complete: true,
      }),
      report: async (parcel: Parcel) => {
        done.push("told");
        reported.push(parcel);
      },
      deliver: async (parcel: Parcel) => {
        delivered.push(parcel);
        return answer;
      },
    },
  } as unknown as PartitionContext;
  const payer = new Payer(context);
  const pay = async (ageMs: number): Promise<void> => {
    payer.pay(held, ageMs);
    await Promise.all(held.payments.all());
    if (!ended) expect(faults).toEqual([]);
  };
  return { held, pay, reported, delivered, changes, waits, done, faults, end };
}

describe("what is paid after a takeover", () => {
  it("is not tried again where its event was told before the target began to refuse", async () => {
    const { held, pay, reported } = paying([aDispatch({ claimedAt: now - SECOND })], true, REFUSED);
    await pay(5 * SECOND);
    expect([held.schedule?.state.owed, held.schedule?.state.retries, reported]).toEqual([[], [], []]);
  });

  it("is not tried again where its event was on its way while the target refused", async () => {
    const { held, pay, delivered, changes } = paying(
      [aDispatch({ claimedAt: now - SECOND })],
      "late",
      REFUSED,
    );
    changes.push(true);
    await pay(5 * SECOND);
    expect(delivered.map(({ ageMs }) => ageMs)).toEqual([5 * SECOND, 5 * SECOND + ON_ITS_WAY_MAX_MS]);
    expect([held.schedule?.state.owed, changes]).toEqual([[], [true]]);
  });

  it("is refused where the target still refuses once nothing can be on its way any more", async () => {
    const { pay, delivered, changes, waits } = paying(
      [aDispatch({ claimedAt: now - SECOND })],
      false,
      REFUSED,
    );
    changes.push(true);
    await pay(5 * SECOND);
    const waitedMs = waits.reduce((sum, wait) => sum + wait, 0);
    expect([delivered.length, changes, waitedMs]).toEqual([2, [], ON_ITS_WAY_MAX_MS]);
  });

  it("is not waited for by a worker that ends", async () => {
    const { pay, delivered, faults, waits, end } = paying(
      [aDispatch({ claimedAt: now - SECOND })],
      false,
      REFUSED,
    );
    end();
    await pay(5 * SECOND);
    expect([delivered.length, waits.length, faults]).toEqual([1, 1, [expect.any(Abandoned)]]);
  });

  it("is as old as its promise, though the state was stored again since", async () => {
    const { pay, delivered, reported } = paying([aDispatch(), anAnnouncement({ at: now - SECOND })]);
    await pay(5 * SECOND);
    expect(delivered.map(({ ageMs }) => ageMs)).toEqual([10 * MINUTE]);
    expect(reported.map(({ ageMs }) => ageMs)).toEqual([5 * SECOND, 10 * MINUTE]);
  });

  it("counts as fired where its event is told already, and is not sent again", async () => {
    const { held, pay, delivered } = paying([aDispatch()], true);
    await pay(5 * SECOND);
    expect(delivered).toEqual([]);
    expect([held.schedule?.state.owed, held.schedule?.state.stats.fired]).toEqual([[], 1]);
  });
});

describe("what is paid as it is promised", () => {
  it("gives its place in the target's lane to others before it is told", async () => {
    const { pay, done } = paying([aDispatch()]);
    await pay(0);
    expect(done).toEqual(["admitted", "told"]);
  });

  it("has no age, however late its instant", async () => {
    const { pay, delivered } = paying([aDispatch()]);
    await pay(0);
    expect(delivered.map(({ ageMs }) => ageMs)).toEqual([0]);
  });
});

describe("a refusal that could not be stored", () => {
  it("leaves the command owed, and it is sent again", async () => {
    const { held, pay, delivered, changes } = paying([aDispatch({ claimedAt: now })], false, REFUSED);
    changes.push(false);
    await pay(0);
    await Promise.all(held.payments.all());
    expect(delivered).toHaveLength(2);
  });
});
