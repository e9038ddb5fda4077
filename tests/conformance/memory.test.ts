import { clockConformance } from "./clock.ts";
import { finderConformance } from "./finder.ts";
import { inboxConformance } from "./inbox.ts";
import { leasesConformance } from "./leases.ts";
import { memoryBench } from "./memory-bench.ts";
import { outcomesConformance } from "./outcomes.ts";
import { peersConformance } from "./peers.ts";
import { publisherConformance } from "./publisher.ts";
import { storeConformance } from "./store.ts";

for (const conformance of [
  clockConformance,
  finderConformance,
  inboxConformance,
  leasesConformance,
  outcomesConformance,
  peersConformance,
  publisherConformance,
  storeConformance,
])
  conformance("the server in memory", memoryBench);
