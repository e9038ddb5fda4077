/**
 * Who wants to be looked at when: a binary heap of instants, and of the items that they belong to. An item carries the number of its slot,
 * so that it is moved or taken out where it stands, and waiting costs 16 bytes; O(log n) each.
 */

import type { EpochMs } from "../domain/instant.ts";

/** An item of one queue. */
export interface Slotted {
  /** Where it waits in its queue, which alone sets this; `NO_SLOT`: it does not wait. */
  slot: number;
}

export const NO_SLOT = -1;

const CAPACITY_MIN = 16;

export class DueQueue<T extends Slotted> {
  /** By slot; no entry is earlier than the one above it, at half its number. */
  #instants = new Float64Array(CAPACITY_MIN);
  readonly #items: T[] = [];

  /** Null: not at all. */
  set(item: T, at: EpochMs | null): void {
    if (at === null) this.#remove(item);
    else if (item.slot === NO_SLOT) this.#insert(item, at);
    else this.#settle(item, at, item.slot);
  }

  get size(): number {
    return this.#items.length;
  }

  /** Null: it does not wait. */
  at(item: T): EpochMs | null {
    return item.slot === NO_SLOT ? null : this.#at(item.slot);
  }

  /** The earliest instant; null: nobody waits. */
  nextAt(): EpochMs | null {
    return this.size === 0 ? null : this.#at(0);
  }

  /** Takes out the earliest item that is due at `now`. */
  takeDue(now: EpochMs): T | null {
    const [first] = this.#items;
    if (first === undefined || this.#at(0) > now) return null;
    this.#remove(first);
    return first;
  }

  /** Items due at `now`; O(n) in these. */
  countDue(now: EpochMs): number {
    let count = 0;
    for (const _ of this.due(now)) count++;
    return count;
  }

  /** Items due at `now`, in no order; O(n) in these. Nothing may be set meanwhile. */
  *due(now: EpochMs): Generator<T> {
    const open = [0];
    for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
      const item = this.#items[slot];
      if (item === undefined || this.#at(slot) > now) continue;
      yield item;
      open.push(2 * slot + 1, 2 * slot + 2);
    }
  }

  #at(slot: number): EpochMs {
    return this.#instants[slot] ?? 0;
  }

  #insert(item: T, at: EpochMs): void {
    const slot = this.#items.push(item) - 1;
    if (slot === this.#instants.length) {
      const wider = new Float64Array(2 * slot);
      wider.set(this.#instants);
      this.#instants = wider;
    }
    this.#settle(item, at, slot);
  }

  /** The last one takes its place. */
  #remove(item: T): void {
    const { slot } = item;
    const last = this.#items.at(-1);
    if (slot === NO_SLOT || last === undefined) return;
    item.slot = NO_SLOT;
    const at = this.#at(this.size - 1);
    this.#items.pop();
    if (last !== item) this.#settle(last, at, slot);
  }

  /** Finds the slot where an item belongs, from a free one (or its own) on: up past all that are later, or down past all that are earlier. */
  #settle(item: T, at: EpochMs, from: number): void {
    let slot = from;
    for (let above = (slot - 1) >> 1; slot > 0 && this.#at(above) > at; above = (slot - 1) >> 1) {
      this.#move(above, slot);
      slot = above;
    }
    for (let below = this.#earlierBelow(slot); below < this.size && this.#at(below) < at; ) {
      this.#move(below, slot);
      slot = below;
      below = this.#earlierBelow(slot);
    }
    this.#put(item, at, slot);
  }

  #earlierBelow(slot: number): number {
    const left = 2 * slot + 1;
    return left + 1 < this.size && this.#at(left + 1) < this.#at(left) ? left + 1 : left;
  }

  #move(from: number, to: number): void {
    const item = this.#items[from];
    if (item !== undefined) this.#put(item, this.#at(from), to);
  }

  #put(item: T, at: EpochMs, slot: number): void {
    this.#items[slot] = item;
    this.#instants[slot] = at;
    item.slot = slot;
  }
}
