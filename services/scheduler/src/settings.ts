/** The configuration as each part wants it. */

import type { Names } from "@carillon/contracts";
import type { ConnectionSettings } from "./adapters/nats/connection.ts";
import type { PortsSettings } from "./adapters/nats/ports.ts";
import type { Config } from "./config.ts";
import type { Defaults } from "./domain/definition.ts";

const DAY_MS = 86_400_000;

/** First token of every subject on which this installation's workers get answers. */
const inboxPrefixOf = (names: Names): string => `_INBOX_${names.installation}`;

export const connectionOf = (config: Config, names: Names, worker: string): ConnectionSettings => ({
  ...config.nats,
  name: `${config.serviceName} ${worker}`,
  inboxPrefix: inboxPrefixOf(names),
});

export const topologyOf = (config: Config, names: Names, captures: readonly string[]): PortsSettings => ({
  partitions: config.partitions,
  replicas: config.jetstreamReplicas,
  executionRetentionDays: config.executionRetentionMs / DAY_MS,
  auditRetentionDays: config.auditRetentionMs / DAY_MS,
  eventsMaxBytes: config.eventsMaxBytes,
  commandsFrom: config.commandsFrom,
  leases: config.leases.backend,
  captures,
  poolSize: config.publishesInflightMax,
  inboxPrefix: inboxPrefixOf(names),
});

export const defaultsOf = (config: Config): Defaults => ({
  timezone: config.timezone,
  graceSeconds: config.misfireGraceSeconds,
  maxConcurrent: config.maxConcurrent,
  maxAttempts: config.retryMaxAttempts,
  retryDelaySeconds: config.retryInitialDelaySeconds,
  keepSeconds: config.completedKeepSeconds,
  lookaheadMs: config.lookaheadMaxMs,
});
