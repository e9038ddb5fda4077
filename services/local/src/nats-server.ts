/**
 * A nats-server with JetStream on loopback, or the one that CARILLON_NATS_URL names.
 *
 * Ready means that it greets a connection under the name that this run gave it: if another process took the
 * port first, its greeting does not count.
 */

import { randomUUID } from "node:crypto";
import { addressInEnvironment } from "./environment.ts";
import type { Report, ServerBinary } from "./finding.ts";
import { addressOf, foreignServer, withoutSecrets } from "./foreign-server.ts";
import { LOOPBACK } from "./free-port.ts";
import { natsGreeting } from "./greeting.ts";
import { type LocalServer, runServer, type ServerPlan } from "./local-server.ts";
import { LocalStackError } from "./local-stack-error.ts";
import { NATS_SERVER } from "./server-kind.ts";
import { findServer } from "./server-search.ts";
import { isAtLeast } from "./version.ts";

const NATS_PORT = 4222;

export type NatsOptions = {
  /** Folder of the store, kept after `stop`. Without it a temporary one, removed at `stop`. */
  readonly storeDir?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Text in nats-server's configuration language, read besides what is set here; what is set here wins. */
  readonly config?: string;
  /** Called with each line of the server's output, and with what the search for a binary does. */
  readonly log?: Report;
  /** Start one even where the environment names one: for who must kill or restart it. */
  readonly ignoreEnvironment?: boolean;
};

/** Starts a nats-server, or returns the one that the environment names, checked for version and JetStream. */
export async function startNats(options: NatsOptions = {}): Promise<LocalServer> {
  const address = options.ignoreEnvironment ? null : addressInEnvironment(NATS_SERVER);
  if (address !== null) return serverInEnvironment(address);
  const log = options.log ?? (() => {});
  return runServer(planOf(options, await findNatsServer(log), log));
}

/** The binary that `startNats` would run. Fetches one into the cache when the machine has none. */
export function findNatsServer(report: Report = () => {}): Promise<ServerBinary> {
  return findServer(NATS_SERVER, report);
}

function planOf(options: NatsOptions, binary: ServerBinary, log: Report): ServerPlan {
  const name = `local-${randomUUID()}`;
  return {
    name: NATS_SERVER.name,
    binary,
    port: options.port ?? 0,
    storeDir: options.storeDir ?? null,
    config: options.config ?? null,
    log,
    url: (port) => `nats://${LOOPBACK}:${port}`,
    arguments: ({ port, storeDir, configFile }) => [
      ...(configFile === null ? [] : ["-c", configFile]),
      ...["-a", LOOPBACK, "-p", String(port), "-n", name, "-js", "-sd", storeDir],
    ],
    serves: async (port) => (await natsGreeting({ host: LOOPBACK, port }))?.serverName === name,
  };
}

async function serverInEnvironment(url: string): Promise<LocalServer> {
  const address = addressOf(url, NATS_PORT);
  const greeting = await natsGreeting(address);
  const place = `${NATS_SERVER.addressVariable} ${withoutSecrets(url)}`;
  if (greeting === null)
    throw new LocalStackError("server_unreachable", `${place}: no NATS server answers there`);
  if (!isAtLeast(greeting.version, NATS_SERVER.minimum) || !greeting.jetstream) {
    const is = `${greeting.version} ${greeting.jetstream ? "with" : "without"} JetStream`;
    const text = `${place}: is ${is}, needed is ${NATS_SERVER.minimum} or newer with JetStream`;
    throw new LocalStackError("server_unsuitable", text);
  }
  return foreignServer(url, address.port);
}
