/** The demo's servers: of its own on this machine, or those that CARILLON_NATS_URL and CARILLON_REDIS_URL name. */

import { LocalStackError, type NatsServer, type RedisServer, startNats, startRedis } from "@carillon/local";

const USUAL_PORT = 4222;
/** How the servers' own output begins; the rest is what the search for a binary has to say. */
const SERVER_OUTPUT = /^\[\d+\]|^\d+:/;

const searchOnly =
  (say: (line: string) => void) =>
  (line: string): void =>
    void (SERVER_OUTPUT.test(line) || say(line));

/** `preferUsualPort`: where the `nats` command looks by itself, unless somebody is there. */
export async function startServer(
  preferUsualPort: boolean,
  say: (line: string) => void,
): Promise<NatsServer> {
  const log = searchOnly(say);
  if (!preferUsualPort) return startNats({ log });
  try {
    return await startNats({ log, port: USUAL_PORT });
  } catch (error) {
    if (error instanceof LocalStackError && error.code === "server_did_not_start") return startNats({ log });
    throw error;
  }
}

export const startRedisServer = (say: (line: string) => void): Promise<RedisServer> =>
  startRedis({ log: searchOnly(say) });
