/**
 * From a signal to its log line and its metrics: one table, one row a kind. Whoever adds a kind to the signals is told by the
 * compiler to add its row here. Levels by reader: error = wake someone, warn = look tomorrow, info = the service changed state,
 * debug = one line per occurrence.
 */

import type { Signal, Tell, Where } from "../../app/signals.ts";
import { formatInstant } from "../../domain/instant.ts";
import { codeLabel, verbLabel } from "./label.ts";
import type { Fields, Level, Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

type SignalOf = { [One in Signal as One["kind"]]: One };

interface Row<One> {
  readonly level: Level | ((signal: One) => Level);
  /** What happened, in the same words each time; what is particular stands in the fields. */
  readonly line: string;
  fields?(signal: One): Fields;
  count?(metrics: Metrics, signal: One): void;
}

type Rows = { readonly [Kind in keyof SignalOf]: Row<SignalOf[Kind]> };

const SECOND_MS = 1_000;

const place = ({ tenant, scheduleId, traceparent }: Where): Fields => ({
  tenant,
  scheduleId,
  ...(traceparent === undefined ? {} : { traceparent }),
});

const ROWS: Rows = {
  "worker.configured": { level: "info", line: "configuration", fields: ({ settings }) => ({ settings }) },
  "health.listening": {
    level: "info",
    line: "health and metrics are served",
    fields: ({ address }) => ({ address }),
  },
  "worker.started": {
    level: "info",
    line: "worker started",
    fields: ({ worker, natsServer, tzdata }) => ({ worker, natsServer, tzdata }),
    count: ({ buildInfo }, { version, natsServer }) => {
      buildInfo.reset();
      buildInfo.set({ version, nats_server: natsServer }, 1);
    },
  },
  "worker.stopping": { level: "info", line: "worker is stopping", fields: ({ reason }) => ({ reason }) },
  "worker.stopped": { level: "info", line: "worker stopped" },
  "worker.standby": {
    level: "info",
    line: "no partition is wanted of this worker; standing by",
    fields: ({ worker }) => ({ worker }),
  },
  "workers.differ": {
    level: ({ fields }) => (fields.length > 0 ? "warn" : "info"),
    line: "settings in which workers differ",
    fields: ({ fields }) => ({ lines: fields }),
  },
  "lease.acquired": {
    level: "debug",
    line: "lease acquired",
    fields: ({ backend, name, tookMs }) => ({ backend, lease: name, tookMs }),
    count: ({ leasesAcquired, leaseDuration, label }, { backend, tookMs }) => {
      leasesAcquired.inc({ backend: label.backend(backend) });
      leaseDuration.observe({ backend: label.backend(backend) }, tookMs / SECOND_MS);
    },
  },
  "lease.lost": {
    level: "warn",
    line: "lease lost; another worker may take over",
    fields: ({ backend, name, reason }) => ({ backend, lease: name, reason }),
    count: ({ leasesLost, label }, { backend }) => leasesLost.inc({ backend: label.backend(backend) }),
  },
  "lease.failed": {
    level: "debug",
    line: "lease not acquired",
    fields: ({ backend, reason }) => ({ backend, reason }),
    count: ({ leaseFailures, label }, { backend, reason }) =>
      leaseFailures.inc({ backend: label.backend(backend), reason }),
  },
  "takeover.done": {
    level: "info",
    line: "partitions taken over",
    fields: ({ partitions, schedules, tookMs }) => ({ partitions: partitions.length, schedules, tookMs }),
  },
  "takeover.refused": {
    level: "error",
    line: "partitions cannot be taken over; nothing fires",
    fields: ({ message }) => ({ detail: message }),
  },
  "streams.unfit": {
    level: "error",
    line: "streams or buckets are gone or changed",
    fields: ({ faults }) => ({ lines: faults }),
  },
  "streams.fit": { level: "info", line: "streams and buckets are as they should be again" },
  "partition.closed": {
    level: "info",
    line: "partition given up",
    fields: ({ partition, reason }) => ({ partition, reason }),
  },
  "command.accepted": {
    level: "debug",
    line: "command accepted",
    fields: ({ where, verb, commandId, actor, result }) => ({
      ...place(where),
      verb,
      commandId,
      actor,
      result,
    }),
    count: ({ commands }, { verb, result }) => commands.inc({ verb: verbLabel(verb), result }),
  },
  "command.rejected": {
    level: "debug",
    line: "command rejected",
    fields: ({ where, verb, commandId, actor, code }) => ({ ...place(where), verb, commandId, actor, code }),
    count: ({ commands }, { verb, code }) => commands.inc({ verb: verbLabel(verb), result: codeLabel(code) }),
  },
  "execution.fired": {
    level: "debug",
    line: "execution dispatched",
    fields: ({ where, executionId, scheduleType, attempt, lagMs, durationMs, duplicate }) => ({
      ...place(where),
      executionId,
      scheduleType,
      attempt,
      lagMs,
      durationMs,
      duplicate,
    }),
    count: ({ executions, fireLag, executionDuration, label }, { scheduleType, lagMs, durationMs }) => {
      const type = label.type(scheduleType);
      executions.inc({ schedule_type: type, status: "dispatched" });
      fireLag.observe(lagMs / SECOND_MS);
      executionDuration.observe({ schedule_type: type }, durationMs / SECOND_MS);
    },
  },
  "execution.retrying": {
    level: "debug",
    line: "execution will be tried again",
    fields: ({ where, executionId, scheduleType, attempt, reason, retryAt }) => ({
      ...place(where),
      executionId,
      scheduleType,
      attempt,
      reason,
      retryAt: formatInstant(retryAt),
    }),
    count: ({ retries, label }, { reason }) => retries.inc({ reason: label.reason(reason) }),
  },
  "execution.failed": {
    level: "debug",
    line: "execution failed; no attempts are left",
    fields: ({ where, executionId, scheduleType, attempt, reason }) => ({
      ...place(where),
      executionId,
      scheduleType,
      attempt,
      reason,
    }),
    count: ({ executions, label }, { scheduleType }) =>
      executions.inc({ schedule_type: label.type(scheduleType), status: "failed" }),
  },
  "execution.dead_lettered": {
    level: "warn",
    line: "execution put among the dead letters",
    fields: ({ where, executionId }) => ({ ...place(where), executionId }),
    count: ({ deadLetters }) => deadLetters.inc(),
  },
  "execution.missed": {
    level: "debug",
    line: "occurrences missed",
    fields: ({ where, scheduleType, reason, count }) => ({ ...place(where), scheduleType, reason, count }),
    count: ({ misfires, label }, { reason, count }) => misfires.inc({ reason: label.reason(reason) }, count),
  },
  "execution.skipped": {
    level: "debug",
    line: "occurrences skipped",
    fields: ({ where, scheduleType, reason, count }) => ({ ...place(where), scheduleType, reason, count }),
    count: ({ skips, label }, { reason, count }) => skips.inc({ reason: label.reason(reason) }, count),
  },
  "record.unreadable": {
    level: "error",
    line: "a stored record cannot be read; it is set aside",
    fields: ({ bucket, key, message }) => ({ bucket, key, detail: message }),
    count: ({ recordsUnreadable }) => recordsUnreadable.inc(),
  },
  "schedule.broken": {
    level: "error",
    line: "a stored definition no longer compiles; its schedule is disabled",
    fields: ({ where, code, message }) => ({ ...place(where), code, detail: message }),
    count: ({ recordsUnreadable }) => recordsUnreadable.inc(),
  },
  "clock.jumped": { level: "warn", line: "the wall clock jumped", fields: ({ byMs }) => ({ byMs }) },
  "nats.status": {
    level: ({ status }) => (/^(connect|reconnect|ldm|close)/.test(status) ? "info" : "warn"),
    line: "connection to NATS",
    fields: ({ status, detail }) => ({ status, detail }),
  },
  "redis.status": {
    level: ({ status }) => (status === "connect" ? "info" : "warn"),
    line: "connection to Redis",
    fields: ({ status, detail }) => ({ status, detail }),
  },
  "tenants.reloaded": {
    level: "info",
    line: "tenants file in force",
    fields: ({ tenants, warnings }) => ({ tenants, lines: warnings }),
  },
  "tenants.refused": {
    level: "warn",
    line: "tenants file refused; the former one stays in force",
    fields: ({ faults }) => ({ lines: faults }),
  },
  warning: { level: "warn", line: "warning", fields: ({ message }) => ({ detail: message }) },
  bug: {
    level: "error",
    line: "a bug; please report it with this line",
    fields: ({ error }) => ({ detail: error.message, stack: stackOf(error) }),
  },
};

/** How many causes of an error are followed. */
const CAUSES_MAX = 5;

function stackOf(error: Error): string {
  const stacks: string[] = [];
  for (
    let cause: unknown = error;
    cause instanceof Error && stacks.length < CAUSES_MAX;
    cause = cause.cause
  ) {
    stacks.push(cause.stack ?? String(cause));
  }
  return stacks.join("\ncaused by ");
}

/** Tells operators: log and metrics. Never throws, since it is called in the middle of everything. */
export function telemetry({ log, metrics }: { log: Log; metrics: Metrics }): Tell {
  const tell = <Kind extends keyof SignalOf>(kind: Kind, signal: SignalOf[Kind]): void => {
    const row: Row<SignalOf[Kind]> = ROWS[kind];
    row.count?.(metrics, signal);
    const level = typeof row.level === "string" ? row.level : row.level(signal);
    if (log.enabled(level)) log.write(level, row.line, row.fields?.(signal) ?? {});
  };
  return (signal) => tell(signal.kind, signal);
}
