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
  /** Partitions that it holds, by its own metrics; 0 when it cannot be asked. */
  partitionsOwned(): Promise<number>;
}

/** `redisUrl`: where leases are kept; null: in NATS. */
export function startWorker(name: string, natsUrl: string, redisUrl: string | null): Worker {
  const log: string[] = [];
  let address: string | null = null;
  const keep = (line: string): void => {
    log.push(line);
    if (log.length > LOG_LINES_MAX) log.shift();
    address ??= addressIn(line);
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
  return { name, process, log, partitionsOwned: () => partitionsOwned(address) };
}

/** Where it serves health and metrics: the field `address` of a log line. */
function addressIn(line: string): string | null {
  try {
    const entry: { address?: unknown } = JSON.parse(line);
    return typeof entry.address === "string" ? entry.address : null;
  } catch {
    return null;
  }
}

const OWNED = /^scheduler_partitions_owned(?:\{[^}]*\})? (\d+)/m;

async function partitionsOwned(address: string | null): Promise<number> {
  if (address === null) return 0;
  try {
    const response = await fetch(`${address}/metrics`);
    return Number(OWNED.exec(await response.text())?.[1] ?? 0);
  } catch {
    return 0;
  }
}
