/**
 * A million made-up inputs against the laws: `node tests/soak/hostile.ts [--inputs N] [--seed S]`. The same seed makes the
 * same inputs. Beside the laws each input must be done within WORK_MS_MAX; one that is not is tried again, since other
 * processes only ever add, and what is slow by itself is slow every time.
 */

import { parseArgs } from "node:util";
import type { AnyKind } from "../fuzz/kind.ts";
import { KINDS } from "../fuzz/kinds.ts";
import { dearest, patternsOfTheProduct } from "../fuzz/patterns.ts";

export interface HostileOptions {
  /** Inputs in all, counted by what became of them: a command each, a subject each … */
  readonly inputs?: number;
  readonly seed?: number;
  /** Hears the lines of the report. */
  readonly say?: (line: string) => void;
}

const INPUTS = 1_000_000;
/** Inputs between two lines of progress. */
const BATCH = 5_000;
/** What one input may hold up an event loop. */
const WORK_MS_MAX = 50;

/** A kind's share of all inputs: those that go through the most code come most. */
const SHARES: Readonly<Record<string, number>> = {
  commands: 0.6,
  records: 0.1,
  targets: 0.1,
  "tenants files": 0.1,
  environments: 0.05,
  headers: 0.05,
};

interface Tally {
  inputs: number;
  slowestMs: number;
  readonly verdicts: Map<string, number>;
}

/** Resolves to whether every law held. */
export async function soakHostile(options: HostileOptions = {}): Promise<boolean> {
  const {
    inputs = INPUTS,
    seed = Date.now() % 2 ** 31,
    say = (line) => void process.stdout.write(`${line}\n`),
  } = options;
  say(`seed ${seed}: ${inputs} inputs`);
  const began = performance.now();
  const tallies = new Map<string, Tally>();
  for (const kind of KINDS) {
    const { tally, broken } = await runKind(kind, {
      inputs: Math.ceil(inputs * (SHARES[kind.name] ?? 0)),
      seed,
      say,
    });
    tallies.set(kind.name, tally);
    if (broken === null) continue;
    say(`BROKEN ${broken}`);
    return false;
  }
  report(tallies, (performance.now() - began) / 1_000, say);
  return checkPatterns(say);
}

/** Fewer than this are found only where looking for them is broken. */
const PATTERNS_MIN = 40;

function checkPatterns(say: (line: string) => void): boolean {
  const patterns = patternsOfTheProduct().map((pattern) => ({ ...pattern, ms: dearest(pattern) }));
  const slow = patterns.filter(({ ms }) => ms > WORK_MS_MAX);
  const most = patterns.reduce((ms, pattern) => Math.max(ms, pattern.ms), 0);
  for (const { source, file, ms } of slow)
    say(`BROKEN /${source}/ in ${file}: ${ms.toFixed(0)} ms for 100 KB`);
  say(`${patterns.length} regular expressions, slowest ${most.toFixed(1)} ms for 100 KB`);
  return slow.length === 0 && patterns.length >= PATTERNS_MIN;
}

async function runKind(
  kind: AnyKind,
  { inputs, seed, say }: { inputs: number; seed: number; say: (line: string) => void },
): Promise<{ tally: Tally; broken: string | null }> {
  const tally: Tally = { inputs: 0, slowestMs: 0, verdicts: new Map() };
  for (let batch = 0; tally.inputs < inputs; batch++) {
    const broken = await kind.run({
      count: Math.min(BATCH, inputs - tally.inputs),
      seed: seed + batch,
      workMsMax: WORK_MS_MAX,
      done: (verdicts, tookMs) => {
        tally.inputs += verdicts.length;
        tally.slowestMs = Math.max(tally.slowestMs, tookMs);
        for (const verdict of verdicts) tally.verdicts.set(verdict, (tally.verdicts.get(verdict) ?? 0) + 1);
      },
    });
    if (broken !== null) return { tally, broken };
    say(`${kind.name}: ${tally.inputs} of ${inputs}`);
  }
  return { tally, broken: null };
}

function report(tallies: ReadonlyMap<string, Tally>, seconds: number, say: (line: string) => void): void {
  const all = [...tallies.values()].reduce((sum, { inputs }) => sum + inputs, 0);
  for (const [name, { inputs, slowestMs, verdicts }] of tallies) {
    say(`${name}: ${inputs} inputs, slowest ${slowestMs.toFixed(1)} ms`);
    const rows = [...verdicts].sort(([, one], [, two]) => two - one);
    for (const [verdict, count] of rows) say(`  ${String(count).padStart(8)}  ${verdict}`);
  }
  say(`${all} inputs in ${seconds.toFixed(0)} s, exceptions 0, laws broken 0`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { inputs: { type: "string" }, seed: { type: "string" } } });
  const given = {
    ...(values.inputs === undefined ? {} : { inputs: Number(values.inputs) }),
    ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
  };
  process.exitCode = (await soakHostile(given)) ? 0 : 1;
}
