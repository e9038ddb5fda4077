/** What a run of chaos found: figures for people and programs, and the verdict. */

import { cpus } from "node:os";
import { Distribution } from "../support/distribution.ts";
import type { Cost } from "./faults.ts";
import type { Gap } from "./gaps.ts";
import type { Balance } from "./ledger.ts";
import type { OrdersBalance } from "./orders.ts";

/** What p99 of how late a schedule's worst occurrence was must stay below; a cost without one may take any time. */
export type Bounds = Partial<Record<Cost, number>>;

export const COSTS = ["failover", "handover", "outage", "leases"] as const satisfies Cost[];

interface Spread {
  readonly lateness: Distribution;
  readonly silence: Distribution;
  cycles: number;
  partitions: number;
}

export interface ChaosReport {
  readonly lines: readonly string[];
  /** Empty: the run has passed. */
  readonly faults: readonly string[];
  /** The same for programs. */
  readonly figures: object;
}

export class Tally {
  readonly #spreads = new Map<Cost, Spread>(
    COSTS.map((cost) => [
      cost,
      { lateness: new Distribution(), silence: new Distribution(), cycles: 0, partitions: 0 },
    ]),
  );

  /** What one cycle cost the partitions that paid in this way. */
  add(cost: Cost, gaps: readonly Gap[]): void {
    const spread = this.#spreads.get(cost);
    if (spread === undefined || gaps.length === 0) return;
    spread.cycles++;
    spread.partitions += gaps.length;
    for (const { latenessMs, silenceMs } of gaps) {
      spread.silence.add(silenceMs);
      for (const lateMs of latenessMs) spread.lateness.add(Math.max(0, lateMs));
    }
  }

  get figures(): object {
    return Object.fromEntries(
      [...this.#spreads].map(([cost, { cycles, partitions, lateness, silence }]) => [
        cost,
        { cycles, partitions, latenessMs: figuresOf(lateness), silenceMs: figuresOf(silence) },
      ]),
    );
  }

  get lines(): string[] {
    return [...this.#spreads]
      .filter(([, { cycles }]) => cycles > 0)
      .map(
        ([cost, { cycles, partitions, lateness, silence }]) =>
          `${cost} gap, ${cycles} cycles, ${partitions} partitions: lateness ${lateness}; without a fire ${silence}`,
      );
  }

  faults(boundsMs: Bounds): string[] {
    return [...this.#spreads].flatMap(([cost, { lateness }]) => {
      const p99 = lateness.percentile(0.99);
      const boundMs = boundsMs[cost] ?? Number.POSITIVE_INFINITY;
      return p99 < boundMs || Number.isNaN(p99) ? [] : [`${cost} p99 is ${p99} ms, not below ${boundMs} ms`];
    });
  }
}

const figuresOf = (distribution: Distribution): object => ({
  p50: distribution.percentile(0.5),
  p99: distribution.percentile(0.99),
  max: distribution.percentile(1),
});

export function balanceLines(balance: Balance, orders: OrdersBalance): string[] {
  const { planned, lost, untold, doubled, early, stray, unfired, repeated } = balance;
  return [
    `planned ${planned}: lost ${lost.length}, untold ${untold.length}, doubled ${doubled}, early ${early}, ` +
      `stray ${stray}, told as not fired ${unfired}; sent again and dropped by the stream ${repeated}`,
    `durable commands ${orders.sent}: lost ${orders.lost.length}, wrong ${orders.wrong.length}; handled again ${orders.redelivered}`,
  ];
}

export function balanceFaults(balance: Balance, orders: OrdersBalance): string[] {
  const { planned, lost, untold, doubled, early, stray, unfired } = balance;
  const counts = { lost: lost.length, untold: untold.length, doubled, early, stray, unfired };
  return [
    ...(planned > 0 ? [] : ["nothing was planned"]),
    ...Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`])),
    ...[...lost, ...untold].slice(0, SHOWN_MAX),
    ...[...orders.lost.map((words) => `lost: ${words}`), ...orders.wrong].slice(0, SHOWN_MAX),
  ];
}

const SHOWN_MAX = 20;

/** Shares of the machine's time since `startLoad`. */
export interface Load {
  /** Of one processor, used by this process. */
  readonly harness: number;
  /** Of all processors, used by nobody. */
  readonly idle: number;
}

export function startLoad(): () => Load {
  const began = { atMs: performance.now(), used: process.cpuUsage(), times: timesOf() };
  return () => {
    const { user, system } = process.cpuUsage(began.used);
    const times = timesOf();
    return {
      harness: (user + system) / 1_000 / (performance.now() - began.atMs),
      idle: (times.idle - began.times.idle) / (times.all - began.times.all),
    };
  };
}

function timesOf(): { idle: number; all: number } {
  const all = cpus().flatMap(({ times }) => Object.entries(times));
  const sum = (entries: [string, number][]): number => entries.reduce((total, [, ms]) => total + ms, 0);
  return { idle: sum(all.filter(([kind]) => kind === "idle")), all: sum(all) };
}
