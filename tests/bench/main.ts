/**
 * `npm run bench -- [name …] [--quick]`: what the product costs, beside its peers, measured in the same run. Prints a table
 * for each benchmark and keeps its figures in `.bench/`; ends with 1 where a target is missed.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BENCHES } from "./benches.ts";
import { isMet } from "./figure.ts";
import { table } from "./table.ts";

const RESULTS = join(import.meta.dirname, "../../.bench");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `usage: npm run bench -- [${BENCHES.map(({ name }) => name).join("] [")}] [--quick]\n`,
  );
  process.exit(2);
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
mkdirSync(RESULTS, { recursive: true });
for (const { name, what, run } of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stdout.write(`\n${name}: ${what}\n`);
  const { figures, notes = [] } = await run({ quick: values.quick });
  process.stdout.write(`${[table(figures), ...notes.map((note) => `  ${note}`)].join("\n")}\n`);
  const at = new Date().toISOString();
  const file = join(RESULTS, `${name}-${at.replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(
    file,
    `${JSON.stringify({ name, at, quick: values.quick, machine, figures, notes }, null, 2)}\n`,
  );
  if (!figures.every(isMet)) process.exitCode = 1;
}
