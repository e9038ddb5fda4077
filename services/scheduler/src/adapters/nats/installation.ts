/**
 * What was fixed when the streams were first made, kept as one key beside the state: the number of partitions,
 * since schedules are filed under theirs, and the lease adapter, since holders of two kinds would not see each
 * other. Whoever is configured otherwise must not start.
 */

import type { Names } from "@carillon/contracts";
import type { Guard } from "../../app/ports.ts";
import { OWN_LANE } from "../../app/ports.ts";
import type { AckInbox } from "./ack-inbox.ts";
import { encodeHeaders } from "./encoded-headers.ts";
import type { JsApi } from "./js-api.ts";
import { dataOf, isMarker, lastMessage } from "./stream-questions.ts";

export interface Installation {
  partitions: number;
  leases: "nats" | "redis";
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
}): Promise<Partial<Installation> | null> {
  const { state } = names.buckets;
  const subject = names.keys.subject(state, names.keys.installation);
  const found = await lastMessage(api, names.keys.stream(state), subject);
  return found === null || isMarker(found) ? null : read(dataOf(found));
}

/** One fault for each difference from the record; none where there is no record yet. The bucket must exist. */
export async function compareInstallation(
  deps: { api: JsApi; names: Names },
  wanted: Installation,
): Promise<string[]> {
  const record = await readInstallation(deps);
  return record === null ? [] : differences(deps.names, record, wanted);
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
    if (found !== null && !isMarker(found)) return differences(names, read(dataOf(found)), wanted);
    const outcome = await inbox.ship({
      subject,
      data: textOf(wanted),
      headers: encodeHeaders(null, { "Nats-Expected-Last-Subject-Sequence": String(found?.seq ?? 0) }),
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
function read(value: Uint8Array): Partial<Installation> {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(value));
    return typeof record === "object" && record !== null ? record : {};
  } catch {
    return {};
  }
}

function differences(names: Names, record: Partial<Installation>, wanted: Installation): string[] {
  const faults: string[] = [];
  if (typeof record.partitions !== "number" || typeof record.leases !== "string") return [unreadable(wanted)];
  if (record.partitions !== wanted.partitions) {
    faults.push(
      `this installation has ${record.partitions} partitions, and this worker is configured for ${wanted.partitions}: set SCHEDULER_PARTITIONS=${record.partitions}`,
    );
  }
  if (record.leases !== wanted.leases) {
    faults.push(
      `this installation keeps its leases in ${record.leases}, and this worker is configured for ${wanted.leases}: set SCHEDULER_LEASES=${record.leases}; or, to move them, stop all workers, run nats kv put ${names.buckets.state} ${names.keys.installation} '${textOf({ partitions: record.partitions, leases: wanted.leases })}', and start them all alike`,
    );
  }
  return faults;
}

const unreadable = (wanted: Installation): string =>
  `the key "installation" of the bucket of states cannot be read; write it anew, as the installation began, such as ${textOf(wanted)}`;

const textOf = ({ partitions, leases }: Installation): string =>
  JSON.stringify({ v: VERSION, partitions, leases });
