/**
 * Stores schedules under the keys of the new number: every kept revision of a definition in its order, then the state, which names the
 * revisions as they are now. Nothing old is touched, and what an earlier run left under new keys is replaced, so that this step can
 * begin anew at any time. One old partition after the other, to bound what is in memory.
 */

import { MOVED_HEADERS, partitionOf } from "@carillon/contracts";
import type { Bucket } from "../../../app/ports.ts";
import { type Place, restated, standingOf } from "../../../domain/repartition.ts";
import { headerBlock } from "../encoded-headers.ts";
import { heardHeaders } from "../heard-headers.ts";
import { storedAtIn } from "../moved.ts";
import { readToEnd } from "../push-reader.ts";
import { lastMessage } from "../stream-questions.ts";
import { type Step, store } from "./deps.ts";

interface Kept {
  value: Uint8Array;
  revision: number;
  storedAt: number;
}

export async function copyPartition(step: Step, partition: number): Promise<number> {
  const [definitions, states] = await Promise.all([
    read(step, "schedules", partition),
    read(step, "state", partition),
  ]);
  const keys = [...new Set([...definitions.keys(), ...states.keys()])];
  await Promise.all(
    keys.map((key) => copyOne(step, key, definitions.get(key) ?? [], states.get(key)?.at(-1))),
  );
  return keys.length;
}

async function copyOne(step: Step, key: string, definitions: readonly Kept[], state: Kept | undefined) {
  const place = step.names.keys.schedule.parse(key);
  if (place === null) return;
  const goal = goalOf(step, place);
  const revisions = new Map<number, number>();
  for (const kept of definitions) revisions.set(kept.revision, await put(step, "schedules", goal, kept));
  if (state === undefined) return;
  const value = stateFor(state.value, (revision) => revisions.get(revision) ?? revision);
  await put(step, "state", goal, { ...state, value });
}

export const goalOf = ({ names, change }: Step, { tenant, scheduleId }: Place): string =>
  names.keys.schedule.build({ partition: partitionOf(tenant, scheduleId, change.to), tenant, scheduleId });

/** One that cannot be read stays as it is, and is set aside under its new key as it was under its old one. */
function stateFor(value: Uint8Array, revisionOf: (revision: number) => number): Uint8Array {
  try {
    const state: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
    return Buffer.from(JSON.stringify(restated(state, revisionOf)));
  } catch {
    return value;
  }
}

async function put(step: Step, bucket: Bucket, key: string, { value, storedAt }: Kept): Promise<number> {
  const { keys, buckets } = step.names;
  const headers = headerBlock(null, { [MOVED_HEADERS.storedAt]: String(storedAt) });
  const stored = await store(step, { subject: keys.subject(buckets[bucket], key), data: value, headers });
  // Nothing is expected, so nothing can be stale.
  return stored ?? 0;
}

/** All that is kept of each schedule that has to leave this partition, oldest first. */
async function read(step: Step, bucket: Bucket, partition: number): Promise<Map<string, Kept[]>> {
  const { api, names, change } = step;
  const stream = names.keys.stream(names.buckets[bucket]);
  const prefix = names.keys.subject(names.buckets[bucket], "");
  const filter = prefix + names.keys.schedulesOf(partition);
  const found = new Map<string, Kept[]>();
  await readToEnd(step, {
    stream,
    consumer: { deliver_policy: "all", filter_subjects: [filter] },
    lastSequence: async () => (await lastMessage(api, stream, filter))?.seq ?? 0,
    each: ({ subject, data, ...message }, { streamSequence: revision, storedAt }) => {
      const key = subject.slice(prefix.length);
      const place = names.keys.schedule.parse(key);
      if (place === null || standingOf(place, change) !== "old") return undefined;
      const headers = heardHeaders(message);
      if (headers.get("KV-Operation") !== null) found.delete(key);
      else {
        const kept = { value: data.slice(), revision, storedAt: storedAtIn(headers) ?? storedAt };
        found.set(key, [...(found.get(key) ?? []), kept]);
      }
      return undefined;
    },
    restarted: () => found.clear(),
  });
  return found;
}
