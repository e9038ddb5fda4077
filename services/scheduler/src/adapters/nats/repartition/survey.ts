/** Which keys there are, and what each stands for. Looks at subjects and headers only. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { Bucket } from "../../../app/ports.ts";
import { type Place, type Standing, standingOf } from "../../../domain/repartition.ts";
import { heardHeaders } from "../heard-headers.ts";
import { readToEnd } from "../push-reader.ts";
import { lastMessage, streamInfo } from "../stream-questions.ts";
import { RepartitionRefused, type Step } from "./deps.ts";

export interface Found {
  key: string;
  place: Place | null;
  standing: Standing;
  /** Of its last message. */
  revision: number;
}

export interface Survey {
  found: readonly Found[];
  /** Of the bucket, as it was when the look began. */
  info: StreamInfo;
}

export async function survey(step: Step, bucket: Bucket): Promise<Survey> {
  const { api, names, change } = step;
  const { keys, buckets } = names;
  const stream = keys.stream(buckets[bucket]);
  const prefix = keys.subject(buckets[bucket], "");
  const info = await streamInfo(api, stream);
  if (info === null) throw new RepartitionRefused(`${stream} is gone; restore it first`);
  const found = new Map<string, Found>();
  await readToEnd(step, {
    stream,
    consumer: { deliver_policy: "last_per_subject", filter_subjects: [`${prefix}>`], headers_only: true },
    lastSequence: async () => (await lastMessage(api, stream, `${prefix}>`))?.seq ?? 0,
    each: (message, { streamSequence: revision }) => {
      const key = message.subject.slice(prefix.length);
      if (heardHeaders(message).get("KV-Operation") !== null) found.delete(key);
      else if (key !== keys.installation && keys.term.parse(key) === null) {
        const place = keys.schedule.parse(key);
        found.set(key, {
          key,
          place,
          standing: place === null ? "stray" : standingOf(place, change),
          revision,
        });
      }
      return undefined;
    },
    restarted: () => found.clear(),
  });
  return { found: [...found.values()], info };
}

export const having = (standing: Standing, { found }: Survey): readonly Found[] =>
  found.filter((one) => one.standing === standing);
