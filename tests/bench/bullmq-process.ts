/**
 * Queue and worker of BullMQ. A fire costs the worker less of a processor than it costs Redis, which has one thread, so that more workers,
 * more jobs at once and pipelined commands made it no faster when they were tried.
 */

import { setTimeout as delay } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { answering } from "./asked-process.ts";
import { EVERY_MS, idOf, PAYLOAD, phaseOf } from "./fleet.ts";
import { pipelined } from "./pipelined.ts";

/** Until there are so many schedules; or tell how late what is called within so long is. */
export type BullmqOrder = { readonly grow: number } | { readonly watchMs: number };

const QUEUE = "bench";
const CONCURRENCY = 100;
/** Else each of them would stay in Redis. */
const JOB = { removeOnComplete: true, removeOnFail: true };

const connection = { url: process.argv[2] ?? "" };
const queue = new Queue(QUEUE, { connection });
let lags: number[] | null = null;
new Worker(
  QUEUE,
  // An id is `repeat:<scheduler>:<due>`.
  async ({ id = "" }) => void lags?.push(Date.now() - Number(id.slice(id.lastIndexOf(":") + 1))),
  { connection, concurrency: CONCURRENCY },
);

let size = 0;
answering(async (order: BullmqOrder): Promise<number[]> => {
  if ("grow" in order) {
    await pipelined(size, order.grow, schedule);
    size = order.grow;
    return [];
  }
  const heard: number[] = [];
  lags = heard;
  await delay(order.watchMs);
  lags = null;
  return heard;
});

const schedule = (n: number): Promise<unknown> =>
  queue.upsertJobScheduler(
    idOf("every", n),
    { every: EVERY_MS, offset: phaseOf(n) },
    { name: "fire", data: PAYLOAD, opts: JOB },
  );
