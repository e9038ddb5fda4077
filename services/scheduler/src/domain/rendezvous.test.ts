import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wantedFor } from "./rendezvous.ts";

const PARTITIONS = 256;
const MANY = 8_192;
const anyWorkers = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });

const owners = (workers: Iterable<string>, partitions = PARTITIONS): (string | null)[] =>
  Array.from({ length: partitions }, (_, partition) => wantedFor(partition, workers));

describe("the worker that is wanted for a partition", () => {
  it("is the same in whatever order the workers are known", () => {
    fc.assert(
      fc.property(anyWorkers, (workers) => {
        expect(owners([...workers].reverse())).toEqual(owners(workers));
      }),
      { numRuns: 30 },
    );
  });

  it("changes only to a worker that joins, and only from one that leaves", () => {
    fc.assert(
      fc.property(anyWorkers, fc.string({ minLength: 1 }), (workers, other) => {
        fc.pre(!workers.includes(other));
        const before = owners(workers);
        const after = owners([...workers, other]);
        for (const [partition, owner] of after.entries()) expect([before[partition], other]).toContain(owner);
      }),
      { numRuns: 30 },
    );
  });

  it("is each of them about equally often", () => {
    for (const count of [2, 3, 4, 8]) {
      const workers = Array.from({ length: count }, (_, index) => `host-${index}-4711-9f3c2a1${index}`);
      const shares = Map.groupBy(owners(workers, MANY), (owner) => owner);
      for (const worker of workers) {
        const share = (shares.get(worker)?.length ?? 0) / (MANY / count);
        expect(share).toBeGreaterThan(0.85);
        expect(share).toBeLessThan(1.15);
      }
    }
  });

  it("is nobody where there is nobody", () => expect(wantedFor(0, [])).toBeNull());
});
