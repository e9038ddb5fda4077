/**
 * The message schedules of nats-server itself. Late is from due to stored; a message names when the next one is due. The server rounds
 * `@every` to whole seconds, the first time too, so all of its schedules are due at once, whenever they were made.
 */

import { setTimeout as delay } from "node:timers/promises";
import { startNats } from "@carillon/local";
import { jetstream } from "@nats-io/jetstream";
import { connect, headers, TimeoutError } from "@nats-io/transport-node";
import { again } from "../support/again.ts";
import type { Contestant } from "./contestant.ts";
import { EVERY_MS, idOf, PAYLOAD } from "./fleet.ts";
import { patientManager } from "./patient-manager.ts";
import { pipelined } from "./pipelined.ts";
import { readStored } from "./stored-range.ts";

const STREAM = "SCHEDULES";
const TARGET = "fire.notification";

export const natsSchedules: Contestant = {
  name: "NATS schedules",
  open: async () => {
    const server = await startNats({ ignoreEnvironment: true });
    const nc = await connect({ servers: server.url, noAsyncTraces: true });
    const manager = await patientManager(nc);
    await manager.streams.add({ name: STREAM, subjects: ["plan.>", TARGET], allow_msg_schedules: true });
    const publisher = jetstream(nc);
    const every = headers();
    every.set("Nats-Schedule", "@every 1s");
    every.set("Nats-Schedule-Target", TARGET);
    const body = JSON.stringify(PAYLOAD);
    const dueAt = new Map<string, number>();
    let read = 0;
    let size = 0;
    return {
      grow: async (schedules) => {
        await pipelined(size, schedules, (n) =>
          again(() => publisher.publish(`plan.${idOf("every", n)}`, body, { headers: every }), isDropped),
        );
        size = schedules;
      },
      watch: async (windowMs) => {
        const fromAt = Date.now();
        await delay(windowMs);
        const lags: number[] = [];
        // From where the last reading ended: what is due is told by the message before.
        read = await readStored(nc, STREAM, read, ({ subject, storedAt, header }) => {
          const plan = header("Nats-Scheduler");
          if (plan === "") {
            dueAt.set(subject, (Math.round(storedAt / EVERY_MS) + 1) * EVERY_MS);
            return;
          }
          if (storedAt >= fromAt && storedAt < fromAt + windowMs)
            lags.push(storedAt - (dueAt.get(plan) ?? Number.NaN));
          dueAt.set(plan, Date.parse(header("Nats-Schedule-Next")));
        });
        return lags;
      },
      close: async () => {
        await nc.close();
        await server.stop();
      },
    };
  },
};

/** While tens of thousands are due at once the server drops what else comes, unanswered. A schedule that is published again is the same. */
const isDropped = (error: unknown): boolean => error instanceof TimeoutError;
