/**
 * A scheduler worker as a child process, started the way anybody would start one: with environment variables
 * and nothing else. What the demo learns of it is what an operator learns: its log and its metrics.
 */

import { fileURLToPath } from "node:url";
import { type ChildProcess, startChild } from "./child-process.ts";
import { bareEnvironment } from "./surroundings.ts";

const PROGRAM = fileURLToPath(new URL("../../scheduler/src/main.ts", import.meta.url));
const TENANTS_FILE = fileURLToPath(new URL("../tenants.json", import.meta.url));

/** The shortest lease there is, so that nobody waits long for a killed worker's successor. */
const LEASE_SECONDS = 2;
/** Last lines of its log that are kept for when something goes wrong. */
const LOG_LINES_MAX = 20;

export interface Worker {
  /** `worker 1`: in the order of their start. */
  readonly name: string;
  readonly process: ChildProcess;
  /** Last lines of its log, oldest first. */
  readonly log: readonly string[];
  /** What it calls itself among workers; null until it has said so. */
  id(): string | null;
  /** Whether everything that is wanted of it is its own, by its own word. */
  ready(): Promise<boolean>;
  /** Partitions that it owns, by its own metrics; 0 when it cannot be asked. */
  partitionsOwned(): Promise<number>;
}

/** `redisUrl`: where leases are kept; null: in NATS. */
export function startWorker(name: string, natsUrl: string, redisUrl: string | null): Worker {
  const log: string[] = [];
  let address: string | null = null;
  let id: string | null = null;
  const keep = (line: string): void => {
    log.push(line);
    if (log.length > LOG_LINES_MAX) log.shift();
    address ??= fieldIn(line, "address");
    id ??= fieldIn(line, "worker");
  };
  const process = startChild({
    command: [PROGRAM],
    environment: {
      ...bareEnvironment(),
      NATS_URL: natsUrl,
      ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
      SCHEDULER_TENANTS_FILE: TENANTS_FILE,
      LOCK_TIMEOUT_SECONDS: String(LEASE_SECONDS),
      API_PORT: "0",
    },
    onLine: keep,
    onErrorLine: keep,
  });
  return {
    name,
    process,
    log,
    id: () => id,
    ready: async () => (await page(address, "/ready"))?.ok ?? false,
    partitionsOwned: async () => {
      const metrics = await page(address, "/metrics");
      return Number(OWNED.exec((await metrics?.text().catch(() => "")) ?? "")?.[1] ?? 0);
    },
  };
}

/** A text of a log line; `address` is where it serves health and metrics. */
function fieldIn(line: string, name: "address" | "worker"): string | null {
  try {
    const value: unknown = JSON.parse(line)[name];
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

const OWNED = /^scheduler_partitions_owned(?:\{[^}]*\})? (\d+)/m;

/** Null: it cannot be asked. */
async function page(address: string | null, path: string): Promise<Response | null> {
  return address === null ? null : fetch(`${address}${path}`).catch(() => null);
}
