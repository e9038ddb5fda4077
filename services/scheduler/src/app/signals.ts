/**
 * What the application tells operators: one signal per fact, as a value. `adapters/ops/telemetry.ts` turns it into a log line, a
 * metric and its labels; nothing else logs or counts. Signals never hold payloads or header values.
 */

import type { WorkerRole, WorkerSettings } from "@carillon/contracts";
import type { EpochMs } from "../domain/instant.ts";

export interface Where {
  tenant: string;
  scheduleId: string;
  /** W3C trace context of the command concerned; absent: none. */
  traceparent?: string;
}

/** Another worker has it; nobody answered; whoever has it is ahead of us. */
export const LEASE_FAILURES = ["held", "unreachable", "fenced"] as const;
export type LeaseFailure = (typeof LEASE_FAILURES)[number];

export type Signal =
  | { kind: "worker.configured"; settings: Readonly<Record<string, string | number>> }
  | { kind: "health.listening"; address: string }
  | { kind: "worker.started"; worker: string; version: string; natsServer: string; tzdata: string }
  | { kind: "worker.stopping"; reason: string }
  | { kind: "worker.stopped" }
  | { kind: "worker.standby"; worker: string }
  /** Empty: they are all alike again. */
  | { kind: "workers.differ"; fields: readonly (keyof WorkerSettings)[] }
  | { kind: "lease.acquired"; backend: string; name: string; tookMs: number }
  | { kind: "lease.lost"; backend: string; name: string; reason: string }
  | { kind: "lease.failed"; backend: string; reason: LeaseFailure }
  | { kind: "takeover.done"; partitions: readonly number[]; schedules: number; tookMs: number }
  | { kind: "takeover.refused"; message: string }
  | { kind: "streams.unfit"; faults: readonly string[] }
  | { kind: "streams.fit" }
  | { kind: "partition.closed"; partition: number; reason: string }
  | {
      kind: "command.accepted";
      where: Where;
      verb: string;
      commandId: string;
      actor: string;
      result: "accepted" | "unchanged" | "repeated" | "dry_run";
    }
  | { kind: "command.rejected"; where: Where; verb: string; commandId: string; actor: string; code: string }
  | {
      kind: "execution.fired";
      where: Where;
      executionId: string;
      scheduleType: string;
      attempt: number;
      lagMs: number;
      durationMs: number;
      duplicate: boolean;
    }
  | {
      kind: "execution.retrying";
      where: Where;
      executionId: string;
      scheduleType: string;
      attempt: number;
      reason: string;
      retryAt: EpochMs;
    }
  | {
      kind: "execution.failed";
      where: Where;
      executionId: string;
      scheduleType: string;
      attempt: number;
      reason: string;
    }
  | { kind: "execution.missed"; where: Where; scheduleType: string; reason: string; count: number }
  | { kind: "execution.skipped"; where: Where; scheduleType: string; reason: string; count: number }
  | { kind: "execution.dead_lettered"; where: Where; executionId: string }
  | { kind: "record.unreadable"; bucket: string; key: string; message: string }
  | { kind: "schedule.broken"; where: Where; code: string; message: string }
  | { kind: "clock.jumped"; byMs: number }
  | { kind: "nats.status"; status: string; detail: string }
  | { kind: "redis.status"; status: string; detail: string }
  | { kind: "tenants.reloaded"; tenants: number; warnings: readonly string[] }
  | { kind: "tenants.refused"; faults: readonly string[] }
  | { kind: "warning"; message: string }
  | { kind: "bug"; error: Error };

export type Tell = (signal: Signal) => void;

/** Of whatever was thrown where nothing should be: the signal for those who mend it. */
export const bugOf = (thrown: unknown): Signal => ({
  kind: "bug",
  error: thrown instanceof Error ? thrown : new Error(String(thrown)),
});

/** What the owner of partitions is doing now; read by health, readiness and metrics when asked. */
export interface Gauges {
  partitionsTotal: number;
  /** Those that this worker may speak for. */
  partitionsOwned: number;
  /** Those that nobody is known to hold. */
  partitionsUnowned: number;
  role: WorkerRole;
  /** Settings in which workers differ that should be the same for all. */
  differences: readonly (keyof WorkerSettings)[];
  schedules: ReadonlyMap<string /* `${type} ${status}` */, number>;
  dueBacklog: number;
  oldestOverdueMs: number;
  nextDueAt: EpochMs | null;
  publishInflight: number;
  running: ReadonlyMap<string /* schedule type */, number>;
}
