import { describe, expect, it } from "vitest";
import { everyPort } from "./every-port.ts";
import { leasesConformance } from "./leases.ts";
import { elsewhereBench, memoryBench } from "./memory-bench.ts";

everyPort("the server in memory", memoryBench);
leasesConformance("a memory beside the server", elsewhereBench);

describe("leases beside the server", () => {
  it("are given up where they cannot be reached", async () => {
    const bench = await elsewhereBench({ partitions: 1 });
    const worker = await bench.worker();
    await worker.cut();
    await expect(bench.done(worker.ports.leases.acquire("one", "owner", 2_000))).rejects.toThrow("reached");
  });
});
