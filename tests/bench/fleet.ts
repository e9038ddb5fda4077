/** Schedules by the thousand, alike in what they send and spread in when; for a worker made durably. */

import { DEFAULT_TENANT, type ScheduleDefinition, type TenantsFile } from "@carillon/contracts";
import { define, instant, TARGET } from "../support/definition.ts";
import type { Stack } from "../support/stack.ts";
import { createBulk } from "./bulk.ts";

/** The same for every contestant. */
export const PAYLOAD = { notification_type: "daily_summary", recipient_filter: "active_users" };
export const EVERY_MS = 1_000;
/** Fractions of its multiples lie evenly in the unit interval, however many there are. */
const GOLDEN = 0.618_033_988_749_895;
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

/** Resolves once the worker has accepted all of them. */
export async function createAll(
  { nc }: Pick<Stack, "nc">,
  ids: readonly string[],
  definitionOf: (index: number) => ScheduleDefinition,
): Promise<void> {
  await createBulk(nc, ids.length, (index) => ({
    scheduleId: ids[index] ?? "",
    body: JSON.stringify(definitionOf(index)),
  }));
}
