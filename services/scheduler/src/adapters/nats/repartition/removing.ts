/** Removes keys with their history, in both buckets. A mark of each stays for an hour, so that readers of a bucket can see it go. */

import type { Bucket } from "../../../app/ports.ts";
import { headerBlock } from "../encoded-headers.ts";
import { type Step, store } from "./deps.ts";
import { having, survey } from "./survey.ts";

const MARKER_TTL = "1h";
const BUCKETS: readonly Bucket[] = ["state", "schedules"];

/** Answers how many keys are gone. Those of states go first: a definition counts only where a state names it. */
export async function removeAll(step: Step, standing: "old" | "new"): Promise<number> {
  let count = 0;
  for (const bucket of BUCKETS) {
    const keys = having(standing, await survey(step, bucket));
    await Promise.all(keys.map(({ key }) => remove(step, bucket, key)));
    count += keys.length;
  }
  return count;
}

function remove(step: Step, bucket: Bucket, key: string): Promise<number | null> {
  const { keys, buckets } = step.names;
  const headers = headerBlock(null, {
    "KV-Operation": "PURGE",
    "Nats-Rollup": "sub",
    "Nats-TTL": MARKER_TTL,
  });
  return store(step, { subject: keys.subject(buckets[bucket], key), data: "", headers });
}
