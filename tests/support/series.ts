/**
 * Which numbers of an endless series 0, 1, 2 … have come, however long it gets: remembered are the next one in order, and
 * those that came before their turn.
 */

/** More numbers ahead of their turn than this, and the series is broken rather than out of order. */
const AHEAD_MAX = 10_000;

export class Series {
  readonly #ahead = new Set<number>();
  #next = 0;
  #doubled = 0;

  /** Every number below has come; this one has not. */
  get next(): number {
    return this.#next;
  }

  /** How often a number came again. */
  get doubled(): number {
    return this.#doubled;
  }

  add(number: number): void {
    if (number < this.#next || this.#ahead.has(number)) {
      this.#doubled++;
      return;
    }
    this.#ahead.add(number);
    if (this.#ahead.size > AHEAD_MAX) throw new RangeError(`number ${this.#next} is missing for too long`);
    while (this.#ahead.delete(this.#next)) this.#next++;
  }

  /** Numbers below `end` that have not come. */
  missing(end: number): number[] {
    const missing: number[] = [];
    for (let number = this.#next; number < end; number++) if (!this.#ahead.has(number)) missing.push(number);
    return missing;
  }
}
