/**
 * What was fixed when the streams were first made, kept as one key beside the state: the number of partitions,
 * since schedules are filed under theirs, and the lease adapter, since holders of two kinds would not see each
 * other. Whoever is configured otherwise must not start.
 */

import type { Names } from "@carillon/contracts";
import type { Guard } from "../../app/ports.ts";
import { OWN_LANE } from "../../app/ports.ts";
import type { AckInbox } from "./ack-inbox.ts";
import { headerBlock } from "./encoded-headers.ts";
import type { JsApi } from "./js-api.ts";
import { dataOf, isMarker, lastMessage } from "./stream-questions.ts";

export interface Installation {
  partitions: number;
  leases: "nats" | "redis";
}

type Numbered = Pick<Installation, "partitions">;

/** What of the inbox a change of the number of partitions has stored anew: sequences after `after`, up to `until`. */
export interface Moved {
  /** Creation time of that inbox. */
  inbox: string;
  after: number;
  until: number;
}

/** A change of the number of partitions that is going on; no worker may start. */
export interface Change {
  to: number;
  /** copying: only new keys are written. moving: the inbox is closed. clearing: all is stored, and what is old goes. */
  phase: "copying" | "moving" | "clearing";
  /** Last sequence of the inbox when it was closed; absent: not known yet. */
  after?: number;
  /** What of the inbox has been stored anew, once all of it has. */
  moved?: Moved;
}

export interface InstallationRecord extends Installation {
  moved?: Moved;
  change?: Change;
}

const VERSION = 1;
const ALWAYS: Guard = () => true;

/** Null: there is none. An unreadable one names nothing. The bucket must exist. */
export async function readInstallation({
  api,
  names,
}: {
  api: JsApi;
  names: Names;
}): Promise<Partial<InstallationRecord> | null> {
  const { state } = names.buckets;
  const subject = names.keys.subject(state, names.keys.installation);
  const found = await lastMessage(api, names.keys.stream(state), subject);
  return found === null || isMarker(found) ? null : readRecord(dataOf(found));
}

export const isReadable = (record: Partial<InstallationRecord>): record is InstallationRecord =>
  typeof record.partitions === "number" && typeof record.leases === "string";

/** One fault for each difference from the record; none where there is no record yet. The bucket must exist. */
export async function compareInstallation(
  deps: { api: JsApi; names: Names },
  wanted: Installation,
): Promise<string[]> {
  const record = await readInstallation(deps);
  return record === null ? [] : differences(deps.names, record, wanted);
}

/**
 * What to do, where no worker of this number of partitions can go on; null: it can, or may again, since a change that only copies can be
 * given up, and what cannot be read be mended.
 */
export function supersededBy(record: Partial<InstallationRecord>, wanted: Numbered): string | null {
  if (!isReadable(record) || record.change?.phase === "copying") return null;
  if (record.change !== undefined) return changing(record.partitions, record.change);
  return record.partitions === wanted.partitions ? null : otherNumber(record, wanted);
}

/** Writes the record at the first start; afterwards answers one fault for each difference. */
export async function checkInstallation(
  { api, inbox, names }: { api: JsApi; inbox: AckInbox; names: Names },
  wanted: Installation,
): Promise<string[]> {
  const bucket = names.buckets.state;
  const subject = names.keys.subject(bucket, names.keys.installation);
  const stream = names.keys.stream(bucket);
  for (;;) {
    const found = await lastMessage(api, stream, subject);
    if (found !== null && !isMarker(found)) return differences(names, readRecord(dataOf(found)), wanted);
    const outcome = await inbox.ship({
      subject,
      data: textOf({ partitions: wanted.partitions, leases: wanted.leases }),
      headers: headerBlock(null, { "Nats-Expected-Last-Subject-Sequence": String(found?.seq ?? 0) }),
      lane: OWN_LANE,
      guard: ALWAYS,
      patienceMs: null,
    });
    if (outcome.kind === "stored") return [];
    if (outcome.kind === "refused")
      return [`${bucket}: the installation record cannot be written: ${outcome.description}`];
    // Another worker was first: compare with what it wrote.
  }
}

/** Of an unreadable record: nothing. */
export function readRecord(value: Uint8Array): Partial<InstallationRecord> {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(value));
    return typeof record === "object" && record !== null ? record : {};
  } catch {
    return {};
  }
}

function differences(names: Names, record: Partial<InstallationRecord>, wanted: Installation): string[] {
  const faults: string[] = [];
  if (!isReadable(record)) return [unreadable(wanted)];
  if (record.change !== undefined) return [changing(record.partitions, record.change)];
  if (record.partitions !== wanted.partitions) faults.push(otherNumber(record, wanted));
  if (record.leases !== wanted.leases) {
    faults.push(
      `this installation keeps its leases in ${record.leases}, and this worker is configured for ${wanted.leases}: set SCHEDULER_LEASES=${record.leases}; or, to move them, stop all workers, run nats kv put ${names.buckets.state} ${names.keys.installation} '${textOf({ ...record, leases: wanted.leases })}', and start them all alike`,
    );
  }
  return faults;
}

const unreadable = (wanted: Installation): string =>
  `the key "installation" of the bucket of states cannot be read; write it anew, as the installation began, such as ${textOf({ partitions: wanted.partitions, leases: wanted.leases })}`;

const otherNumber = (record: Numbered, wanted: Numbered): string =>
  `this installation has ${record.partitions} partitions, and this worker is configured for ${wanted.partitions}: set SCHEDULER_PARTITIONS=${record.partitions}, or stop all workers and run npm run repartition -- --to ${wanted.partitions}`;

/** How to go on with a change that was begun. */
export const changing = (partitions: number, { to, phase }: Change): string => {
  const back = phase === "copying" ? `, or give it up with npm run repartition -- --to ${partitions}` : "";
  return `this installation is being changed from ${partitions} partitions to ${to}: let that end, or finish it with npm run repartition -- --to ${to}, and start workers with SCHEDULER_PARTITIONS=${to}${back}`;
};

export const textOf = (record: InstallationRecord): string => JSON.stringify({ v: VERSION, ...record });
