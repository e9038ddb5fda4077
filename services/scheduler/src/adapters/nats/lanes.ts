/**
 * How many messages may be open at once: one lane for Carillon's own streams, one for each target stream, and a
 * bound over all. A target stream that does not answer fills its own lane and no other; together the targets leave
 * `OWN_RESERVED` places to the own lane, so that claims and events always get through.
 */

import { Fifo } from "../../app/fifo.ts";
import { OWN_LANE } from "../../app/ports.ts";

/** Open messages over all lanes. The server queues 100,000 a stream before it refuses; beyond 5,000 nothing gets faster. */
export const OPEN_MAX = 5_000;
/** Places that targets cannot take, however many streams are stuck. */
export const OWN_RESERVED = 1_000;
/** A target stream's share of the pool. Twice as much is no faster near the server, and lives long enough in flight to cost the collector. */
const TARGET_SHARE = 1 / 8;

interface Lane<T> {
  max: number;
  open: number;
  /** What came while the lane was full, oldest first. */
  readonly waiting: Fifo<T>;
}

const NOTHING = new Fifo<never>();

export class Lanes<T> {
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #own: Lane<T>;
  readonly #targetMax: number;
  readonly #targetsMax: number;
  #open = 0;
  #waiting = 0;
  #admitting = false;

  /** `poolSize`: publishes in flight, as configured. */
  constructor(poolSize: number) {
    this.#own = { max: Math.min(poolSize, OPEN_MAX), open: 0, waiting: new Fifo() };
    this.#lanes.set(OWN_LANE, this.#own);
    this.#targetMax = Math.max(1, Math.floor(poolSize * TARGET_SHARE));
    this.#targetsMax = OPEN_MAX - Math.min(OWN_RESERVED, this.#own.max);
  }

  open(): number {
    return this.#open;
  }

  /** Free places now; 0 also while something waits. */
  room(name: string): number {
    const lane = this.#lanes.get(name);
    return this.#free(lane ?? { max: this.#targetMax, open: 0, waiting: NOTHING });
  }

  /** Takes a place; false: none is free, and `item` waits for one. */
  take(name: string, item: T): boolean {
    const lane = this.#lane(name);
    if (this.#free(lane) > 0) {
      lane.open++;
      this.#open++;
      return true;
    }
    lane.waiting.push(item);
    this.#waiting++;
    return false;
  }

  /** Gives a place back; `begin` is called for what can start now, its place already taken. */
  give(name: string, begin: (item: T) => void): void {
    const lane = this.#lane(name);
    lane.open--;
    this.#open--;
    if (lane.open === 0 && lane.waiting.size === 0 && lane !== this.#own) this.#lanes.delete(name);
    // What begins may end at once and give its place back here: the loop that began it goes on with that place.
    if (this.#waiting === 0 || this.#admitting) return;
    this.#admitting = true;
    try {
      for (const each of this.#lanes.values()) this.#admit(each, begin);
    } finally {
      this.#admitting = false;
    }
  }

  /** Everything that waits, which then waits no longer. */
  abandon(): T[] {
    this.#waiting = 0;
    return [...this.#lanes.values()].flatMap((lane) => [...lane.waiting.drain()]);
  }

  #admit(lane: Lane<T>, begin: (item: T) => void): void {
    while (lane.waiting.size > 0 && this.#places(lane) > 0) {
      const item = lane.waiting.shift();
      if (item === undefined) return;
      this.#waiting--;
      lane.open++;
      this.#open++;
      begin(item);
    }
  }

  #free(lane: Lane<T>): number {
    return lane.waiting.size > 0 ? 0 : this.#places(lane);
  }

  #places(lane: Lane<T>): number {
    const all = OPEN_MAX - this.#open;
    const targets = lane === this.#own ? all : this.#targetsMax - (this.#open - this.#own.open);
    return Math.max(0, Math.min(lane.max - lane.open, all, targets));
  }

  #lane(name: string): Lane<T> {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { max: this.#targetMax, open: 0, waiting: new Fifo() };
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}
