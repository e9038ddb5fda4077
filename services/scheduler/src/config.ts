/**
 * The one reader of the environment. Every variable, its default and its range come from schemas/config.schema.json (through
 * `@carillon/contracts`); here the text becomes typed values, checked all at once, so that one start shows every fault. The
 * result is frozen, with units in the names, and a printable form in which secrets are masked. Touches nothing but the
 * environment and the readability of the files that it names.
 */

import { accessSync, constants } from "node:fs";
import {
  CONFIG_VARIABLES,
  type Configuration,
  type ConfigVariable,
  type Fault,
  isConfiguration,
  REPLACED_VARIABLES,
  validate,
} from "@carillon/contracts";
import manifest from "../package.json" with { type: "json" };
import { type LeaseAccess, leaseAccess } from "./config-leases.ts";
import { masked } from "./config-mask.ts";
import { type NatsAccess, natsAccess } from "./config-nats.ts";

export interface Config {
  readonly nats: NatsAccess;
  /** Of every stream and bucket that Carillon creates. */
  readonly jetstreamReplicas: number;
  readonly leases: LeaseAccess;
  /** Lease time to live. */
  readonly lockTimeoutMs: number;
  readonly partitions: number;
  /** Null: no target is allowed. */
  readonly tenantsFile: string | null;
  /** Stream that captures the commands already; null: the inbox captures them itself. */
  readonly commandsFrom: string | null;
  readonly maxSchedulesPerCreator: number;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Version of this Node's time zone database. */
  readonly tzdata: string;
  readonly apiHost: string;
  /** 0: any free port. */
  readonly apiPort: number;
  readonly logLevel: Configuration["LOG_LEVEL"];
  readonly logFormat: Configuration["LOG_FORMAT"];
  /** IANA zone of triggers that name none. */
  readonly timezone: string;
  readonly misfireGraceSeconds: number;
  readonly maxConcurrent: number;
  /** The first attempt included. */
  readonly retryMaxAttempts: number;
  readonly retryInitialDelaySeconds: number;
  readonly completedKeepSeconds: number;
  readonly lookaheadMaxMs: number;
  readonly publishesInflightMax: number;
  /** Schedules that stay in memory whole while nothing is being done to them. */
  readonly warmMax: number;
  readonly staleAfterMs: number;
  readonly executionRetentionMs: number;
  readonly auditRetentionMs: number;
  /** Null: no limit. */
  readonly eventsMaxBytes: number | null;
}

export type Loaded =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Nothing wrong, but worth a line in the log. */
      readonly warnings: readonly string[];
      /** The settings in force by name, secrets masked. */
      readonly printable: Readonly<Record<string, string | number>>;
    }
  | { readonly ok: false; readonly faults: readonly string[] };

export type Environment = Readonly<Record<string, string | undefined>>;
type Settings = Readonly<Record<string, string | number>>;

/** Reads and checks `env`; an empty value counts as unset. Faults: one line each, NAME: value; expectation. */
export function loadConfig(env: Environment = process.env): Loaded {
  const settings = settingsOf(env);
  const faults = [...shapeFaults(settings), ...zoneFaults(settings), ...fileFaults(settings)];
  const nats = natsAccess(settings);
  const leases = leaseAccess(settings);
  faults.push(...nats.faults, ...leases.faults);
  if (faults.length > 0 || !isConfiguration(settings)) return { ok: false, faults };
  const config = configOf(settings, nats.access, leases.access);
  return {
    ok: true,
    config: Object.freeze(config),
    warnings: [...leases.warnings, ...memoryWarnings(config), ...otherWarnings(env)],
    printable: Object.fromEntries(
      CONFIG_VARIABLES.flatMap(({ name, secret }) => {
        const value = settings[name];
        return value === undefined ? [] : [[name, masked(value, secret)]];
      }),
    ),
  };
}

/** The same, with some settings given otherwise. */
export const loadConfigWith = (given: Environment): Loaded => loadConfig({ ...process.env, ...given });

/** Text turned into the type that the table gives; what is no number stays text, for the validator to name. */
function settingsOf(env: Environment): Settings {
  const settings: Record<string, string | number> = {};
  for (const { name, type, default: preset } of CONFIG_VARIABLES) {
    const text = env[name]?.trim() ?? "";
    const value = text === "" ? preset : type === "string" ? text : numberOr(text);
    if (value !== null) settings[name] = value;
  }
  return settings;
}

const numberOr = (text: string): string | number => (/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text);

function shapeFaults(settings: Settings): string[] {
  const byName = new Map(validate.config(settings).map((fault) => [fault.path.slice(1), fault]));
  return CONFIG_VARIABLES.flatMap((variable) => {
    const fault = byName.get(variable.name);
    return fault === undefined ? [] : [shapeFault(variable, settings[variable.name], fault)];
  });
}

