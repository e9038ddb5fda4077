/**
 * The log: one JSON object a line on stdout (or lines for people), by pino. It writes only the fields listed in `Fields`, so a
 * payload, a header or a credential cannot slip in with an object that happened to be at hand. Text from outside is cut, its control characters
 * are replaced and the user part of urls is masked, since commands may carry anything.
 */

import { type DestinationStream, destination, pino, stdTimeFunctions } from "pino";
import { prettyFactory } from "pino-pretty";

/** error = wake someone, warn = look tomorrow, info = the service changed state, debug = one line per occurrence. */
export type Level = "error" | "warn" | "info" | "debug";

/** Everything that a line may say beside its text: the allow list, in one place. */
const TEXTS = [
  "worker",
  "tenant",
  "scheduleId",
  "executionId",
  "commandId",
  "traceparent",
  "scheduleType",
  "verb",
  "actor",
  "result",
  "status",
  "code",
  "reason",
  "detail",
  "retryAt",
  "backend",
  "lease",
  "bucket",
  "key",
  "natsServer",
  "tzdata",
  "address",
  "stack",
] as const;
const NUMBERS = [
  "attempt",
  "count",
  "lagMs",
  "durationMs",
  "tookMs",
  "byMs",
  "partition",
  "partitions",
  "schedules",
  "repaired",
  "owed",
  "tenants",
] as const;

export type Fields = Readonly<
  Partial<Record<(typeof TEXTS)[number], string>> & Partial<Record<(typeof NUMBERS)[number], number>>
> & {
  readonly duplicate?: boolean;
  readonly lines?: readonly string[];
  readonly settings?: Readonly<Record<string, string | number>>;
};
const ALLOWED: ReadonlySet<string> = new Set([...TEXTS, ...NUMBERS, "duplicate", "lines", "settings"]);

export interface Log {
  /** False: nobody would read it, so it need not be worked out. */
  enabled(level: Level): boolean;
  write(level: Level, line: string, fields: Fields): void;
}

export interface LogOptions {
  level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  format: "json" | "pretty";
  service: string;
  version: string;
  /** Null: stdout. */
  stream: DestinationStream | null;
}

export function createLog({ level, format, service, version, stream }: LogOptions): Log {
  const target = stream ?? destination({ dest: 1, sync: true });
  const logger = pino(
    {
      level,
      base: { service, version, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === "json" ? target : forPeople(target),
  );
  return {
    enabled: (asked) => logger.isLevelEnabled(asked),
    write: (at, line, fields) => logger[at](allowed(fields), clean(line)),
  };
}

/** Formats in place, line by line, so that nothing is left unwritten when the process ends. */
function forPeople(target: DestinationStream): DestinationStream {
  const format = prettyFactory({ ignore: "pid,service,version", singleLine: true });
  return { write: (line) => target.write(format(line)) };
}

/** The listed fields that have a value, cleaned; types alone do not keep a wider object out. */
function allowed(fields: Fields): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && ALLOWED.has(name)) written[name] = cleanValue(name, value);
  }
  return written;
}

function cleanValue(name: string, value: unknown): unknown {
  if (typeof value === "string") return name === "stack" ? value.split("\n").map(clean) : clean(value);
  return Array.isArray(value) ? value.slice(0, LINES_MAX).map((line) => clean(String(line))) : value;
}

/** Lines in a list at most; the rest is left out. */
const LINES_MAX = 50;

/** Characters of one text at most; the rest is cut. */
const TEXT_CHARACTERS_MAX = 2_000;

function clean(text: string): string {
  const cut = text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text;
  return cut.replace(/\p{Cc}/gu, "\uFFFD").replace(/(\w:\/\/)[^\s/@]+@/g, "$1***@");
}
