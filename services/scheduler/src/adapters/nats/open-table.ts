/**
 * What waits for an answer, found by the number under which it was sent. Numbers only grow, so that a late answer finds nobody else. A map
 * would make itself anew for every few thousand of them, and each time in memory that outlives collections.
 */

interface Numbered {
  /** Set by the table; negative before. */
  token: number;
}

/** More than may ever be open: a number whose place is taken is left out. */
const PLACES = 8_192;

export class OpenTable<T extends Numbered> {
  readonly #places: (T | null)[] = Array<T | null>(PLACES).fill(null);
  #last = -1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives it its number. Throws RangeError where no place is left. */
  add(item: T): void {
    if (this.#size === PLACES) throw new RangeError(`more than ${PLACES} open`);
    do this.#last++;
    while (this.#places[this.#last % PLACES] !== null);
    item.token = this.#last;
    this.#places[this.#last % PLACES] = item;
    this.#size++;
  }

  /** Undefined: nobody, or nobody any more. */
  get(token: number): T | undefined {
    const item = this.#places[token % PLACES];
    return item?.token === token ? item : undefined;
  }

  has(item: T): boolean {
    return this.get(item.token) === item;
  }

  /** False: it was not open. */
  delete(item: T): boolean {
    if (!this.has(item)) return false;
    this.#places[item.token % PLACES] = null;
    this.#size--;
    return true;
  }

  /** Oldest first, as it is now. */
  values(): T[] {
    if (this.#size === 0) return [];
    return this.#places.filter((item) => item !== null).sort((one, other) => one.token - other.token);
  }

  /** Nobody any more. */
  clear(): void {
    this.#places.fill(null);
    this.#size = 0;
  }
}
