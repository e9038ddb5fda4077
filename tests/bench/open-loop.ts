/** Requests at a rate of their own, whether or not those before have been answered: who waits for answers asks less when they are late. */

import { setTimeout as delay } from "node:timers/promises";
import { Distribution } from "../support/distribution.ts";

export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Milliseconds from each request to its answer. Throws where one is refused or not answered. */
export async function openLoop(
  { perSecond, seconds }: Rate,
  request: (n: number) => Promise<unknown>,
): Promise<Distribution> {
  const spread = new Distribution();
  const timed = async (n: number): Promise<void> => {
    const startedMs = performance.now();
    await request(n);
    spread.add(performance.now() - startedMs);
  };
  const answers: Promise<void>[] = [];
  const startedMs = performance.now();
  for (const count = perSecond * seconds; answers.length < count; await delay(1)) {
    const due = Math.min(count, ((performance.now() - startedMs) * perSecond) / 1_000);
    while (answers.length < due) answers.push(timed(answers.length));
  }
  await Promise.all(answers);
  return spread;
}
