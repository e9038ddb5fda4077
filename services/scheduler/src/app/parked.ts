/**
 * Schedules that are due and find no room in the lane of their target's stream. Each target has a line of its own, and the lines take
 * turns: a hundred thousand that are due for one target at once hold up nobody who sends to another.
 */

import type { EpochMs } from "../domain/instant.ts";
import { earliest } from "../domain/schedule.ts";
import { Fifo } from "./fifo.ts";
import type { Held } from "./held.ts";

interface Line {
  readonly order: Fifo<Held>;
  /** When each was due. */
  readonly dueAt: Map<Held, EpochMs>;
}

export class Parked {
  /** By target; whose turn it is comes first. */
  readonly #lines = new Map<string, Line>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(target: string, held: Held): boolean {
    return this.#lines.get(target)?.dueAt.has(held) === true;
  }

  /** At the end of its target's line; one that stands there keeps its place. */
  add(target: string, held: Held, at: EpochMs): void {
    const line = this.#lines.get(target) ?? { order: new Fifo(), dueAt: new Map() };
    this.#lines.set(target, line);
    if (!line.dueAt.has(held)) {
      line.order.push(held);
      this.#size++;
    }
    line.dueAt.set(held, at);
  }

  /** Takes out the first of the line whose turn it is; null: nobody waits. */
  take(): Held | null {
    const [next] = this.#lines;
    if (next === undefined) return null;
    const [target, { order, dueAt }] = next;
    const held = order.shift() ?? null;
    this.#lines.delete(target);
    if (held === null) return null;
    dueAt.delete(held);
    this.#size--;
    if (order.size > 0) this.#lines.set(target, next[1]);
    return held;
  }

  /** The earliest due instant; null: nobody waits. O(n). */
  firstAt(): EpochMs | null {
    let first: EpochMs | null = null;
    for (const { dueAt } of this.#lines.values())
      for (const at of dueAt.values()) first = earliest(first, at);
    return first;
  }
}
