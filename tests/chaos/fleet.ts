/**
 * The schedules that fire through it all: one rate, phases spread evenly over it, so that every partition fires many times a second.
 * What is planned follows from the definitions alone.
 */

import { partitionOf } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { define, instant } from "../support/definition.ts";
import { inTurn } from "../support/in-turn.ts";

export const PARTITIONS = 32;
export const EVERY_MS = 1_000;
const TENANT = "default";
const NAME = "fleet-";
/** By then all of them exist. */
const LEAD_MS_EACH = 3;
const LEAD_MS_MIN = 3_000;

export interface Schedule {
  readonly id: string;
  readonly partition: number;
  /** First nominal instant. */
  readonly anchor: number;
}

/** Durably, so that it matters to nobody whether partitions are on their way meanwhile. */
export async function createFleet({ durable }: Client, size: number): Promise<readonly Schedule[]> {
  const firstAt = Date.now() + LEAD_MS_MIN + LEAD_MS_EACH * size;
  const fleet = Array.from({ length: size }, (_, n): Schedule => {
    const id = `${NAME}${n}`;
    const anchor = firstAt + Math.round((n * EVERY_MS) / size);
    return { id, partition: partitionOf(TENANT, id, PARTITIONS), anchor };
  });
  const anchors = new Map(fleet.map(({ id, anchor }) => [id, anchor]));
  await inTurn([...anchors.keys()], (id) => {
    const startAt = instant(anchors.get(id) ?? Number.NaN);
    return durable.create(id, define({ type: "interval", everySeconds: EVERY_MS / 1_000, startAt }));
  });
  return fleet;
}

/** Number of a schedule in its fleet; null: it is none of it. */
export function numberOf(scheduleId: string): number | null {
  return scheduleId.startsWith(NAME) ? Number(scheduleId.slice(NAME.length)) : null;
}

/** Occurrences from the first to `at`, both included. */
export const plannedBy = ({ anchor }: Schedule, at: number): number =>
  Math.max(0, Math.floor((at - anchor) / EVERY_MS) + 1);
