/**
 * `node services/local/src/main.ts [--redis] [--port 4222] [--store <folder>] [--verbose]`
 *
 * Starts the local stack, prints its addresses, and runs until Ctrl-C. Without `--port` NATS gets any free
 * port; without `--store` everything is gone at the end.
 */

import { parseArgs } from "node:util";
import { LocalStackError, startNats, startRedis } from "./index.ts";

const { values } = parseArgs({
  options: {
    redis: { type: "boolean", default: false },
    port: { type: "string", default: "0" },
    store: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

try {
  await run();
} catch (error) {
  if (!(error instanceof LocalStackError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  const interrupted = untilInterrupted();
  const log = (line: string) => void (values.verbose && process.stderr.write(`${line}\n`));
  const store = values.store === undefined ? {} : { storeDir: values.store };
  const servers = [await startNats({ ...store, port: Number(values.port), log })];
  if (values.redis) servers.push(await startRedis({ log }));
  for (const { url, pid, storeDir } of servers) {
    const what = pid === null ? "not started here" : `pid ${pid}, data in ${storeDir}`;
    process.stdout.write(`${url}  (${what})\n`);
  }
  process.stdout.write("Ctrl-C stops them.\n");
  await interrupted;
  await Promise.all(servers.map((server) => server.stop()));
}

/** A second Ctrl-C finds no listener of ours and ends the process at once, the servers with it. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
