/**
 * The metrics, one definition each: name, unit in the help, labels. Counters are moved by telemetry.ts from signals; gauges are read
 * when somebody scrapes, from the probes that the worker hands in, so that they cannot drift from what they describe. No label ever
 * holds a schedule id; what values a label may take, label.ts bounds. Where the values are known beforehand the counters begin at 0: a
 * rate does not see the step from nothing to 1, and that is the one that an alert is for.
 */

import type { TriggerType } from "@carillon/contracts";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { LEASE_FAILURES } from "../../app/signals.ts";
import { MISS_REASON_BY_POLICY, SKIP_REASONS } from "../../domain/misfire.ts";
import { REFUSAL_REASONS } from "../../domain/settle.ts";
import { words } from "./label.ts";
import { type Probes, watchProbes } from "./probes.ts";

export type Metrics = ReturnType<typeof createMetrics>;

/** 1 ms to 300 s: what lies beyond counts in the last, open bucket. */
const SECONDS_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

const TYPES = Object.keys({
  cron: true,
  rrule: true,
  interval: true,
  delay: true,
  at: true,
  immediate: true,
  manual: true,
} satisfies Record<TriggerType, true>);

const MISS_REASONS = Object.values(MISS_REASON_BY_POLICY);

export function createMetrics({ nodeMetrics = true }: { nodeMetrics?: boolean } = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (nodeMetrics) collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter<Label>({ name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram<Label>({ name, help, labelNames, registers, buckets: SECONDS_BUCKETS });
  const metrics = {
    executions: counter(
      "schedule_executions_total",
      "Executions by how they ended: dispatched or failed (count).",
      ["schedule_type", "status"],
    ),
    executionDuration: histogram(
      "schedule_execution_duration_seconds",
      "From the claim of an execution to the end of its attempt (seconds).",
      ["schedule_type"],
    ),
    fireLag: histogram(
      "schedule_fire_lag_seconds",
      "From the instant at which an occurrence was due to its dispatch (seconds).",
      [],
    ),
    misfires: counter("schedule_misfires_total", "Occurrences missed, by reason (count).", ["reason"]),
    skips: counter("schedule_skips_total", "Occurrences skipped, by reason (count).", ["reason"]),
    retries: counter("schedule_retries_total", "Further attempts planned, by reason (count).", ["reason"]),
    deadLetters: counter("schedule_dead_letters_total", "Executions put among the dead letters (count).", []),
    leasesAcquired: counter("distributed_locks_acquired_total", "Leases acquired (count).", ["backend"]),
    leasesLost: counter("distributed_locks_lost_total", "Leases lost before they were given up (count).", [
      "backend",
    ]),
    leaseFailures: counter(
      "distributed_lock_failures_total",
      "Attempts at a lease that failed, by reason (count).",
      ["backend", "reason"],
    ),
    leaseDuration: histogram(
      "distributed_lock_acquire_duration_seconds",
      "From asking for a lease to having it (seconds).",
      ["backend"],
    ),
    commands: counter(
      "scheduler_commands_total",
      "Commands by verb and result: accepted, unchanged, repeated, dry_run, or the code of the refusal (count).",
      ["verb", "result"],
    ),
    recordsUnreadable: counter(
      "scheduler_records_unreadable_total",
      "Stored records that could not be used: set aside, or their schedule disabled (count).",
      [],
    ),
    buildInfo: new Gauge({
      name: "scheduler_build_info",
      help: "Always 1; the versions are in the labels.",
      labelNames: ["version", "nats_server"],
      registers,
    }),
    /** Bounded values of labels. */
    label: {
      type: words(TYPES),
      reason: words([...MISS_REASONS, ...SKIP_REASONS, ...REFUSAL_REASONS]),
      backend: words(),
    },
    /** Leases are kept there: their counters begin. */
    leasesIn: (backend: string): void => {
      metrics.leasesAcquired.inc({ backend }, 0);
      metrics.leasesLost.inc({ backend }, 0);
      for (const reason of LEASE_FAILURES) metrics.leaseFailures.inc({ backend, reason }, 0);
      metrics.leaseDuration.zero({ backend });
    },
    /** Reads the gauges from the worker from now on. */
    watch: (probes: Probes): void => watchProbes(registry, probes),
    contentType: registry.contentType,
    /** The exposition format; resolves within PROBE_PATIENCE_MS even where a probe does not answer. */
    text: (): Promise<string> => registry.metrics(),
    names: (): string[] => registry.getMetricsAsArray().map(({ name }) => name),
  };
  for (const schedule_type of TYPES) {
    for (const status of ["dispatched", "failed"]) metrics.executions.inc({ schedule_type, status }, 0);
  }
  for (const reason of MISS_REASONS) metrics.misfires.inc({ reason }, 0);
  for (const reason of SKIP_REASONS) metrics.skips.inc({ reason }, 0);
  for (const reason of REFUSAL_REASONS) metrics.retries.inc({ reason }, 0);
  return metrics;
}
