import { clockConformance } from "./clock.ts";
import { memoryBench } from "./memory-bench.ts";
import { storeConformance } from "./store.ts";

for (const conformance of [clockConformance, storeConformance])
  conformance("the server in memory", memoryBench);
