/**
 * A redis-server on loopback, or the one that CARILLON_REDIS_URL names.
 *
 * It holds leases only, so it keeps nothing on disk unless the configuration text says so: a restarted one
 * is empty, which is what a Redis without persistence is after a crash.
 */

import { addressInEnvironment } from "./environment.ts";
import type { Report, ServerBinary } from "./finding.ts";
import { addressOf, foreignServer, withoutSecrets } from "./foreign-server.ts";
import { LOOPBACK } from "./free-port.ts";
import { redisGreeting } from "./greeting.ts";
import { type LocalServer, runServer, type ServerPlan } from "./local-server.ts";
import { LocalStackError } from "./local-stack-error.ts";
import { REDIS_SERVER } from "./server-kind.ts";
import { findServer } from "./server-search.ts";
import { isAtLeast } from "./version.ts";

const REDIS_PORT = 6379;

export type RedisOptions = {
  /** Working folder, kept after `stop`. Without it a temporary one, removed at `stop`. */
  readonly storeDir?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Text in redis.conf's language. Port, address and folder are set here and win; persistence is off unless it says so. */
  readonly config?: string;
  /** Called with each line of the server's output, and with what the search for a binary does. */
  readonly log?: Report;
  /** Start one even where the environment names one: for who must kill or restart it. */
  readonly ignoreEnvironment?: boolean;
};

/** Starts a redis-server, or returns the one that the environment names, checked for its version. */
export async function startRedis(options: RedisOptions = {}): Promise<LocalServer> {
  const address = options.ignoreEnvironment ? null : addressInEnvironment(REDIS_SERVER);
  if (address !== null) return serverInEnvironment(address);
  const log = options.log ?? (() => {});
  return runServer(planOf(options, await findRedisServer(log), log));
}

/** The binary that `startRedis` would run. Fetches one into the cache when the machine has none. */
export function findRedisServer(report: Report = () => {}): Promise<ServerBinary> {
  return findServer(REDIS_SERVER, report);
}

function planOf(options: RedisOptions, binary: ServerBinary, log: Report): ServerPlan {
  return {
    name: REDIS_SERVER.name,
    binary,
    port: options.port ?? 0,
    storeDir: options.storeDir ?? null,
    config: `save ""\nappendonly no\n${options.config ?? ""}\n`,
    log,
    url: (port) => `redis://${LOOPBACK}:${port}`,
    arguments: ({ port, storeDir, configFile }) => [
      ...(configFile === null ? [] : [configFile]),
      ...["--bind", LOOPBACK, "--port", String(port), "--dir", storeDir, "--daemonize", "no"],
    ],
    serves: async (port, pid) => {
      const greeting = await redisGreeting({ host: LOOPBACK, port });
      return greeting !== null && (greeting.processId === pid || greeting.processId === null);
    },
  };
}

async function serverInEnvironment(url: string): Promise<LocalServer> {
  const address = addressOf(url, REDIS_PORT);
  const greeting = await redisGreeting(address);
  const place = `${REDIS_SERVER.addressVariable} ${withoutSecrets(url)}`;
  if (greeting === null)
    throw new LocalStackError("server_unreachable", `${place}: no Redis server answers there`);
  if (greeting.version !== null && !isAtLeast(greeting.version, REDIS_SERVER.minimum)) {
    const text = `${place}: is ${greeting.version}, needed is ${REDIS_SERVER.minimum} or newer`;
    throw new LocalStackError("server_unsuitable", text);
  }
  return foreignServer(url, address.port);
}
