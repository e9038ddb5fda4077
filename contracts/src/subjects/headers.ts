/*
 * Names of headers. Control headers come with commands; fire headers go with the target's command; the
 * NATS ones are the server's own.
 */

export const CONTROL_HEADERS = {
  /** Who; claimed, not proven. Unset: ANONYMOUS. */
  actor: "Scheduler-Actor",
  reason: "Scheduler-Reason",
  expectedVersion: "Scheduler-Expected-Version",
  /** `true`: decide and answer, commit nothing. */
  dryRun: "Scheduler-Dry-Run",
  /** Durable commands: where the outcome is published too. */
  replyTo: "Scheduler-Reply-To",
  /** The command id of an rpc on its way through the inbox, where the server must not drop repeats. */
  commandId: "Scheduler-Command-Id",
} as const;

export const FIRE_HEADERS = {
  tenant: "Scheduler-Tenant",
  scheduleId: "Scheduler-Schedule-Id",
  executionId: "Scheduler-Execution-Id",
  attempt: "Scheduler-Attempt",
  nominalAt: "Scheduler-Nominal-At",
  dueAt: "Scheduler-Due-At",
  previousAt: "Scheduler-Previous-At",
  nextAt: "Scheduler-Next-At",
  cause: "Scheduler-Cause",
  reportTo: "Scheduler-Report-To",
} as const;

export const NATS_HEADERS = {
  messageId: "Nats-Msg-Id",
  ttl: "Nats-TTL",
  expectedLastSubjectSequence: "Nats-Expected-Last-Subject-Sequence",
  serviceErrorCode: "Nats-Service-Error-Code",
  serviceError: "Nats-Service-Error",
  contentType: "content-type",
  traceparent: "traceparent",
} as const;

/** Of messages that were stored anew when the installation got another number of partitions. */
export const MOVED_HEADERS = {
  /** Of a record in a bucket: when the first copy of it was stored, milliseconds of the epoch. */
  storedAt: "Scheduler-Stored-At",
  /** Of a command in the inbox: where and when it was stored first. Counts only where the installation says that it was moved. */
  origin: "Scheduler-Stored-As",
  /** Beside it: the sequence that was copied, which is another one where the command was moved before. */
  copyOf: "Scheduler-Copy-Of",
} as const;

/** Actor of a command that names none. */
export const ANONYMOUS = "anonymous";

/** Value of the header content-type on events. */
export const CLOUD_EVENT_CONTENT_TYPE = "application/cloudevents+json";

/** Header names that a target must not carry, compared without case. */
export const RESERVED_HEADER_PREFIXES = ["nats-", "scheduler-"] as const;
