import { describe, expect, it } from "vitest";
import { MINUTE, STORED_AT } from "../domain/testing/builders.ts";
import { Courier } from "./delivery.ts";
import type { Clock, Finder, Publisher, Receipt } from "./ports.ts";

const REFUSED: Receipt = { kind: "refused", code: "no_stream", description: "no stream captures it" };

/** Delivers to a stream that answers with these, and holds the message or not. */
async function delivery({
  answers,
  holds,
  ageMs = 0,
}: {
  answers: Receipt[];
  holds: boolean;
  ageMs?: number;
}) {
  const facts = { name: "TARGETS", duplicateWindowMs: 10 * MINUTE, workQueue: false };
  const publisher = { send: async () => answers.shift() ?? REFUSED } as unknown as Publisher;
  const found = holds ? new Map([["acme.daily@1.1", 7]]) : new Map();
  const finder = { known: () => facts, find: async () => ({ found, complete: true }) } as unknown as Finder;
  const courier = new Courier({ publisher, finder, clock: {} as Clock, tell: () => {} });
  const message = { subject: "cmd.mail", data: "", id: "acme.daily@1.1", headers: {} };
  return courier.deliver({ message: () => message, promisedAt: STORED_AT, ageMs, guard: () => true });
}

const HELD = { kind: "delivered", delivered: { stream: "TARGETS", sequence: 7, duplicate: true } };

describe("a refusal", () => {
  it("counts where the message was sent once", async () => {
    expect(await delivery({ answers: [REFUSED], holds: true })).toMatchObject({
      kind: "refused",
      reason: "no_stream",
    });
  });

  it("counts for nothing where an earlier send was stored after all", async () => {
    expect(await delivery({ answers: [{ ...REFUSED, doubtful: true }], holds: true })).toEqual(HELD);
    expect(await delivery({ answers: [{ kind: "unknown" }, REFUSED], holds: true })).toEqual(HELD);
  });

  it("counts for nothing where the owner before had it stored", async () => {
    expect(await delivery({ answers: [REFUSED], holds: true, ageMs: MINUTE })).toEqual(HELD);
  });

  it("counts where no stream holds the message", async () => {
    const answers: Receipt[] = [{ ...REFUSED, doubtful: true }];
    expect(await delivery({ answers, holds: false, ageMs: MINUTE })).toMatchObject({ kind: "refused" });
  });
});
