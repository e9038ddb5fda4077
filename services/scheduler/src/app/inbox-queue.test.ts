import type { Suspect } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { STORED_AT } from "../domain/testing/builders.ts";
import { InboxQueue } from "./inbox-queue.ts";
import { type InboxMessage, TermOver } from "./ports.ts";

const INBOX = "2026-01-01T00:00:00Z";

const message = (sequence: number): InboxMessage => ({
  subject: "",
  data: new Uint8Array(),
  header: () => null,
  sequence,
  storedAt: STORED_AT,
  ack: () => {},
});

interface Handled {
  sequence: number;
  poisonous: boolean;
  stillWanted(): boolean;
  done: PromiseWithResolvers<void>;
}

/** A queue whose reader and handler the test plays itself. */
function openQueue(suspect: Suspect | null = null) {
  const handled: Handled[] = [];
  const noted: (Suspect | null)[] = [];
  const faults: unknown[] = [];
  const reader = { deliver: (_: InboxMessage) => {}, restarted: () => {}, lost: () => {}, closed: false };
  const queue = new InboxQueue({
    reader: {
      start: (deliver, restarted, lost) => void Object.assign(reader, { deliver, restarted, lost }),
      close: async () => {
        reader.closed = true;
      },
    },
    inbox: INBOX,
    suspect,
    judge: async () => suspect,
    note: async (one) => void noted.push(one),
    handle: ({ sequence }, poisonous, stillWanted) => {
      const done = Promise.withResolvers<void>();
      handled.push({ sequence, poisonous, stillWanted, done });
      return done.promise;
    },
    forgotten: () => {},
    fault: (error) => void faults.push(error),
  });
  queue.open();
  const deliver = async (...sequences: number[]): Promise<void> => {
    for (const sequence of sequences) reader.deliver(message(sequence));
    await turns();
  };
  const finish = async (index: number): Promise<void> => {
    handled[index]?.done.resolve();
    await turns();
  };
  return {
    queue,
    reader,
    handled,
    noted,
    faults,
    deliver,
    finish,
    order: () => handled.map((one) => one.sequence),
  };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a reader that is lost", () => {
  it("means that a higher term has taken over", () => {
    const { reader, faults } = openQueue();
    reader.lost();
    expect(faults).toEqual([expect.any(TermOver)]);
  });
});

describe("the first command of a term", () => {
  it("is noted, and handled alone; the others follow in order", async () => {
    const { deliver, finish, order, noted } = openQueue();
    await deliver(4, 5, 6);
    expect([order(), noted]).toEqual([[4], [{ inbox: INBOX, sequence: 4, times: 1 }]]);
    await finish(0);
    expect(order()).toEqual([4, 5, 6]);
    await deliver(7);
    expect([order(), noted.length]).toEqual([[4, 5, 6, 7], 1]);
  });

  it("that a term before had noted and not finished is handled once more, since anything may have ended that", async () => {
    const { deliver, handled, noted } = openQueue({ inbox: INBOX, sequence: 4 });
    await deliver(4);
    expect([handled[0]?.poisonous, noted]).toEqual([false, [{ inbox: INBOX, sequence: 4, times: 2 }]]);
  });

  it("that two terms had noted and not finished is refused, so that it ends nobody again", async () => {
    const { deliver, handled, noted } = openQueue({ inbox: INBOX, sequence: 4, times: 2 });
    await deliver(4);
    expect([handled[0]?.poisonous, noted]).toEqual([true, []]);
  });

  it("is not suspected for its number in another inbox, or for its neighbour", async () => {
    for (const suspect of [
      { inbox: "another", sequence: 4, times: 2 },
      { inbox: INBOX, sequence: 3, times: 2 },
    ]) {
      const { deliver, handled } = openQueue(suspect);
      await deliver(4);
      expect(handled[0]?.poisonous).toBe(false);
    }
  });
});

describe("a reader that begins anew", () => {
  it("delivers again what had not begun, once", async () => {
    const { deliver, finish, order, reader } = openQueue();
    await deliver(4, 5, 6);
    reader.restarted();
    await deliver(5, 6);
    await finish(0);
    expect(order()).toEqual([4, 5, 6]);
  });

  it("takes back what was begun and has not had its turn", async () => {
    const { deliver, finish, handled, reader } = openQueue();
    await deliver(4);
    await finish(0);
    await deliver(5);
    expect(handled[1]?.stillWanted()).toBe(true);
    reader.restarted();
    expect([handled[0]?.stillWanted(), handled[1]?.stillWanted()]).toEqual([true, false]);
  });
});

describe("closing", () => {
  it("begins nothing more, and waits for what was begun", async () => {
    const { queue, deliver, finish, order, reader } = openQueue();
    await deliver(4, 5);
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    await turns();
    expect([reader.closed, closed]).toEqual([true, false]);
    await finish(0);
    await closing;
    expect(order()).toEqual([4]);
  });

  it("takes the note of the first command back, since a planned end suspects nobody", async () => {
    const { queue, deliver, finish, noted } = openQueue();
    await deliver(4);
    const closing = queue.close();
    await finish(0);
    await closing;
    expect(noted).toEqual([{ inbox: INBOX, sequence: 4, times: 1 }, null]);
  });
});

describe("a fault", () => {
  it("of handling reaches the partition", async () => {
    const { deliver, handled, faults } = openQueue();
    await deliver(4);
    handled[0]?.done.reject(new Error("abandoned"));
    await turns();
    expect(faults).toEqual([new Error("abandoned")]);
  });

  it("of the reader reaches it too", async () => {
    const { reader, faults } = openQueue();
    reader.lost();
    expect(faults).toHaveLength(1);
  });
});
