import { everyPort } from "./every-port.ts";
import { memoryBench } from "./memory-bench.ts";

everyPort("the server in memory", memoryBench);
