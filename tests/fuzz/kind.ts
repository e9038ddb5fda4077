/** What a kind of made-up input is, and how many of its inputs are taken in from a seed. */

import fc from "fast-check";
import type { Verdict } from "./house.ts";
import { demand } from "./laws.ts";

export type Part = () => Verdict | Promise<Verdict>;

export interface Kind<Input> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<Input>;
  /** The parts of it, to be taken in one after the other; each says what became of it, or throws where a law is broken. */
  parts(input: Input): readonly Part[];
}

export interface Run {
  readonly count: number;
  readonly seed: number;
  /** Longest that one part may take; absent: it is not looked at, since a busy machine makes every figure wrong. */
  readonly workMsMax?: number;
  /** Hears what became of the parts of an input, and how long the slowest took. */
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

export const runnable = <Input>({ name, arbitrary, parts }: Kind<Input>): AnyKind => ({
  name,
  run: async ({ count, seed, workMsMax = Number.POSITIVE_INFINITY, done }) => {
    const property = fc.asyncProperty(arbitrary, async (input) => {
      let taken = await takeIn(parts(input));
      for (let tries = 1; taken.slowestMs > workMsMax && tries < TRIES_MAX; tries++) {
        taken = await takeIn(parts(input));
      }
      const { verdicts, slowestMs } = taken;
      demand(slowestMs <= workMsMax, `it took ${slowestMs} ms; expected at most ${workMsMax}`);
      done(verdicts, slowestMs);
    });
    const details = await fc.check(property, { numRuns: count, seed });
    return details.failed ? told(name, details) : null;
  },
});

async function takeIn(parts: readonly Part[]): Promise<{ verdicts: readonly Verdict[]; slowestMs: number }> {
  const verdicts: Verdict[] = [];
  let slowestMs = 0;
  for (const part of parts) {
    const began = performance.now();
    verdicts.push(await part());
    slowestMs = Math.max(slowestMs, performance.now() - began);
  }
  return { verdicts, slowestMs };
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
