/**
 * How late commands were: from `Scheduler-Due-At` to the time at which the target stream stored them. What fell
 * due while no worker was there, or under a pause, says nothing about punctuality and is counted apart.
 */

import type { CommandFact, LifeFact, Story } from "./fact-book.ts";

/** Epoch ms, both ends included. */
export interface Outage {
  readonly fromAt: number;
  readonly untilAt: number;
}

export interface Lag {
  /** Fires that the percentiles are of; 0: there were none, and the percentiles are 0. */
  readonly count: number;
  /** Milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Fires left out, because they fell due during an outage or a pause. */
  readonly heldCount: number;
}

export function lagOf(stories: readonly Story[], outages: readonly Outage[]): Lag {
  const lags: number[] = [];
  let heldCount = 0;
  for (const story of stories) {
    const held = [...outages, ...pausesOf(story.life)];
    for (const command of story.commands.filter(isByClock)) {
      if (held.some(({ fromAt, untilAt }) => command.dueAt >= fromAt && command.dueAt <= untilAt))
        heldCount++;
      else lags.push(Math.max(0, command.storedAt - command.dueAt));
    }
  }
  lags.sort((a, b) => a - b);
  return { count: lags.length, p50Ms: percentile(lags, 0.5), p99Ms: percentile(lags, 0.99), heldCount };
}

const isByClock = ({ cause }: CommandFact): boolean => cause === "schedule" || cause === "catch_up";

function pausesOf(life: readonly LifeFact[]): Outage[] {
  const pauses: Outage[] = [];
  for (const [index, { what, at }] of life.entries()) {
    if (what !== "paused") continue;
    const resumed = life.slice(index).find((fact) => fact.what === "resumed");
    pauses.push({ fromAt: at, untilAt: resumed?.at ?? Number.POSITIVE_INFINITY });
  }
  return pauses;
}

/** Nearest rank: the least value that at least `share` of them do not exceed. */
function percentile(rising: readonly number[], share: number): number {
  return rising[Math.max(0, Math.ceil(share * rising.length) - 1)] ?? 0;
}
