import { describe, expect, it } from "vitest";
import { NAMES } from "../domain/testing/builders.ts";
import { BucketFull, type Store, type Written } from "./ports.ts";
import type { Signal } from "./signals.ts";
import { raiseTerm } from "./terms.ts";

const FULL: Written = { kind: "refused", code: "stream_full", description: "maximum bytes exceeded" };

/** Terms of a bucket that answers writes with these, one after the other. */
function raising(...answers: Written[]) {
  const told: Signal[] = [];
  const store = { read: async () => null, write: async () => answers.shift() ?? FULL } as unknown as Store;
  const deps = {
    store,
    names: NAMES,
    worker: "w",
    guard: () => true,
    tell: (signal: Signal) => void told.push(signal),
  };
  return { told, raise: () => raiseTerm(deps, 0) };
}

describe("a full bucket", () => {
  it("takes no new term, which is no bug", async () => {
    await expect(raising(FULL).raise()).rejects.toBeInstanceOf(BucketFull);
  });

  it("leaves a command unnoted, which is told and ends nothing", async () => {
    const { told, raise } = raising({ kind: "written", revision: 1 }, FULL);
    const term = await raise();
    await term.note({ inbox: "i", sequence: 1, times: 1 });
    expect(told).toEqual([{ kind: "warning", message: "term.0: maximum bytes exceeded" }]);
  });
});
