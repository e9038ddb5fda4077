/** Many schedules that are due in one instant, others beside them, and the bare loop with as many fires on as many keys. */

import { percentile } from "../support/measure.ts";
import { type Bench, type Figure, inRepeats, type Outcome } from "./figure.ts";
import { limitAlone } from "./limit-loop.ts";
import { type HerdSize, stampede } from "./stampede.ts";

const FULL: HerdSize = { herd: 100_000, others: 1_000 };
const QUICK: HerdSize = { herd: 10_000, others: 1_000 };
const TIMES_LIMIT = 1.6;
const OTHERS_P99_MS_MAX = 1_500;

export async function measureHerd(size: HerdSize): Promise<Outcome> {
  const { herd, others, stallMs } = await stampede(size);
  const limit = await limitAlone({ keys: size.herd, fires: size.herd });
  const told = (name: string, value: number, target: Figure["target"] = null): Figure => ({
    name,
    unit: "ms",
    value,
    peer: null,
    target,
  });
  const stored = `${size.herd} due in one instant, until all commands are stored`;
  return {
    figures: [
      {
        ...told(stored, percentile(herd, 1), { timesAsDear: TIMES_LIMIT }),
        peer: { name: "the bare loop", value: limit.commandsMs },
      },
      told("lag p50 of them", percentile(herd, 0.5)),
      told("lag p99 of them", percentile(herd, 0.99)),
      told(`lag p99 of ${size.others} others meanwhile, every second`, percentile(others, 0.99), {
        most: OTHERS_P99_MS_MAX,
      }),
      told("the longest stall of the worker's event loop", stallMs),
    ],
  };
}

export const herd: Bench = {
  name: "herd",
  what: "schedules that are all due in one instant, and others beside them",
  run: ({ quick }) => inRepeats(quick, () => measureHerd(quick ? QUICK : FULL)),
};
