/** The schedules that a partition holds, by key: warm ones, cold ones, those set aside, and those that are just being made. */

import type { EpochMs } from "../domain/instant.ts";
import type { Schedule } from "../domain/schedule.ts";
import type { Census, Place } from "./census.ts";
import { Held, type Warm } from "./held.ts";
import type { RecordFault } from "./records.ts";
import type { WarmSet } from "./warm-set.ts";

export interface Address {
  key: string;
  tenant: string;
}

export interface ColdSchedule {
  revision: number;
  /** Revision of the definition. */
  definition: number;
  /** Null: not known yet. */
  place: Place | null;
  /** When it wakes; null: only a command wakes it. */
  at: EpochMs | null;
}

export interface ShelfDeps {
  census: Census;
  warmSet: Pick<WarmSet, "forget">;
  warm: Warm;
  /** Hears when a cold one wakes. */
  expect(held: Held, at: EpochMs | null): void;
  /** Hears of one that cannot be read. */
  setAside(held: Held, fault: RecordFault): void;
}

export class Shelf {
  readonly #deps: ShelfDeps;
  readonly #held = new Map<string, Held>();
  #cleared = false;

  constructor(deps: ShelfDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#held.size;
  }

  values(): Iterable<Held> {
    return this.#held.values();
  }

  /** What is held under a key; made where nothing was. */
  at(address: Address): Held {
    const found = this.#held.get(address.key);
    if (found !== undefined) return found;
    const made = new Held(address, this.#deps.warm);
    this.#held.set(made.key, made);
    return made;
  }

  /** A schedule as it is stored, which may have been added cold before. */
  add(address: Address, schedule: Schedule, revision: number): Held {
    const held = this.at(address);
    held.adopt(schedule, revision);
    return held;
  }

  /** A schedule that need not be in memory. */
  addCold(address: Address, { revision, definition, place, at }: ColdSchedule): Held {
    const held = this.at(address);
    held.cool(revision, definition, null);
    if (this.#cleared) return held;
    this.#deps.census.move(held, place);
    this.#deps.expect(held, at);
    return held;
  }

  /** A schedule of which something cannot be read. */
  setAside(address: Address, fault: RecordFault, revision: number): void {
    const held = this.at(address);
    held.adopt(null, revision, true);
    this.#deps.census.remove(held);
    this.#deps.expect(held, null);
    this.#deps.setAside(held, fault);
  }

  forget(held: Held): void {
    if (this.#held.get(held.key) === held) this.#held.delete(held.key);
    this.#leave(held);
  }

  /** All of them leave; none that is still added counts. */
  clear(): void {
    this.#cleared = true;
    for (const held of this.#held.values()) this.#leave(held);
  }

  #leave(held: Held): void {
    this.#deps.census.remove(held);
    this.#deps.warmSet.forget(held);
  }
}
