/** What one process could fire at most, if it did nothing else. */

import { type Bench, inRepeats, type Outcome } from "./figure.ts";
import { limitAlone } from "./limit-loop.ts";

export interface LimitSize {
  readonly keys: number;
  readonly fires: number;
}

const FULL: LimitSize = { keys: 10_000, fires: 200_000 };
const QUICK: LimitSize = { keys: 10_000, fires: 20_000 };

export async function measureLimit({ keys, fires }: LimitSize): Promise<Outcome> {
  const { perSecond } = await limitAlone({ keys, fires });
  const name = `the three publishes of a fire, over ${keys} schedules`;
  return { figures: [{ name, unit: "fires/s", value: perSecond, peer: null, target: null }] };
}

export const limit: Bench = {
  name: "limit",
  what: "state, command and event of a fire, published by a bare loop",
  run: ({ quick }) => inRepeats(quick, () => measureLimit(quick ? QUICK : FULL)),
};
