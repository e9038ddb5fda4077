import { describe, expect, it } from "vitest";
import type { Gauges } from "../../app/signals.ts";
import { createMetrics } from "./metrics.ts";
import type { Probes } from "./probes.ts";

/** The documented metrics, as far as what they describe exists. */
const DOCUMENTED = [
  "schedules_total",
  "schedule_executions_total",
  "schedule_executions_running",
  "schedule_oldest_overdue_seconds",
  "schedule_execution_duration_seconds",
  "schedule_fire_lag_seconds",
  "schedule_misfires_total",
  "schedule_skips_total",
  "schedule_retries_total",
  "schedule_dead_letters_total",
  "distributed_locks_acquired_total",
  "distributed_locks_lost_total",
  "distributed_lock_failures_total",
  "distributed_lock_acquire_duration_seconds",
  "scheduler_partitions",
  "scheduler_partitions_owned",
  "scheduler_partitions_unowned",
  "scheduler_commands_total",
  "scheduler_worker_differences",
  "scheduler_due_backlog",
  "scheduler_next_due_timestamp_seconds",
  "scheduler_inbox_pending",
  "scheduler_publish_inflight",
  "scheduler_clock_skew_seconds",
  "scheduler_stream_used_ratio",
  "scheduler_streams_unfit",
  "scheduler_records_unreadable_total",
  "scheduler_build_info",
];

const gauges: Gauges = {
  partitionsTotal: 32,
  partitionsOwned: 30,
  partitionsUnowned: 2,
  role: "active",
  differences: ["version"],
  schedules: new Map([["cron active", 3]]),
  dueBacklog: 2,
  oldestOverdueMs: 1_500,
  nextDueAt: 1_700_000_000_500,
  publishInflight: 4,
  running: new Map([["cron", 1]]),
};

const probes = (changed: Partial<Probes> = {}): Probes => ({
  gauges: () => gauges,
  inboxPending: async () => 5,
  clockSkewSeconds: () => -0.25,
  streamUsedRatios: async () => new Map([["SCHEDULER_COMMANDS", 0.5]]),
  streamsUnfit: () => 0,
  ...changed,
});

const linesOf = async (given: Probes): Promise<string[]> => {
  const metrics = createMetrics({ nodeMetrics: false });
  metrics.watch(given);
  return (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
};

describe("the metrics", () => {
  it("are the documented ones, and Node's own", () => {
    const own = createMetrics({ nodeMetrics: false });
    own.watch(probes());
    expect(own.names().toSorted()).toEqual(DOCUMENTED.toSorted());
    expect(createMetrics().names()).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("never carry a schedule's id in a label", async () => {
    const text = (await linesOf(probes())).join("\n");
    expect(text).not.toMatch(/schedule_?id/i);
  });
});

describe("counters", () => {
  it("begin at zero, so that the first step is seen", async () => {
    const metrics = createMetrics({ nodeMetrics: false });
    metrics.leasesIn("nats");
    const text = await metrics.text();
    for (const sample of [
      'schedule_executions_total{schedule_type="rrule",status="failed"} 0',
      'schedule_misfires_total{reason="misfire_grace"} 0',
      'schedule_skips_total{reason="target_denied"} 0',
      'schedule_retries_total{reason="no_stream"} 0',
      "schedule_dead_letters_total 0",
      "schedule_fire_lag_seconds_count 0",
      'distributed_locks_acquired_total{backend="nats"} 0',
      'distributed_locks_lost_total{backend="nats"} 0',
      'distributed_lock_failures_total{backend="nats",reason="unreachable"} 0',
      'distributed_lock_acquire_duration_seconds_count{backend="nats"} 0',
    ]) {
      expect(text.split("\n")).toContain(sample);
    }
  });
});

describe("gauges", () => {
  it("say at scrape time what the worker is doing", async () => {
    const lines = await linesOf(probes());
    expect(lines).toEqual(
      expect.arrayContaining([
        'schedules_total{type="cron",status="active"} 3',
        'schedule_executions_running{schedule_type="cron"} 1',
        "schedule_oldest_overdue_seconds 1.5",
        "scheduler_partitions 32",
        "scheduler_partitions_owned 30",
        "scheduler_partitions_unowned 2",
        "scheduler_due_backlog 2",
        "scheduler_next_due_timestamp_seconds 1700000000.5",
        "scheduler_publish_inflight 4",
        "scheduler_inbox_pending 5",
        "scheduler_clock_skew_seconds -0.25",
        'scheduler_stream_used_ratio{stream="SCHEDULER_COMMANDS"} 0.5',
      ]),
    );
  });

  it("have no sample where nothing is known, rather than a zero", async () => {
    const lines = await linesOf(
      probes({
        gauges: () => ({ ...gauges, nextDueAt: null }),
        inboxPending: () => Promise.reject(new Error("no responders")),
        clockSkewSeconds: () => null,
      }),
    );
    expect(lines.filter((line) => /next_due|inbox_pending|clock_skew/.test(line))).toEqual([]);
  });

  it("show each setting that workers should share, and which of them differs", async () => {
    const lines = await linesOf(probes());
    expect(lines).toContain('scheduler_worker_differences{setting="version"} 1');
    expect(lines).toContain('scheduler_worker_differences{setting="tenantsFile"} 0');
  });
});
