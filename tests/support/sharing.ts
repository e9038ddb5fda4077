/**
 * Workers that share the partitions of an installation, as a test looks at them: until they own all among themselves, who owns what, and
 * how long the schedules of a partition waited for its next owner.
 */

import { partitionOf } from "@carillon/contracts";
import type { Stack } from "./stack.ts";
import type { StoredMessage } from "./stream-tail.ts";
import { until } from "./until.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** What an installation has unless somebody sets it. */
export const PARTITIONS = 32;

const PATIENCE_MS = 30_000;

/** Resolves once each of these owns what is wanted of it, and all of them everything; answers how many each owns. */
export async function shared(
  workers: readonly WorkerProcess[],
  { partitions = PARTITIONS, waitMs = PATIENCE_MS } = {},
): Promise<number[]> {
  let owned: number[] = [];
  const all = await until(async () => {
    const standings = await Promise.all(workers.map((worker) => worker.standing()));
    owned = standings.map((standing) => standing?.owned ?? 0);
    const sum = owned.reduce((total, count) => total + count, 0);
    return sum === partitions && standings.every((standing) => standing?.role !== "starting");
  }, waitMs);
  if (!all) throw new Error(`after ${waitMs} ms workers own ${owned.join(" + ")} of ${partitions}`);
  return owned;
}

/** Starts so many workers at once; resolves when they share. */
export async function startCrew(stack: Stack, size: number): Promise<WorkerProcess[]> {
  const workers = Array.from({ length: size }, () => stack.worker());
  await shared(workers);
  return workers;
}

/** Partitions by the name of their owner, as the installation's `status` says. */
export async function ownersOf(stack: Stack): Promise<ReadonlyMap<number, string>> {
  const { partitions } = await stack.client().status();
  return new Map(partitions.owners.map(({ partition, worker }) => [partition, worker]));
}

/** Of a schedule of tenant `default`. */
export const partitionOfId = (scheduleId: string, partitions = PARTITIONS): number =>
  partitionOf("default", scheduleId, partitions);

/** The one of these workers that owns a schedule of tenant `default`, and the others. */
export async function ownerOf(
  stack: Stack,
  workers: readonly WorkerProcess[],
  scheduleId: string,
  partitions = PARTITIONS,
): Promise<{ owner: WorkerProcess; others: WorkerProcess[] }> {
  const name = (await ownersOf(stack)).get(partitionOfId(scheduleId, partitions));
  const names = await Promise.all(workers.map((worker) => worker.name()));
  const owner = workers[names.indexOf(name ?? "")];
  if (owner === undefined) throw new Error(`none of these workers owns ${scheduleId}, but ${name}`);
  return { owner, others: workers.filter((worker) => worker !== owner) };
}

/** Resolves once `worker` owns the schedule's partition, as the installation's `status` says. */
export async function untilOwnedBy(stack: Stack, scheduleId: string, worker: WorkerProcess): Promise<void> {
  const name = await worker.name();
  const owned = async (): Promise<boolean> =>
    (await ownersOf(stack).catch(() => null))?.get(partitionOfId(scheduleId)) === name;
  if (!(await until(owned, PATIENCE_MS))) throw new Error(`${name} does not own ${scheduleId}`);
}

const partitionOfCommand = ({ headers }: StoredMessage): number =>
  partitionOfId(headers["Scheduler-Schedule-Id"] ?? "");

/** Milliseconds from `sinceAt` until the first of these commands of each of these partitions is stored; NaN: none is. */
export function gapsOf(
  partitions: readonly number[],
  sinceAt: number,
  commands: readonly StoredMessage[],
): number[] {
  const firstAt = new Map<number, number>();
  for (const command of commands) {
    const partition = partitionOfCommand(command);
    if (!firstAt.has(partition)) firstAt.set(partition, command.storedAt);
  }
  return partitions.map((partition) => Math.round((firstAt.get(partition) ?? Number.NaN) - sinceAt));
}

/** Milliseconds from due to stored of every command of these partitions that fell due in this time. */
export function waitsOf(
  partitions: readonly number[],
  { fromAt, untilAt }: { fromAt: number; untilAt: number },
  commands: readonly StoredMessage[],
): number[] {
  const some = new Set(partitions);
  return commands.flatMap((command) => {
    const dueAt = Date.parse(command.headers["Scheduler-Due-At"] ?? "");
    const meant = dueAt >= fromAt && dueAt <= untilAt && some.has(partitionOfCommand(command));
    return meant ? [command.storedAt - dueAt] : [];
  });
}