/** The whole range in one line, so that the second try is right. */
function shapeFault(variable: ConfigVariable, value: string | number | undefined, fault: Fault): string {
  const { name, type, minimum, maximum, values, secret } = variable;
  const shown = value === undefined ? "unset" : JSON.stringify(masked(value, secret));
  if (values !== null) return `${name}: ${shown}; expected one of ${values.join(", ")}`;
  if (minimum === null || maximum === null) return fault.message.replace(/^\//, "");
  const noun = type === "integer" ? "a whole number" : "a number";
  return `${name}: ${shown}; expected ${noun} from ${minimum} to ${maximum}`;
}

function zoneFaults({ SCHEDULER_TIMEZONE: zone }: Settings): string[] {
  try {
    if (!/^[A-Z]/i.test(String(zone))) throw new RangeError("an offset is no zone");
    new Intl.DateTimeFormat("en", { timeZone: String(zone) });
    return [];
  } catch {
    return [`SCHEDULER_TIMEZONE: ${JSON.stringify(zone)}; expected an IANA time zone such as Europe/Vienna`];
  }
}

const FILES = [
  "NATS_CREDS_FILE",
  "NATS_NKEY_SEED_FILE",
  "NATS_TLS_CA_FILE",
  "NATS_TLS_CERT_FILE",
  "NATS_TLS_KEY_FILE",
];

function fileFaults(settings: Settings): string[] {
  return FILES.flatMap((name) => {
    const path = settings[name];
    if (path === undefined) return [];
    try {
      accessSync(String(path), constants.R_OK);
      return [];
    } catch {
      return [`${name}: ${JSON.stringify(path)}; expected a file that can be read`];
    }
  });
}

/** Of whole schedules, for each second that a lease lives: collecting so many stops a worker for up to a third of it, on a slow machine. */
const WARM_PER_LEASE_SECOND = 100_000;

function memoryWarnings({ warmMax, lockTimeoutMs }: Config): string[] {
  const most = (lockTimeoutMs / SECOND_MS) * WARM_PER_LEASE_SECOND;
  if (warmMax <= most) return [];
  return [
    `SCHEDULER_WARM_MAX: ${warmMax} whole schedules can stop a worker for longer than its leases live; with this LOCK_TIMEOUT_SECONDS at most ${most} are safe`,
  ];
}

function otherWarnings(env: Environment): string[] {
  const isSet = (name: string) => (env[name] ?? "") !== "";
  const replaced = Object.entries(REPLACED_VARIABLES)
    .filter(([name]) => isSet(name))
    .map(([name, by]) => `${name} has no meaning here: ${by}`);
  const tracing = Object.keys(env)
    .filter((name) => /^OTEL_.*_ENDPOINT$/.test(name) && isSet(name))
    .map((name) => `${name} is not used: this version sends no traces`);
  return [...replaced, ...tracing];
}

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

function configOf(set: Configuration, nats: NatsAccess, leases: LeaseAccess): Config {
  return {
    nats,
    jetstreamReplicas: set.JETSTREAM_REPLICAS,
    leases,
    lockTimeoutMs: set.LOCK_TIMEOUT_SECONDS * SECOND_MS,
    partitions: set.SCHEDULER_PARTITIONS,
    tenantsFile: set.SCHEDULER_TENANTS_FILE ?? null,
    commandsFrom: set.SCHEDULER_COMMANDS_FROM ?? null,
    maxSchedulesPerCreator: set.MAX_SCHEDULES_PER_CREATOR,
    serviceName: set.SERVICE_NAME,
    serviceVersion: set.SERVICE_VERSION ?? manifest.version,
    tzdata: process.versions["tz"] ?? "unknown",
    apiHost: set.API_HOST,
    apiPort: set.API_PORT,
    logLevel: set.LOG_LEVEL,
    logFormat: set.LOG_FORMAT,
    timezone: set.SCHEDULER_TIMEZONE,
    misfireGraceSeconds: set.SCHEDULER_MISFIRE_GRACE_TIME,
    maxConcurrent: set.SCHEDULER_MAX_INSTANCES,
    retryMaxAttempts: set.DEFAULT_MAX_RETRIES + 1,
    retryInitialDelaySeconds: set.DEFAULT_RETRY_DELAY,
    completedKeepSeconds: set.SCHEDULER_COMPLETED_KEEP_SECONDS,
    lookaheadMaxMs: set.MAX_SCHEDULE_LOOKAHEAD_DAYS * DAY_MS,
    publishesInflightMax: set.SCHEDULER_EXECUTOR_POOL_SIZE,
    warmMax: set.SCHEDULER_WARM_MAX,
    staleAfterMs: set.SCHEDULER_STALE_TIMEOUT * SECOND_MS,
    executionRetentionMs: set.EXECUTION_RETENTION_DAYS * DAY_MS,
    auditRetentionMs: set.AUDIT_RETENTION_DAYS * DAY_MS,
    eventsMaxBytes: set.SCHEDULER_EVENTS_MAX_BYTES ?? null,
  };
}
