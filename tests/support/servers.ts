/**
 * Where the servers of the tests run: in containers where a Docker engine answers, else as processes of this machine. A run of the tests
 * looks once and says what it found (choose-servers.ts); whatever else starts servers takes processes. CARILLON_TEST_SERVERS decides
 * without looking. Tests that look into a server's store or change its configuration take processes in any case.
 */

import { randomUUID } from "node:crypto";
import {
  LOOPBACK,
  type NatsServer,
  natsGreeting,
  type RedisServer,
  redisGreeting,
  startNats,
  startRedis,
} from "@carillon/local";
import { CONFIG_PATH, dockerEngine, startContainer } from "./container.ts";

export type Servers = "containers" | "processes";

const VARIABLE = "CARILLON_TEST_SERVERS";

const NATS_IMAGE = "nats:2.15-alpine";
const REDIS_IMAGE = "redis:7-alpine";

export interface ServerOptions {
  /** In the server's own language. */
  readonly config?: string;
  /** Absent: as was chosen. */
  readonly servers?: Servers;
}

/** Looks, and keeps the choice for this process and those that it starts. The words tell a person. */
export async function chooseServers(): Promise<string> {
  const told = process.env[VARIABLE];
  if (told !== undefined) return `${chosen()} (${VARIABLE})`;
  const engine = await dockerEngine();
  process.env[VARIABLE] = engine === null ? "processes" : "containers";
  return engine === null ? "local processes (no Docker engine answers)" : `containers (Docker ${engine})`;
}

/** Processes until somebody has chosen. Throws on a word that is none of the two. */
export function chosen(): Servers {
  const told = process.env[VARIABLE] ?? "processes";
  if (told === "containers" || told === "processes") return told;
  throw new Error(`${VARIABLE}: ${told}; expected containers or processes`);
}

/** A nats-server of a test's own, whatever the environment names. */
export function startTestNats({ config = "", servers = chosen() }: ServerOptions = {}): Promise<NatsServer> {
  if (servers === "processes")
    return startNats({ ignoreEnvironment: true, ...(config === "" ? {} : { config }) });
  const name = `test-${randomUUID()}`;
  return startContainer("nats", {
    image: NATS_IMAGE,
    program: "nats-server",
    args: ["-c", CONFIG_PATH, "-a", "0.0.0.0", "-p", "4222", "-n", name, "-js", "-sd", "/data"],
    port: 4222,
    config,
    serves: async (port) => (await natsGreeting({ host: LOOPBACK, port }))?.serverName === name,
  });
}

/** A redis-server of a test's own; it keeps nothing on disk unless `config` says so. */
export function startTestRedis({
  config = "",
  servers = chosen(),
}: ServerOptions = {}): Promise<RedisServer> {
  if (servers === "processes") return startRedis({ ignoreEnvironment: true, config });
  return startContainer("redis", {
    image: REDIS_IMAGE,
    program: "redis-server",
    args: [CONFIG_PATH, "--bind", "0.0.0.0", "--port", "6379", "--protected-mode", "no"],
    port: 6379,
    config: `save ""\nappendonly no\n${config}\n`,
    serves: async (port) => (await redisGreeting({ host: LOOPBACK, port })) !== null,
  });
}
