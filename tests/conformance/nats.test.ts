import { clockConformance } from "./clock.ts";
import { natsBench } from "./nats-bench.ts";
import { storeConformance } from "./store.ts";

for (const conformance of [clockConformance, storeConformance]) conformance("NATS", natsBench);
