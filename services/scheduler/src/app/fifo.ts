/**
 * First in, first out. An array's own `shift` moves all that is behind, which at ten thousand waiting messages costs more than sending one;
 * here the front only moves on, and what lies before it is dropped in bulk.
 */

/** What was taken may lie about until there is so much of it, and more than of the rest. */
const TAKEN_MAX = 1_024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #front = 0;

  get size(): number {
    return this.#items.length - this.#front;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Undefined: it is empty. */
  shift(): T | undefined {
    const item = this.#items[this.#front];
    if (this.size === 0) return undefined;
    this.#items[this.#front++] = undefined;
    if (this.#front >= TAKEN_MAX && this.#front > this.size) {
      this.#items = this.#items.slice(this.#front);
      this.#front = 0;
    }
    return item;
  }

  /** Takes all of it. */
  *drain(): Generator<T> {
    for (let item = this.shift(); item !== undefined; item = this.shift()) yield item;
  }
}
