/**
 * Picks a free port on loopback.
 *
 * From a range below the one that operating systems hand to outgoing connections (Linux 32768, others
 * 49152): a server that is restarted on its port must not find a client's socket sitting there. Between the
 * probe and the bind another process may still take the port; whoever starts the server tries again.
 */

import { createServer } from "node:net";

const PORT_FIRST = 20_000;
const PORT_COUNT = 12_000;
/** After so many taken ports in a row the range is taken for full. */
const PROBES_MAX = 200;

export const LOOPBACK = "127.0.0.1";

export async function freePort(): Promise<number> {
  for (let probe = 0; probe < PROBES_MAX; probe += 1) {
    const port = PORT_FIRST + Math.floor(Math.random() * PORT_COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port among ${PORT_FIRST}-${PORT_FIRST + PORT_COUNT - 1} on ${LOOPBACK}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: LOOPBACK, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
