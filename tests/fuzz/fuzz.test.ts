/** Some thousands of made-up inputs of each kind; `tests/soak/hostile.ts` makes up a million. */

import { describe, expect, it } from "vitest";
import { KINDS } from "./kinds.ts";

const INPUTS = 2_000;
/** Another run, another seed; FUZZ_SEED repeats one. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

describe(`made-up input from seed ${SEED}`, () => {
  it.each(KINDS)("breaks no law: $name", async ({ run }) => {
    const seen = new Set<string>();
    const broken = await run({
      count: INPUTS,
      seed: SEED,
      done: (verdicts) => {
        for (const verdict of verdicts) seen.add(verdict);
      },
    });
    expect(broken).toBeNull();
    expect(seen.size).toBeGreaterThan(0);
  });
});
