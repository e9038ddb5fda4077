/** Callbacks of one occasion. One that throws does not keep the others from hearing of it. */

import type { Cancel } from "../../app/ports.ts";

export class ListenerSet<T> {
  readonly #calls = new Set<(value: T) => void>();

  add(call: (value: T) => void): Cancel {
    // A callback given twice is two listeners.
    const listener = (value: T): void => call(value);
    this.#calls.add(listener);
    return () => this.#calls.delete(listener);
  }

  /** The first failure is thrown after all have been called. */
  call(value: T): void {
    const failures: unknown[] = [];
    for (const call of [...this.#calls]) {
      try {
        call(value);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
