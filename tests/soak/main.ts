/**
 * `npm run soak [-- part …] [--minutes 5] [--inputs 1000000] [--seed n]`: the long runs, all or some. Prints what each part
 * found, and ends with 1 where anything is wrong.
 */

import { parseArgs } from "node:util";
import { soakGaps } from "./gaps.ts";
import { soakHostile } from "./hostile.ts";
import { soakLoad } from "./load.ts";
import type { Report } from "./report.ts";
import { soakServers } from "./servers.ts";
import { soakSilence } from "./silence.ts";

const OUTAGE_MS = 10_000;
const GAPS = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "5" },
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const inputs = Number(values.inputs);

/** Each resolves to whether it has passed. */
const PARTS: Readonly<Record<string, () => Promise<boolean>>> = {
  servers: () => shown(soakServers({ outageMs: OUTAGE_MS })),
  silence: () => shown(soakSilence()),
  gaps: () => shown(soakGaps({ schedules: GAPS })),
  load: () => shown(soakLoad({ minutes })),
  hostile: () => soakHostile({ inputs, ...(values.seed === undefined ? {} : { seed: Number(values.seed) }) }),
};

async function shown(report: Promise<Report>): Promise<boolean> {
  const { lines, faults } = await report;
  for (const line of lines) process.stdout.write(`  ${line}\n`);
  for (const fault of faults) process.stdout.write(`  FAULT ${fault}\n`);
  return faults.length === 0;
}

const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0 || !(minutes > 0) || !(inputs > 0)) {
  process.stderr.write(
    `usage: npm run soak -- [${Object.keys(PARTS).join("] [")}] [--minutes 5] [--inputs 1000000] [--seed n]\n`,
  );
  process.exit(2);
}

for (const [name, run] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stdout.write(`${name}\n`);
  if (!(await run())) process.exitCode = 1;
}
