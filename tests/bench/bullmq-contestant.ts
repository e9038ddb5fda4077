/**
 * BullMQ's job schedulers on a redis-server that keeps its log every second. Queue and workers have a process of their own. Late is from
 * due to the call of the processor.
 */

import { startRedis } from "@carillon/local";
import { startAsked } from "./asked-process.ts";
import type { BullmqOrder } from "./bullmq-process.ts";
import type { Contestant } from "./contestant.ts";

const DURABLE = "appendonly yes\nappendfsync everysec";

export const bullmq: Contestant = {
  name: "BullMQ",
  open: async () => {
    const redis = await startRedis({ ignoreEnvironment: true, config: DURABLE });
    const process = startAsked<BullmqOrder, number[]>(new URL("./bullmq-process.ts", import.meta.url), [
      redis.url,
    ]);
    return {
      grow: async (schedules) => void (await process.ask({ grow: schedules })),
      watch: (windowMs) => process.ask({ watchMs: windowMs }),
      close: async () => {
        await process.end();
        await redis.stop();
      },
    };
  },
};
