/**
 * `npm run demo [-- --keep] [--redis]`
 *
 * Shows what Carillon does, on this machine, in under a minute, and ends by itself: 0 when the auditor's table
 * balances, 1 when it does not, 130 when it was interrupted. `--keep` leaves all running until Ctrl-C.
 * `--redis` starts a redis-server too, and leases are kept there.
 */

import { parseArgs } from "node:util";
import { LocalStackError } from "@carillon/local";
import { runDemo } from "./demo.ts";

const EXIT = { balanced: 0, failed: 1, interrupted: 130 } as const;

const { values } = parseArgs({
  options: { keep: { type: "boolean", default: false }, redis: { type: "boolean", default: false } },
});
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for the end of anything.
    if (interruption.signal.aborted) process.exit(EXIT.interrupted);
    interruption.abort();
  });
}

try {
  const balanced = await runDemo({
    keep: values.keep,
    leasesInRedis: values.redis,
    out: process.stdout,
    signal: interruption.signal,
  });
  process.exitCode = balanced ? EXIT.balanced : EXIT.failed;
} catch (error) {
  if (interruption.signal.aborted) interrupted();
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exitCode = EXIT.failed;
}

/** At once, since a search for nats-server may still be under way. */
function interrupted(): never {
  process.stderr.write("Interrupted; nothing is left running.\n");
  process.exit(EXIT.interrupted);
}

function wordsOf(error: unknown): string {
  if (error instanceof LocalStackError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
