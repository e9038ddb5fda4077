/** The demo's nats-server: one of its own on this machine, or the one that CARILLON_NATS_URL names. */

import { LocalStackError, type NatsServer, startNats } from "@carillon/local";

const USUAL_PORT = 4222;
/** How nats-server's own output begins; the rest is what the search for a binary has to say. */
const SERVER_OUTPUT = /^\[\d+\]/;

/** `preferUsualPort`: where the `nats` command looks by itself, unless somebody is there. */
export async function startServer(
  preferUsualPort: boolean,
  say: (line: string) => void,
): Promise<NatsServer> {
  const log = (line: string): void => void (SERVER_OUTPUT.test(line) || say(line));
  if (!preferUsualPort) return startNats({ log });
  try {
    return await startNats({ log, port: USUAL_PORT });
  } catch (error) {
    if (error instanceof LocalStackError && error.code === "server_did_not_start") return startNats({ log });
    throw error;
  }
}
