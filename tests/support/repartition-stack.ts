/** An installation whose number of partitions a test changes. */

import { names } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, onTestFinished } from "vitest";
import { type Ended, runRepartition } from "./repartition-process.ts";
import { scheduleKey } from "./schedule-key.ts";
import { openStack, type Stack } from "./stack.ts";
import type { WorkerProcess } from "./worker-process.ts";

const { keys, buckets, streams } = names();
const SETTINGS = { LOCK_TIMEOUT_SECONDS: "2" };

export async function openOwn(): Promise<Stack> {
  const stack = await openStack({ settings: SETTINGS });
  onTestFinished(() => stack.close());
  return stack;
}

/** A worker that is ready. */
export async function running(stack: Stack, partitions: number): Promise<WorkerProcess> {
  const worker = stack.worker({ SCHEDULER_PARTITIONS: String(partitions) });
  return worker.settled().then(() => worker);
}

export const settingsOf = ({ server }: Stack) => ({ NATS_URL: server.url, ...SETTINGS });
export const change = (stack: Stack, ...args: string[]): Promise<Ended> =>
  runRepartition(args, { settings: settingsOf(stack) });

/** How many commands nobody has handled yet. */
export const unread = async (stack: Stack): Promise<number> =>
  (await (await jetstreamManager(stack.nc)).streams.info(streams.commands)).state.messages;

/** Each schedule stands under its key of this number. */
export async function allUnder(stack: Stack, partitions: number): Promise<void> {
  const manager = await jetstreamManager(stack.nc);
  for (const bucket of [buckets.schedules, buckets.state]) {
    const info = await manager.streams.info(keys.stream(bucket), { subjects_filter: `$KV.${bucket}.*.*.*` });
    for (const subject of Object.keys(info.state.subjects ?? {})) {
      const key = subject.slice(`$KV.${bucket}.`.length);
      const last = await manager.streams.getMessage(keys.stream(bucket), { last_by_subj: subject });
      const { scheduleId = "" } = keys.schedule.parse(key) ?? {};
      if (last?.header.get("KV-Operation") === "") expect(key).toBe(scheduleKey(scheduleId, partitions));
    }
  }
}
