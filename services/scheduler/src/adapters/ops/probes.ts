/**
 * Gauges: what the worker is doing now, asked at scrape time. A probe that does not know, fails or does not answer in time leaves its
 * sample out; a made-up zero would look like good news.
 */

import { Gauge, type Registry } from "prom-client";
import type { Gauges } from "../../app/signals.ts";

export interface Probes {
  gauges(): Gauges;
  /** Messages in the inbox that nobody has acknowledged; null: not known. */
  inboxPending(): Promise<number | null>;
  /** This machine's clock less the server's, seconds; null: not known. */
  clockSkewSeconds(): number | null;
  /** Bytes used of `max_bytes` by stream, 0 to 1; streams without a limit are left out. */
  streamUsedRatios(): Promise<ReadonlyMap<string, number>>;
  streamsUnfit(): number;
}

/** How long a scrape waits for a probe; after that its sample is left out. */
const PROBE_PATIENCE_MS = 1_000;

/** A sample: its labels and its value. */
type Samples = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

const WORKER_SETTINGS = ["version", "tenantsFile", "partitions", "leases", "tzdata"] as const;

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  samples(probes: Probes): Samples | Promise<Samples>;
}

const one = (value: number | null): Samples => (value === null ? [] : [[{}, value]]);

const DEFINITIONS: readonly Definition[] = [
  {
    name: "schedules_total",
    help: "Schedules held by this worker, by type and status (count).",
    labelNames: ["type", "status"],
    samples: (probes) =>
      [...probes.gauges().schedules].map(([key, count]) => {
        const [type = "", status = ""] = key.split(" ");
        return [{ type, status }, count];
      }),
  },
  {
    name: "schedule_executions_running",
    help: "Executions on their way (count).",
    labelNames: ["schedule_type"],
    samples: (probes) =>
      [...probes.gauges().running].map(([type, count]) => [{ schedule_type: type }, count]),
  },
  {
    name: "schedule_oldest_overdue_seconds",
    help: "How long the oldest occurrence that is due has waited (seconds).",
    samples: (probes) => one(probes.gauges().oldestOverdueMs / 1000),
  },
  {
    name: "scheduler_partitions",
    help: "Partitions of the installation (count).",
    samples: (probes) => one(probes.gauges().partitionsTotal),
  },
  {
    name: "scheduler_partitions_owned",
    help: "Partitions that this worker holds (count).",
    samples: (probes) => one(probes.gauges().partitionsOwned),
  },
  {
    name: "scheduler_partitions_unowned",
    help: "Partitions that nobody is known to hold (count); all workers show the same.",
    samples: (probes) => one(probes.gauges().partitionsUnowned),
  },
  {
    name: "scheduler_worker_differences",
    help: "1 where this worker differs from another one in a setting that should be the same for all, else 0.",
    labelNames: ["setting"],
    samples: (probes) => {
      const { differences } = probes.gauges();
      return WORKER_SETTINGS.map((setting) => [{ setting }, differences.includes(setting) ? 1 : 0]);
    },
  },
  {
    name: "scheduler_due_backlog",
    help: "Schedules that are due and not yet taken (count).",
    samples: (probes) => one(probes.gauges().dueBacklog),
  },
  {
    name: "scheduler_next_due_timestamp_seconds",
    help: "When the next schedule is due (Unix time, seconds); absent: none.",
    samples: (probes) => {
      const { nextDueAt } = probes.gauges();
      return one(nextDueAt === null ? null : nextDueAt / 1000);
    },
  },
  {
    name: "scheduler_publish_inflight",
    help: "Publishes that wait for their acknowledgement (count).",
    samples: (probes) => one(probes.gauges().publishInflight),
  },
  {
    name: "scheduler_inbox_pending",
    help: "Commands in the inbox that nobody has acknowledged (count).",
    samples: async (probes) => one(await probes.inboxPending()),
  },
  {
    name: "scheduler_clock_skew_seconds",
    help: "This machine's clock less the NATS server's (seconds).",
    samples: (probes) => one(probes.clockSkewSeconds()),
  },
  {
    name: "scheduler_streams_unfit",
    help: "Streams and buckets that are gone, were made anew, or were changed so that workers would not start (count).",
    samples: (probes) => one(probes.streamsUnfit()),
  },
  {
    name: "scheduler_stream_used_ratio",
    help: "Bytes used of a stream's limit (0 to 1); streams without a limit are left out.",
    labelNames: ["stream"],
    samples: async (probes) =>
      [...(await probes.streamUsedRatios())].map(([stream, ratio]) => [{ stream }, ratio]),
  },
];

export function watchProbes(registry: Registry, probes: Probes): void {
  for (const { name, help, labelNames = [], samples } of DEFINITIONS) {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        if (labelNames.length === 0) this.remove();
        for (const [labels, value] of await inTime(async () => samples(probes))) this.set(labels, value);
      },
    });
  }
}

/** No samples where they do not come in time or fail; the failure itself is told by whoever owns the connection. */
async function inTime(ask: () => Promise<Samples>): Promise<Samples> {
  const { promise: late, resolve } = Promise.withResolvers<Samples>();
  const timer = setTimeout(() => resolve([]), PROBE_PATIENCE_MS);
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
