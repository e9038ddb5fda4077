import { everyPort } from "./every-port.ts";
import { natsBench } from "./nats-bench.ts";

everyPort("NATS", natsBench);
