import { describe, expect, it } from "vitest";
import { supersededBy } from "./installation.ts";

const OURS = { partitions: 4 };
const THEIRS = { partitions: 4, leases: "nats" } as const;

describe("a worker of 4 partitions", () => {
  it.each([
    ["of 4 partitions", THEIRS],
    ["of which it keeps leases elsewhere", { ...THEIRS, leases: "redis" as const }],
    ["whose change may still be given up", { ...THEIRS, change: { to: 9, phase: "copying" as const } }],
    ["whose record cannot be read", {}],
  ])("can go on in an installation %s", (_what, record) => {
    expect(supersededBy(record, OURS)).toBeNull();
  });

  it.each(["moving", "clearing"] as const)("cannot where a change is %s: it only goes on", (phase) => {
    const record = { ...THEIRS, change: { to: 9, phase } };
    expect(supersededBy(record, OURS)).toContain("SCHEDULER_PARTITIONS=9");
  });

  it("cannot where there are 9, and is told both ways on", () => {
    const wayOn = supersededBy({ ...THEIRS, partitions: 9 }, OURS);
    expect(wayOn).toContain("set SCHEDULER_PARTITIONS=9, or stop all workers");
  });
});
