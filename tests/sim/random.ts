/** Choices of a simulation. The same seed gives the same choices, so a name of a number is all that a run needs to come again. */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface Random {
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Milliseconds until something happens that happens `perHour` times an hour on average. */
  waitMs(perHour: number): number;
}

const HOUR_MS = 3_600_000;
const FINE = 1_000_000;
/** Neighbouring seeds begin alike; after so many numbers they do not. */
const WARM_UP = 32;

export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  for (let n = 0; n < WARM_UP; n++) generator.next();
  const between = (least: number, most: number): number => uniformInt(generator, least, most);
  const chance = (share: number): boolean => between(1, FINE) <= share * FINE;
  return {
    between,
    chance,
    pick: (items) => {
      const [item] = items.slice(between(0, items.length - 1));
      return item as (typeof items)[number];
    },
    waitMs: (perHour) => Math.ceil((-Math.log(between(1, FINE) / FINE) * HOUR_MS) / perHour),
  };
}
