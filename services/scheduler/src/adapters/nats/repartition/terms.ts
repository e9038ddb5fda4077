/**
 * Terms of the new partitions: beyond every term that any record names, since a record with a higher term than its owner's would mean
 * that the owner's is over. Each term took at least one message of the bucket of states, so its last sequence is beyond them all.
 * What a term was handling alone is forgotten: at worst a command that ends workers ends two more.
 */

import { streamInfo } from "../stream-questions.ts";
import { RepartitionRefused, type Step, store } from "./deps.ts";

const NAME = "repartition";

export async function writeTerms(step: Step): Promise<void> {
  const { api, names, change } = step;
  const bucket = names.buckets.state;
  const info = await streamInfo(api, names.keys.stream(bucket));
  if (info === null) throw new RepartitionRefused(`${bucket} is gone; restore it first`);
  const term = info.state.last_seq;
  const subjectOf = (partition: number): string =>
    names.keys.subject(bucket, names.keys.term.build({ partition }));
  const all = Array.from({ length: Math.max(change.from, change.to) }, (_, partition) => partition);
  await Promise.all(
    all.map((partition) => {
      const data = JSON.stringify({ v: 1, term, worker: NAME, suspect: null });
      return store(step, { subject: subjectOf(partition), data, headers: "" });
    }),
  );
}
