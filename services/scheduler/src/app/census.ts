/**
 * Counts the schedules that a worker holds: for the limits of tenants and creators, and for the gauges. One that is being stored counts
 * already, so that a limit holds however many are created at once.
 */

import type { Held } from "./held.ts";

interface Place {
  tenant: string;
  creator: string;
  /** `<type> <status>` */
  kind: string;
  /** Completed ones do not count against limits. */
  counts: boolean;
}

export class Census {
  readonly #places = new Map<Held, Place>();
  readonly #tenants = new Map<string, number>();
  readonly #creators = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  /** Tenants and creators whose counts others do not know yet. */
  readonly #changed = new Set<string>();

  /** The schedule as it stands now. */
  note(held: Held): void {
    const place = placeOf(held);
    if (place?.kind === this.#places.get(held)?.kind) return;
    this.remove(held);
    if (place === null) return;
    this.#places.set(held, place);
    this.#count(place, 1);
  }

  remove(held: Held): void {
    const place = this.#places.get(held);
    if (place === undefined) return;
    this.#places.delete(held);
    this.#count(place, -1);
  }

  count(tenant: string, creator: string): { tenant: number; creator: number } {
    return {
      tenant: this.#tenants.get(tenant) ?? 0,
      creator: this.#creators.get(creatorKey(tenant, creator)) ?? 0,
    };
  }

  /** Schedules that count against limits: `<tenant>` of a whole tenant, `<tenant>.<creator>` of one creator. */
  *counts(): Generator<readonly [of: string, count: number]> {
    yield* this.#tenants;
    yield* this.#creators;
  }

  /** Up to `countMax` of those whose count has changed since it was last taken. */
  takeChanged(countMax: number): string[] {
    const taken: string[] = [];
    for (const of of this.#changed) {
      if (taken.length === countMax) break;
      taken.push(of);
      this.#changed.delete(of);
    }
    return taken;
  }

  /** Of what `counts` names; 0: none. */
  countOf(of: string): number {
    return this.#tenants.get(of) ?? this.#creators.get(of) ?? 0;
  }

  /** All of them. */
  get total(): number {
    return this.#places.size;
  }

  /** Number of schedules by `<type> <status>`. */
  get kinds(): ReadonlyMap<string, number> {
    return this.#kinds;
  }

  #count({ tenant, creator, kind, counts }: Place, by: number): void {
    bump(this.#kinds, kind, by);
    if (!counts) return;
    const key = creatorKey(tenant, creator);
    bump(this.#tenants, tenant, by);
    bump(this.#creators, key, by);
    this.#changed.add(tenant).add(key);
  }
}

function placeOf({ expected: schedule }: Held): Place | null {
  if (schedule === null || schedule.state.status === "deleted") return null;
  const { tenant, createdBy, effective } = schedule.record;
  const { status } = schedule.state;
  return {
    tenant,
    creator: createdBy,
    kind: `${effective.trigger.type} ${status}`,
    counts: status !== "completed",
  };
}

const creatorKey = (tenant: string, creator: string): string => `${tenant}.${creator}`;

function bump(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
