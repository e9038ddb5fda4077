import { describe, expect, it } from "vitest";
import { NAMES } from "../domain/testing/builders.ts";
import { Owner, type OwnerDeps } from "./owner.ts";
import { type InboxReader, TermOver, type Written } from "./ports.ts";

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a takeover that is given up", () => {
  it("closes the readers that are opened only then, so that none takes consumers for a lost term", async () => {
    const opening = Promise.withResolvers<InboxReader>();
    let closed = 0;
    const deps = {
      names: NAMES,
      clock: { now: () => 0, monotonicMs: () => 0, after: () => () => {} },
      store: {
        serverNow: async () => 0,
        read: async () => null,
        lastRevision: async () => 0,
        write: async (_bucket: string, key: string): Promise<Written> =>
          key === NAMES.keys.term.build({ partition: 2 })
            ? { kind: "stale" }
            : { kind: "written", revision: 1 },
      },
      inbox: { createdAt: "2026-01-01T00:00:00Z", open: () => opening.promise },
      worker: "w",
      partitions: [1, 2],
      guard: () => true,
      ended: () => {},
    } as unknown as OwnerDeps;
    await expect(Owner.takeOver(deps)).rejects.toBeInstanceOf(TermOver);
    opening.resolve({
      start: () => {},
      close: async () => {
        closed++;
      },
    });
    await turns();
    expect(closed).toBe(1);
  });
});
