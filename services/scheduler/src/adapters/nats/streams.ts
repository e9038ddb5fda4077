/**
 * Every stream and bucket that Carillon declares, as data. Retention, transforms and windows are what its
 * correctness rests on; replicas, ages and sizes are a beginning that operators may change.
 */

import type { Names } from "@carillon/contracts";
import type { StreamConfig } from "@nats-io/jetstream";

/** A stream as it is asked for; fields left out are the server's defaults. */
export type StreamSpec = Partial<StreamConfig> & { name: string };

export interface StreamSettings {
  partitions: number;
  /** Of every stream and bucket, 1 to 5. */
  replicas: number;
  executionRetentionDays: number;
  auditRetentionDays: number;
  /** Bytes of the stream of execution events; null: no bound. */
  eventsMaxBytes: number | null;
  /** A stream that already captures the commands, and from which the inbox sources; null: the inbox captures them. */
  commandsFrom: string | null;
}

const NANOS_PER_SECOND = 1_000_000_000;
const minutes = (count: number): number => count * 60 * NANOS_PER_SECOND;
const days = (count: number): number => count * 86_400 * NANOS_PER_SECOND;

/** Within it JetStream drops a repeated message id. Repairs count on half of it. */
export const DUPLICATE_WINDOW_NANOS = minutes(10);
/** Captured target commands are kept so long; longer than the window, or the window would forget. */
const TARGETS_AGE_NANOS = days(1);
/** Dead letters wait for people. */
const DEAD_LETTERS_AGE_NANOS = days(90);
/** Versions of a definition that `versions` and `rollback` can see, with tombstones. */
const SCHEDULES_HISTORY = 20;
/** A server's mark of an expired key stays so long for watchers that were away. */
const EXPIRY_MARKER_NANOS = 10 * NANOS_PER_SECOND;

/** All but the stream of captured targets, which exists only where something is captured. */
export function streamSpecs(names: Names, settings: StreamSettings): StreamSpec[] {
  const { streams, buckets } = names;
  const common: Partial<StreamConfig> = { storage: "file", num_replicas: settings.replicas };
  const events: Partial<StreamConfig> = {
    ...common,
    retention: "limits",
    discard: "old",
    duplicate_window: DUPLICATE_WINDOW_NANOS,
  };
  return [
    commandsSpec(names, settings, common),
    {
      ...events,
      name: streams.executions,
      subjects: [names.executionEvents],
      max_age: days(settings.executionRetentionDays),
      ...(settings.eventsMaxBytes === null ? {} : { max_bytes: settings.eventsMaxBytes }),
    },
    {
      ...events,
      name: streams.audit,
      subjects: [...names.auditEvents],
      max_age: days(settings.auditRetentionDays),
    },
    {
      ...events,
      name: streams.deadLetters,
      subjects: [names.deadLetter.pattern],
      max_age: DEAD_LETTERS_AGE_NANOS,
    },
    bucketSpec(names, buckets.schedules, { ...common, max_msgs_per_subject: SCHEDULES_HISTORY }),
    bucketSpec(names, buckets.state, common),
    bucketSpec(names, buckets.leases, { ...common, subject_delete_marker_ttl: EXPIRY_MARKER_NANOS }),
    bucketSpec(names, buckets.workers, { ...common, subject_delete_marker_ttl: EXPIRY_MARKER_NANOS }),
  ];
}

/** The stream of captured target commands. */
export function targetsSpec(names: Names, subjects: readonly string[], replicas: number): StreamSpec {
  return {
    name: names.streams.targets,
    subjects: [...subjects],
    retention: "limits",
    discard: "old",
    storage: "file",
    num_replicas: replicas,
    max_age: TARGETS_AGE_NANOS,
    duplicate_window: DUPLICATE_WINDOW_NANOS,
  };
}

function commandsSpec(names: Names, settings: StreamSettings, common: Partial<StreamConfig>): StreamSpec {
  const { commandsFrom, partitions } = settings;
  const from: Partial<StreamConfig> =
    commandsFrom === null
      ? { subjects: [names.allCommands] }
      : { sources: [{ name: commandsFrom, filter_subject: names.allCommands }] };
  return {
    ...common,
    ...from,
    name: names.streams.commands,
    retention: "workqueue",
    discard: "new",
    subject_transform: names.inboxTransform(partitions),
    duplicate_window: DUPLICATE_WINDOW_NANOS,
  };
}

/** A bucket as KV clients know it. Time to live is a matter of single messages, never of the bucket. */
function bucketSpec(names: Names, bucket: string, more: Partial<StreamConfig>): StreamSpec {
  return {
    name: names.keys.stream(bucket),
    subjects: [names.keys.subject(bucket, ">")],
    retention: "limits",
    discard: "new",
    max_msgs_per_subject: 1,
    max_age: 0,
    allow_rollup_hdrs: true,
    allow_direct: true,
    deny_delete: true,
    allow_msg_ttl: true,
    ...more,
  };
}
