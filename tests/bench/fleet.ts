/** Schedules by the thousand, alike in what they send and spread in when; for a worker made durably, and taken once the inbox is empty. */

import { DEFAULT_TENANT, names, type ScheduleDefinition, type TenantsFile } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { define, instant, TARGET } from "../support/definition.ts";
import type { Stack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { pipelined } from "./pipelined.ts";

/** The same for every contestant. */
export const PAYLOAD = { notification_type: "daily_summary", recipient_filter: "active_users" };
export const EVERY_MS = 1_000;
/** Fractions of its multiples lie evenly in the unit interval, however many there are. */
const GOLDEN = 0.618_033_988_749_895;
const BATCH = 5_000;
const TAKEN_MS_MAX = 60_000;
const SCHEDULES_MAX = 10_000_000;

/** Ids of one length, so that each schedule's messages are as long as every other's. */
export const idOf = (prefix: string, n: number): string => `${prefix}-${String(n).padStart(8, "0")}`;

/** Milliseconds into its second, above 0: those of any first so many schedules are spread evenly. */
export const phaseOf = (n: number): number => 1 + Math.floor(((n * GOLDEN) % 1) * (EVERY_MS - 1));

/** Fires every second, from the next one on. */
export const everySecond = (n: number): ScheduleDefinition =>
  define(
    { type: "interval", everySeconds: EVERY_MS / 1_000, startAt: instant(phaseOf(n)) },
    { payload: PAYLOAD },
  );

/** For `openRunning`: as many schedules as a benchmark likes, with targets of its own. */
export const TENANTS: TenantsFile["tenants"] = {
  [DEFAULT_TENANT]: {
    targets: [
      { subject: TARGET, capture: true },
      { subject: `${TARGET}.>`, capture: true },
    ],
    maxSchedules: SCHEDULES_MAX,
    maxSchedulesPerCreator: SCHEDULES_MAX,
  },
};

/** Resolves once the worker has taken all of them; it is never flooded with more than BATCH. */
export async function createAll(
  { nc, client }: Pick<Stack, "nc" | "client">,
  ids: readonly string[],
  definitionOf: (index: number) => ScheduleDefinition,
): Promise<void> {
  const { durable } = client();
  const create = (index: number): Promise<unknown> => durable.create(ids[index] ?? "", definitionOf(index));
  for (let from = 0; from < ids.length; from += BATCH) {
    await pipelined(from, Math.min(from + BATCH, ids.length), create);
    if (!(await until(() => inboxIsEmpty(nc), TAKEN_MS_MAX)))
      throw new Error("the worker does not take all commands");
  }
}

async function inboxIsEmpty(nc: NatsConnection): Promise<boolean> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  return (await manager.streams.info(names().streams.commands)).state.messages === 0;
}
