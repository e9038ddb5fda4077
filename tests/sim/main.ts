/**
 * `npm run sim -- --seeds 1000 [--from N]`: runs one simulation a seed, and says which laws were broken. The seeds are printed first; a seed
 * alone brings its run back. `--seed N` runs one and tells what the workers told.
 */

import { parseArgs } from "node:util";
import type { History } from "./history.ts";
import { violations } from "./laws/index.ts";
import { run } from "./world.ts";

const HOUR_MS = 3_600_000;

/** Between two lines of progress, in seeds. */
const PROGRESS_EVERY = 500;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

const from = Number(values.seed ?? values.from);
const seeds = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1)
  throw new RangeError("--seeds, --from, --seed: expected whole numbers");

const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`seeds ${from} to ${from + seeds - 1}`);
const startedMs = performance.now();
const startedCpu = process.cpuUsage();
const sum = { hours: 0, commands: 0, fires: 0, finals: 0, failed: [] as number[] };
for (let seed = from; seed < from + seeds; seed++) {
  const history = await run(seed);
  enter(history);
  const broken = violations(history);
  if (broken.length > 0) {
    sum.failed.push(seed);
    say(`seed ${seed} (${history.scenario.pace}):`);
    for (const { law, what } of broken) say(`  ${law}: ${what}`);
  }
  if (values.seed !== undefined) tell(history);
  if ((seed - from + 1) % PROGRESS_EVERY === 0)
    say(`${seed - from + 1} seeds, ${sum.hours.toFixed(0)} hours, ${paceOf(seed - from + 1)}`);
}
say(
  `${seeds} seeds, ${paceOf(seeds)}: ${sum.hours.toFixed(0)} simulated hours, ` +
    `${sum.commands} commands, ${sum.fires} target commands, ${sum.finals} execution events`,
);
say(`violations: ${sum.failed.length}${sum.failed.length === 0 ? "" : ` (seeds ${sum.failed.join(", ")})`}`);
process.exitCode = sum.failed.length === 0 ? 0 : 1;

/** By the clock, and by the processor time that was spent, which others on the machine do not change. */
function paceOf(count: number): string {
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(startedCpu);
  const cpuSeconds = (user + system) / 1_000_000;
  return `${(count / seconds).toFixed(1)} a second (${(count / cpuSeconds).toFixed(1)} of processor time)`;
}

function enter({ endMs, commands, targets, executions }: History): void {
  sum.hours += endMs / HOUR_MS;
  sum.commands += commands.size;
  sum.fires += targets.length;
  sum.finals += executions.length;
}

function tell({ scenario, told }: History): void {
  say(JSON.stringify(scenario, null, 2));
  for (const { worker, atMs, signal } of told)
    say(`${(atMs / 1_000).toFixed(3)} ${worker} ${textOf(signal)}`);
}

function textOf({ kind, ...facts }: History["told"][number]["signal"]): string {
  const error = "error" in facts ? { error: String(facts.error) } : {};
  return `${kind} ${JSON.stringify({ ...facts, ...error })}`;
}
