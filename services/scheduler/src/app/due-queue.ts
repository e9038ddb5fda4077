/**
 * Who wants to be looked at when: a binary heap of (instant, item). Setting an item anew leaves the old entry behind, which is dropped
 * when it surfaces, or with all others when they are too many; O(log n) each.
 */

import TinyQueue from "tinyqueue";
import type { EpochMs } from "../domain/instant.ts";

interface Entry<T> {
  at: EpochMs;
  item: T;
}

const byInstant = (a: Entry<unknown>, b: Entry<unknown>): number => a.at - b.at;

/** Left-behind entries beyond one for each item; at this number the heap is built anew. */
const SPARE_MAX = 256;

export class DueQueue<T> {
  #heap = new TinyQueue<Entry<T>>([], byInstant);
  readonly #current = new Map<T, Entry<T>>();

  /** Null: not at all. */
  set(item: T, at: EpochMs | null): void {
    if (at === null) {
      this.#current.delete(item);
      return;
    }
    if (this.#current.get(item)?.at === at) return;
    const entry = { at, item };
    this.#current.set(item, entry);
    this.#heap.push(entry);
    if (this.#heap.length > SPARE_MAX + 2 * this.#current.size) this.#sweep();
  }

  /** Entries, left-behind ones included. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest instant; null: nobody waits. */
  nextAt(): EpochMs | null {
    return this.#head()?.at ?? null;
  }

  /** Takes out the earliest item that is due at `now`. */
  takeDue(now: EpochMs): T | null {
    const head = this.#head();
    if (head === null || head.at > now) return null;
    this.#heap.pop();
    this.#current.delete(head.item);
    return head.item;
  }

  /** Items due at `now`; O(n), for whoever asks rarely. */
  countDue(now: EpochMs): number {
    let count = 0;
    for (const { at } of this.#current.values()) if (at <= now) count++;
    return count;
  }

  #sweep(): void {
    this.#heap = new TinyQueue([...this.#current.values()], byInstant);
  }

  #head(): Entry<T> | null {
    for (;;) {
      const head = this.#heap.peek();
      if (head === undefined) return null;
      if (this.#current.get(head.item) === head) return head;
      this.#heap.pop();
    }
  }
}
