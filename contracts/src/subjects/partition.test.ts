import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fnv1a32, partitionOf } from "./partition.ts";

describe("fnv1a32", () => {
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
    ["chongo was here!\n", 0xd49930d5],
    ["é", 0x1e9de8c1],
  ])("hashes %j as its authors' test vectors do", (text, hash) => expect(fnv1a32(text)).toBe(hash));
});

describe("partitionOf", () => {
  it.each([
    ["default", "x", 18],
    ["acme", "daily-summary", 5],
    ["acme_2", "A-1_b", 26],
    ["t", "0123456789", 8],
    ["default", "x".repeat(64), 30],
  ])(
    "puts %s/%s where {{partition(32,1,3)}} of nats-server 2.15.1 put it",
    (tenant, scheduleId, partition) => {
      expect(partitionOf(tenant, scheduleId, 32)).toBe(partition);
    },
  );

  it("is always one of the partitions", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.integer({ min: 1, max: 1024 }),
        (tenant, scheduleId, partitions) => {
          const partition = partitionOf(tenant, scheduleId, partitions);
          return Number.isInteger(partition) && partition >= 0 && partition < partitions;
        },
      ),
    );
  });
});
