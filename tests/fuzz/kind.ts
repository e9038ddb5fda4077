/** What a kind of made-up input is, and how many of its inputs are taken in from a seed. */

import fc from "fast-check";
import type { Verdict } from "./house.ts";
import { demand } from "./laws.ts";

export interface Kind<Input> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<Input>;
  /** What became of each part of it; throws where a law is broken. */
  judge(input: Input): Promise<readonly Verdict[]>;
}

export interface Run {
  readonly count: number;
  readonly seed: number;
  /** Longest that one input may take; absent: it is not looked at, since a busy machine makes every figure wrong. */
  readonly workMsMax?: number;
  /** Hears what became of an input, and how long that took. */
  done(verdicts: readonly Verdict[], tookMs: number): void;
}

/** A kind whose inputs only it can read. */
export interface AnyKind {
  readonly name: string;
  /** Null: every law held; else the smallest input that broke one, and how. */
  run(how: Run): Promise<string | null>;
}

/** Times that an input is taken in before it counts as slow: other processes only ever add. */
const TRIES_MAX = 5;

export const runnable = <Input>({ name, arbitrary, judge }: Kind<Input>): AnyKind => ({
  name,
  run: async ({ count, seed, workMsMax = Number.POSITIVE_INFINITY, done }) => {
    const property = fc.asyncProperty(arbitrary, async (input) => {
      let [verdicts, tookMs] = await timed(() => judge(input));
      for (let tries = 1; tookMs > workMsMax && tries < TRIES_MAX; tries++) {
        [verdicts, tookMs] = await timed(() => judge(input));
      }
      demand(tookMs <= workMsMax, `it took ${tookMs} ms; expected at most ${workMsMax}`);
      done(verdicts, tookMs);
    });
    const details = await fc.check(property, { numRuns: count, seed });
    return details.failed ? told(name, details) : null;
  },
});

async function timed<Answer>(work: () => Promise<Answer>): Promise<[Answer, number]> {
  const began = performance.now();
  const answer = await work();
  return [answer, performance.now() - began];
}

type Failure = Record<"seed" | "counterexamplePath" | "counterexample" | "errorInstance", unknown>;

/** Bytes as the text that they mostly are. */
function told(name: string, failure: Failure): string {
  const { seed, counterexamplePath, counterexample, errorInstance } = failure;
  const text = (_: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  const error = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  return `${name}, seed ${seed}, path ${counterexamplePath}: ${JSON.stringify(counterexample, text, 1)}\n${error}`;
}
