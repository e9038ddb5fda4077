// Generated from schemas/ by contracts/generate; do not edit.
import type { Configuration } from "./types.ts";

/** One environment variable. */
export interface ConfigVariable {
  readonly name: keyof Configuration;
  readonly group: string;
  readonly type: "string" | "number" | "integer";
  readonly description: string;
  /** Null: unset, or worked out as `defaultText` says. */
  readonly default: string | number | null;
  readonly defaultText: string;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly values: readonly string[] | null;
  /** What is masked wherever the value is shown: nothing, the whole, or the user part of its urls. */
  readonly secret: "none" | "whole" | "url";
}

export const CONFIG_VARIABLES: readonly ConfigVariable[] = [
  {"name":"NATS_URL","group":"NATS","type":"string","description":"Servers, comma separated.","default":"nats://127.0.0.1:4222","defaultText":"`nats://127.0.0.1:4222`","minimum":null,"maximum":null,"values":null,"secret":"url"},
  {"name":"NATS_USER","group":"NATS","type":"string","description":"User name.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"NATS_PASSWORD","group":"NATS","type":"string","description":"Password of NATS_USER.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"whole"},
  {"name":"NATS_CREDS_FILE","group":"NATS","type":"string","description":"Path of a credentials file (JWT and seed).","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"NATS_NKEY_SEED_FILE","group":"NATS","type":"string","description":"Path of a file with an NKey seed.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"NATS_TLS_CA_FILE","group":"NATS","type":"string","description":"Path of the certificate authority, PEM; turns TLS on.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"NATS_TLS_CERT_FILE","group":"NATS","type":"string","description":"Path of the client certificate, PEM.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"NATS_TLS_KEY_FILE","group":"NATS","type":"string","description":"Path of the client key, PEM.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"JETSTREAM_REPLICAS","group":"NATS","type":"integer","description":"Replicas of every stream and bucket, where Carillon creates it.","default":1,"defaultText":"`1`","minimum":1,"maximum":5,"values":null,"secret":"none"},
  {"name":"REDIS_URL","group":"Leases","type":"string","description":"One Redis node, or an odd number of independent ones, comma separated; rediss:// for TLS. When set, leases are kept there, by redlock.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"url"},
  {"name":"SCHEDULER_LEASES","group":"Leases","type":"string","description":"Where leases are kept; fixed at installation.","default":null,"defaultText":"`redis` if REDIS_URL is set, else `nats`","minimum":null,"maximum":null,"values":["nats","redis"],"secret":"none"},
  {"name":"LOCK_TIMEOUT_SECONDS","group":"Leases","type":"number","description":"Lease time to live in seconds: how long a killed worker's partitions wait for the next owner.","default":5,"defaultText":"`5`","minimum":2,"maximum":60,"values":null,"secret":"none"},
  {"name":"SCHEDULER_PARTITIONS","group":"Leases","type":"integer","description":"Partitions; fixed at installation, changed by npm run repartition.","default":32,"defaultText":"`32`","minimum":1,"maximum":1024,"values":null,"secret":"none"},
  {"name":"SCHEDULER_TENANTS_FILE","group":"Tenants","type":"string","description":"Path of the tenants file; re-read on change and on SIGHUP. Without it no target is allowed.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"SCHEDULER_COMMANDS_FROM","group":"Tenants","type":"string","description":"Name of a stream that captures `cmd.scheduler.>` already; the inbox then sources from it.","default":null,"defaultText":"none","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"MAX_SCHEDULES_PER_CREATOR","group":"Tenants","type":"integer","description":"Schedules per actor that created them; the tenants file wins.","default":1000,"defaultText":"`1000`","minimum":0,"maximum":10000000,"values":null,"secret":"none"},
  {"name":"SERVICE_NAME","group":"Service","type":"string","description":"Name in logs, traces and as a NATS micro service.","default":"scheduler","defaultText":"`scheduler`","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"SERVICE_VERSION","group":"Service","type":"string","description":"Version in logs, traces and as a NATS micro service.","default":null,"defaultText":"the package's","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"API_HOST","group":"Service","type":"string","description":"Address that health and metrics listen on.","default":"127.0.0.1","defaultText":"`127.0.0.1`","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"API_PORT","group":"Service","type":"integer","description":"Port of `/live` `/ready` `/health` `/health/detailed` `/metrics`; 0: any free one.","default":8008,"defaultText":"`8008`","minimum":0,"maximum":65535,"values":null,"secret":"none"},
  {"name":"LOG_LEVEL","group":"Service","type":"string","description":"Least level that is logged.","default":"info","defaultText":"`info`","minimum":null,"maximum":null,"values":["trace","debug","info","warn","error","fatal","silent"],"secret":"none"},
  {"name":"LOG_FORMAT","group":"Service","type":"string","description":"One JSON object a line, or lines for people.","default":"json","defaultText":"`json`","minimum":null,"maximum":null,"values":["json","pretty"],"secret":"none"},
  {"name":"SCHEDULER_TIMEZONE","group":"Defaults of schedules","type":"string","description":"IANA time zone of triggers that name none.","default":"UTC","defaultText":"`UTC`","minimum":null,"maximum":null,"values":null,"secret":"none"},
  {"name":"SCHEDULER_MISFIRE_GRACE_TIME","group":"Defaults of schedules","type":"number","description":"Default `misfire.graceSeconds`.","default":300,"defaultText":"`300`","minimum":0,"maximum":315576000,"values":null,"secret":"none"},
  {"name":"SCHEDULER_MAX_INSTANCES","group":"Defaults of schedules","type":"integer","description":"Default `overlap.maxConcurrent`.","default":3,"defaultText":"`3`","minimum":1,"maximum":1000,"values":null,"secret":"none"},
  {"name":"DEFAULT_MAX_RETRIES","group":"Defaults of schedules","type":"integer","description":"Attempts after the first: default `retry.maxAttempts` less one.","default":3,"defaultText":"`3`","minimum":0,"maximum":10,"values":null,"secret":"none"},
  {"name":"DEFAULT_RETRY_DELAY","group":"Defaults of schedules","type":"number","description":"Default `retry.initialDelaySeconds`.","default":300,"defaultText":"`300`","minimum":0.1,"maximum":86400,"values":null,"secret":"none"},
  {"name":"SCHEDULER_COMPLETED_KEEP_SECONDS","group":"Defaults of schedules","type":"number","description":"Default `keepSeconds`.","default":604800,"defaultText":"`604800`","minimum":0,"maximum":315576000,"values":null,"secret":"none"},
  {"name":"MAX_SCHEDULE_LOOKAHEAD_DAYS","group":"Limits","type":"number","description":"An `at` further away, in days, is refused.","default":365,"defaultText":"`365`","minimum":1,"maximum":36525,"values":null,"secret":"none"},
  {"name":"SCHEDULER_EXECUTOR_POOL_SIZE","group":"Limits","type":"integer","description":"Publishes in flight; what does not fit stays due.","default":4096,"defaultText":"`4096`","minimum":16,"maximum":5000,"values":null,"secret":"none"},
  {"name":"SCHEDULER_WARM_MAX","group":"Limits","type":"integer","description":"Schedules that a worker keeps in memory whole while nothing is being done to them; the rest it reads again when they are due. More than 100000 for each second of LOCK_TIMEOUT_SECONDS are not safe.","default":50000,"defaultText":"`50000`","minimum":0,"maximum":10000000,"values":null,"secret":"none"},
  {"name":"SCHEDULER_STALE_TIMEOUT","group":"Limits","type":"number","description":"Seconds until a running execution without a time-out counts as stale.","default":7200,"defaultText":"`7200`","minimum":1,"maximum":315576000,"values":null,"secret":"none"},
  {"name":"EXECUTION_RETENTION_DAYS","group":"Limits","type":"number","description":"Age in days of SCHEDULER_EXECUTIONS, the history.","default":30,"defaultText":"`30`","minimum":0.01,"maximum":36525,"values":null,"secret":"none"},
  {"name":"AUDIT_RETENTION_DAYS","group":"Limits","type":"number","description":"Age in days of SCHEDULER_AUDIT.","default":400,"defaultText":"`400`","minimum":0.01,"maximum":36525,"values":null,"secret":"none"},
  {"name":"SCHEDULER_EVENTS_MAX_BYTES","group":"Limits","type":"integer","description":"Bytes of SCHEDULER_EXECUTIONS.","default":null,"defaultText":"no limit","minimum":1048576,"maximum":9007199254740991,"values":null,"secret":"none"},
];

/** Variables of the systems that Carillon replaces, and what replaced each. */
export const REPLACED_VARIABLES: Readonly<Record<string, string>> = {
  "POSTGRES_URL": "everything is kept in JetStream (NATS_URL); there is no database",
  "DATABASE_URL": "everything is kept in JetStream (NATS_URL); there is no database",
  "POSTGRES_HOST": "everything is kept in JetStream (NATS_URL); there is no database",
  "POSTGRES_PORT": "everything is kept in JetStream (NATS_URL); there is no database",
  "POSTGRES_USER": "everything is kept in JetStream (NATS_URL); there is no database",
  "POSTGRES_PASSWORD": "everything is kept in JetStream (NATS_URL); there is no database",
  "POSTGRES_DB": "everything is kept in JetStream (NATS_URL); there is no database",
  "REDIS_HOST": "one address: REDIS_URL=redis://host:port",
  "REDIS_PORT": "one address: REDIS_URL=redis://host:port",
  "REDIS_PASSWORD": "one address: REDIS_URL=redis://:password@host:port",
  "REDIS_DB": "one address: REDIS_URL=redis://host:port/db",
  "JWKS_URL": "NATS permissions are the authorisation; the tenant is the third token of every subject",
  "JWT_SECRET": "NATS permissions are the authorisation; the tenant is the third token of every subject",
  "JWT_ISSUER": "NATS permissions are the authorisation; the tenant is the third token of every subject",
  "JWT_AUDIENCE": "NATS permissions are the authorisation; the tenant is the third token of every subject",
  "RABBITMQ_URL": "commands come over NATS: NATS_URL",
  "AMQP_URL": "commands come over NATS: NATS_URL"
};
