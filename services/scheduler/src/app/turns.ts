/**
 * Lets so many work at a time; the others wait in the order in which they came. What only waits costs a fraction of what is begun, so
 * that a flood does not fill the memory with half-done work.
 */

import { Fifo } from "./fifo.ts";

export class Turns {
  #free: number;
  readonly #waiting = new Fifo<() => void>();

  constructor(max: number) {
    this.#free = max;
  }

  /** Runs `work` in its turn; where it fails, it rejects. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0)
      return new Promise<void>((begin) => this.#waiting.push(begin)).then(() => this.#begin(work));
    this.#free--;
    return this.#begin(work);
  }

  #begin<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    working.then(this.#over, this.#over);
    return working;
  }

  readonly #over = (): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  };
}
