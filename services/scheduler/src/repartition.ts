/**
 * The process that gives an installation another number of partitions: `npm run repartition -- --to 64 [--dry-run] [--nats-url …]`. The
 * environment is that of a worker. Progress goes to stdout; 78 where something has to be changed first, 75 where it ended halfway and
 * has to be run again.
 */

import { parseArgs } from "node:util";
import { names as namesOf } from "@carillon/contracts";
import { connectNats } from "./adapters/nats/connection.ts";
import { repartitionOver } from "./adapters/nats/repartition/index.ts";
import { createLog } from "./adapters/ops/log.ts";
import { createMetrics } from "./adapters/ops/metrics.ts";
import { telemetry } from "./adapters/ops/telemetry.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { type Config, loadConfigWith } from "./config.ts";
import { EXIT, exitOf } from "./exit.ts";
import { connectionOf } from "./settings.ts";

const USAGE = "npm run repartition -- --to <number of partitions> [--dry-run] [--nats-url <address>]";
const NAME = "repartition";

const asked = argumentsOf();
if (asked?.to === undefined) fail([USAGE], EXIT.config);
else {
  const { to, "nats-url": url } = asked;
  const loaded = loadConfigWith({
    SCHEDULER_PARTITIONS: to,
    ...(url === undefined ? {} : { NATS_URL: url }),
  });
  if (loaded.ok) await run(loaded.config, asked["dry-run"] ?? false);
  else fail(loaded.faults, EXIT.config);
}

function argumentsOf() {
  const options = {
    to: { type: "string" },
    "dry-run": { type: "boolean" },
    "nats-url": { type: "string" },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch {
    return null;
  }
}

async function run(config: Config, dryRun: boolean): Promise<void> {
  const { serviceName: service, serviceVersion: version } = config;
  const log = createLog({ level: "warn", format: "pretty", service, version, stream: null });
  const tell = telemetry({ log, metrics: createMetrics() });
  const clock = systemClock();
  const names = namesOf();
  const connection = connectionOf(config, names, NAME);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const link = await connectNats({ clock, tell }, connection);
    try {
      const { partitions: to, lockTimeoutMs: leaseTtlMs } = config;
      const wish = { to, leaseTtlMs, dryRun, inboxPrefix: connection.inboxPrefix };
      await repartitionOver({ clock, link, names, tell, say }, wish);
    } finally {
      await link.close();
    }
  } catch (error) {
    const halfway = error instanceof Error && error.name === "Abandoned";
    const { code, lines } = exitOf(error);
    if (halfway) fail([`${error.message}; run this again`], EXIT.again);
    else fail(lines, code);
  }
}

function fail(lines: readonly string[], code: number): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = code;
}
