/**
 * `npm run chaos -- [--cycles 50] [--workers 3] [--leases nats|redis] [--schedules 1000] [--lease 5] [--seed n]`: real processes, and
 * faults one after the other. The seed names the faults; when exactly they hit is up to the machine. Ends with 1 where anything was lost,
 * doubled, untold or early, or a gap was too long; writes the figures to .chaos/report.json.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chaos } from "./run.ts";

const FOLDER = join(import.meta.dirname, "../../.chaos");
const SEEDS = 2 ** 31;

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "50" },
    workers: { type: "string", default: "3" },
    leases: { type: "string", default: "nats" },
    schedules: { type: "string", default: "1000" },
    lease: { type: "string", default: "5" },
    seed: { type: "string", default: String(Date.now() % SEEDS) },
  },
});
const [cycles, workers, schedules, lease, seed] = [
  values.cycles,
  values.workers,
  values.schedules,
  values.lease,
  values.seed,
].map(Number) as [number, number, number, number, number];
const { leases } = values;

if (!(cycles > 0 && workers > 1 && schedules > 0 && lease >= 2 && seed >= 0) || !isBackend(leases)) {
  process.stderr.write(
    "usage: npm run chaos -- [--cycles 50] [--workers 3] [--leases nats|redis] [--schedules 1000] [--lease 5] [--seed n]\n",
  );
  process.exit(2);
}

function isBackend(text: string): text is "nats" | "redis" {
  return text === "nats" || text === "redis";
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(
  `seed ${seed}: ${cycles} cycles, ${workers} workers, ${schedules} fires/s, leases of ${lease} s in ${leases}`,
);
const beganMs = performance.now();
const { lines, faults, figures } = await chaos({
  cycles,
  workers,
  schedules,
  leases,
  seed,
  say,
  leaseMs: lease * 1_000,
  boundsMs: { failover: 10_000, handover: 500 },
});
for (const line of lines) say(`  ${line}`);
for (const fault of faults) say(`  FAULT ${fault}`);
const minutes = (performance.now() - beganMs) / 60_000;
say(`${faults.length === 0 ? "passed" : "failed"} after ${minutes.toFixed(1)} min`);
await mkdir(FOLDER, { recursive: true });
await writeFile(join(FOLDER, "report.json"), `${JSON.stringify({ ...figures, faults, minutes }, null, 2)}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
