import { leasesConformance } from "./leases.ts";
import { redisBench } from "./redis-bench.ts";

leasesConformance("Redis", () => redisBench(1));
leasesConformance("three Redis nodes", () => redisBench(3));
