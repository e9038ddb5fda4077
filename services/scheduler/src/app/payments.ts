/**
 * What is being paid for one schedule, by id: mostly one thing or nothing, so that a list does. A map of its size would make itself anew each
 * time that the last one leaves it.
 */

interface Payment {
  readonly id: string;
  readonly paid: Promise<void>;
  next: Payment | null;
}

export class Payments {
  #last: Payment | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Resolves when it is paid, or turned out to be unpayable; null: it is not being paid. */
  get(id: string): Promise<void> | null {
    for (let one = this.#last; one !== null; one = one.next) if (one.id === id) return one.paid;
    return null;
  }

  has(id: string): boolean {
    return this.get(id) !== null;
  }

  /** One that is not being paid. */
  add(id: string, paid: Promise<void>): void {
    this.#last = { id, paid, next: this.#last };
    this.#size++;
  }

  delete(id: string): void {
    let later: Payment | null = null;
    for (let one = this.#last; one !== null; later = one, one = one.next) {
      if (one.id !== id) continue;
      if (later === null) this.#last = one.next;
      else later.next = one.next;
      this.#size--;
      return;
    }
  }

  /** All of them, in no order. */
  all(): Promise<void>[] {
    const all: Promise<void>[] = [];
    for (let one = this.#last; one !== null; one = one.next) all.push(one.paid);
    return all;
  }
}
