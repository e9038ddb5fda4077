/*
 * Every stream, bucket, key and subject of one installation. The second token of subjects, the prefix of
 * stream and bucket names and the source of events all come from the installation's name, so that a second
 * installation in one account is a setting. Whatever is published or subscribed to is spelled here.
 */
import { form } from "./form.ts";

export const DEFAULT_INSTALLATION = "scheduler";
export const DEFAULT_TENANT = "default";

export type Names = ReturnType<typeof names>;

/** Cheap enough to call at start, too dear for every message: keep the result. */
export const names = (installation: string = DEFAULT_INSTALLATION) => ({
  installation,
  streams: streamsOf(installation.toUpperCase().replaceAll("-", "_")),
  buckets: bucketsOf(installation),
  keys: KEYS,
  consumers: CONSUMERS,
  ...subjectsOf(installation),
  /** The key of a lease on a Redis node, where several installations may keep theirs. */
  redisKey: (lease: string): string => `${installation}:${lease}`,
  /** CloudEvents source. */
  source: (tenant: string): string => ["", installation, tenant].join("/"),
});

const streamsOf = (prefix: string) => ({
  commands: `${prefix}_COMMANDS`,
  reports: `${prefix}_REPORTS`,
  executions: `${prefix}_EXECUTIONS`,
  audit: `${prefix}_AUDIT`,
  deadLetters: `${prefix}_DEAD_LETTERS`,
  targets: `${prefix}_TARGETS`,
});

const bucketsOf = (prefix: string) => ({
  schedules: `${prefix}_schedules`,
  state: `${prefix}_state`,
  leases: `${prefix}_leases`,
  workers: `${prefix}_workers`,
});

const subjectsOf = (installation: string) => ({
  command: form("cmd.@.{tenant}.{verb}.{scheduleId}", installation),
  /** An rpc about one schedule; `rpcTenant` one about the whole tenant. */
  rpc: form("rpc.@.{tenant}.{verb}.{scheduleId}", installation),
  rpcTenant: form("rpc.@.{tenant}.{verb}", installation),
  event: form("evt.@.{tenant}.{entity}.{what}.{scheduleId}", installation),
  report: form("rpt.@.{tenant}.{scheduleId}.{executionId}.{attempt}.{status}", installation),
  /** What a target appends `.completed` … to. */
  reportTo: form("rpt.@.{tenant}.{scheduleId}.{executionId}.{attempt}", installation),
  deadLetter: form("dead.@.{tenant}.{scheduleId}", installation),
  /** A command as the inbox stores it, and a report likewise. */
  inbox: form("@.inbox.{partition}.{tenant}.{verb}.{scheduleId}", installation),
  reports: form("@.reports.{partition}.{tenant}.{scheduleId}.{executionId}.{attempt}.{status}", installation),
  /** Everything that is sent to the scheduler, of whatever shape. */
  allCommands: `cmd.${installation}.>`,
  /**
   * The same by number of tokens. What the inbox's transform matches is stored under another subject; five tokens stay
   * under their own where one of them is a wildcard.
   */
  unmatchedCommands: [
    `cmd.${installation}.*`,
    `cmd.${installation}.*.*`,
    `cmd.${installation}.*.*.*`,
    `cmd.${installation}.*.*.*.>`,
  ] as const,
  allRpc: `rpc.${installation}.>`,
  /** What workers ask each other. */
  peers: `${installation}.peers`,
  /** Subjects of the streams of events. */
  executionEvents: `evt.${installation}.*.execution.>`,
  auditEvents: [`evt.${installation}.*.schedule.>`, `evt.${installation}.*.command.>`] as const,
  /** Every command that the inbox's transform matched. */
  allInbox: `${installation}.inbox.>`,
  /** Filter of one partition's inbox. */
  inboxOf: (partition: number): string => `${installation}.inbox.${partition}.>`,
  reportsOf: (partition: number): string => `${installation}.reports.${partition}.>`,
  /** Subject transform of the inbox; what does not match its source stays under its own subject. */
  inboxTransform: (partitions: number) => ({
    src: `cmd.${installation}.*.*.*`,
    dest: `${installation}.inbox.{{partition(${partitions},1,3)}}.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}`,
  }),
  reportsTransform: (partitions: number) => ({
    src: `rpt.${installation}.*.*.*.*.*`,
    dest: `${installation}.reports.{{partition(${partitions},1,2)}}.${wildcards(5)}`,
  }),
  /** What nobody's target may be, whatever the tenants file says; the inbox itself has a rule of its own. */
  reservedTargets: [
    `evt.${installation}.>`,
    `rpt.${installation}.>`,
    `dead.${installation}.>`,
    "rpc.>",
    `${installation}.>`,
  ] as const,
});

const wildcards = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{{wildcard(${index + 1})}}`).join(".");

const KEYS = {
  /** Of scheduler_schedules and scheduler_state; the partition spelled as the server's transform spells it. */
  schedule: form("{partition}.{tenant}.{scheduleId}", ""),
  /** Every schedule of one partition. */
  schedulesOf: (partition: number): string => `${partition}.*.*`,
  term: form("term.{partition}", ""),
  lease: form("lease.{partition}", ""),
  worker: form("worker.{workerId}", ""),
  /** What was fixed at the first start. */
  installation: "installation",
  /** The subject behind a bucket's key. */
  subject: (bucket: string, key: string): string => `$KV.${bucket}.${key}`,
  /** The stream behind a bucket. */
  stream: (bucket: string): string => `KV_${bucket}`,
};

const CONSUMER = /^p(\d+)-t(\d+)-(\d+)$/;

/** `p<partition>-t<term>-<n>`: the consumer of a term, so that a zombie's acknowledgement counts for nothing. */
const CONSUMERS = {
  build: (partition: number, term: number, n: number): string => `p${partition}-t${term}-${n}`,
  /** Of what fits no form; held by the owner of partition 0. */
  buildUnmatched: (term: number, n: number): string => `unmatched-t${term}-${n}`,
  parse: (name: string): { readonly partition: number; readonly term: number; readonly n: number } | null => {
    const match = CONSUMER.exec(name);
    return match === null
      ? null
      : { partition: Number(match[1]), term: Number(match[2]), n: Number(match[3]) };
  },
  parseUnmatched: (name: string): { readonly term: number; readonly n: number } | null => {
    const match = /^unmatched-t(\d+)-(\d+)$/.exec(name);
    return match === null ? null : { term: Number(match[1]), n: Number(match[2]) };
  },
};

/** CloudEvents type. */
export const eventType = (entity: string, what: string): string =>
  ["io.carillon", entity, what, "v1"].join(".");
