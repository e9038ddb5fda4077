/**
 * What limits are counted by, shared among workers: how many schedules each holds of a tenant and of a creator, and how many commands it
 * has admitted. A tally is told every second, and may be lost: a part of all counts goes along each time, so that everybody comes to know
 * them all, whoever came late included.
 */

import { type Count, isTally, parseJson, type Tally } from "@carillon/contracts";
import type { Tenants } from "../domain/tenants.ts";
import type { Census } from "./census.ts";
import type { Cancel, Clock, Peers } from "./ports.ts";
import type { Rates } from "./rates.ts";
import type { Roster } from "./roster.ts";

/** Others know what happened here so long ago; with many workers, limits are exceeded by no more than what arrives meanwhile. */
const TELL_EVERY_MS = 1_000;

/** Counts of one tally at most that are new; the rest wait for the next one. */
const CHANGED_MAX = 5_000;

/** Counts that are told again each time although they have not changed. */
const REPEATED_MAX = 500;

export interface TalliesDeps {
  clock: Clock;
  peers: Peers;
  roster: Roster;
  census: Census;
  rates: Rates;
  worker: string;
  tenants(): Tenants;
}

export class Tallies {
  readonly #deps: TalliesDeps;
  /** By worker, what it has told. */
  readonly #others = new Map<string, Map<string, number>>();
  /** Counts still to be repeated, before all are repeated anew. */
  #cycle: ReturnType<Census["counts"]>;
  #cancel: Cancel | null = null;

  constructor(deps: TalliesDeps) {
    this.#deps = deps;
    this.#cycle = deps.census.counts();
    deps.peers.hear((statement) => this.#hear(statement));
    deps.roster.onChange(() => this.#meet());
  }

  /** Schedules of a tenant, and of a creator in it, that are held anywhere. */
  count(tenant: string, creator: string): { tenant: number; creator: number } {
    const own = this.#deps.census.count(tenant, creator);
    return {
      tenant: own.tenant + this.#elsewhere(tenant),
      creator: own.creator + this.#elsewhere(`${tenant}.${creator}`),
    };
  }

  #elsewhere(of: string): number {
    let sum = 0;
    for (const counts of this.#others.values()) sum += counts.get(of) ?? 0;
    return sum;
  }

  /** Somebody came or left. Whoever is alone tells nobody. */
  #meet(): void {
    const { roster, clock } = this.#deps;
    for (const worker of this.#others.keys()) if (!roster.has(worker)) this.#others.delete(worker);
    if (roster.size === 0) {
      this.#cancel?.();
      this.#cancel = null;
    } else this.#cancel ??= clock.after(TELL_EVERY_MS, () => this.#tell());
  }

  #tell(): void {
    const { clock, peers, rates, worker } = this.#deps;
    this.#cancel = clock.after(TELL_EVERY_MS, () => this.#tell());
    const [schedules, commands] = [this.#counts(), rates.tally()];
    if (schedules.length === 0 && commands.length === 0) return;
    const tally: Tally = { v: 1, kind: "tally", worker, schedules, commands };
    peers.tell(JSON.stringify(tally));
  }

  /** What has changed since it was told, and a part of the rest. */
  #counts(): Count[] {
    const { census } = this.#deps;
    const told = new Set(census.takeChanged(CHANGED_MAX));
    for (let repeated = 0; repeated < REPEATED_MAX; repeated++) {
      const { value, done } = this.#cycle.next();
      if (done === true) {
        this.#cycle = census.counts();
        break;
      }
      told.add(value[0]);
    }
    return [...told].map((of) => ({ of, count: census.countOf(of) }));
  }

  #hear(statement: string): void {
    const parsed = parseJson(statement);
    if (!parsed.ok || !isTally(parsed.value)) return;
    const { worker, schedules, commands } = parsed.value;
    const { roster, rates, tenants } = this.#deps;
    if (!roster.has(worker)) return;
    const counts = this.#others.get(worker) ?? new Map<string, number>();
    this.#others.set(worker, counts);
    for (const { of, count } of schedules) {
      if (count === 0) counts.delete(of);
      else counts.set(of, count);
    }
    for (const admitted of commands) {
      const tenant = tenants().get(admitted.of.split(".", 1)[0] ?? "");
      if (tenant !== undefined) rates.charge(admitted, tenant);
    }
  }
}
