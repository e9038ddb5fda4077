/**
 * Who may claim now. Every claim reserves a place in its target's lane until its command has been handed to the publisher, so that one
 * slow target fills its own lane and no other. Where a lane is full, partitions wait for it in a line, and each has a turn before any has
 * a second one.
 */

import { OWN_LANE, type Publisher } from "./ports.ts";

export class Windows {
  readonly #publisher: Pick<Publisher, "room">;
  readonly #reserved = new Map<string, number>();
  /** Turns that were asked for, by lane, first come first. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(publisher: Pick<Publisher, "room">) {
    this.#publisher = publisher;
  }

  /** True: a place is reserved, and must be given back with `leave`. `granted`: whoever asks has its turn; others stand behind those that wait. */
  enter(lane: string, granted = false): boolean {
    if ((!granted && this.#waiting.has(lane)) || !this.hasRoom(lane)) return false;
    this.#reserve(lane, 1);
    this.#reserve(OWN_LANE, 1);
    return true;
  }

  leave(lane: string): void {
    this.#reserve(lane, -1);
    this.#reserve(OWN_LANE, -1);
    this.admit();
  }

  hasRoom(lane: string): boolean {
    return this.#free(OWN_LANE) && this.#free(lane);
  }

  /** `turn` is called, once, when there is room in the lane and all that asked before have had theirs. Asked again, it keeps its place. */
  wait(lane: string, turn: () => void): void {
    const waiting = this.#waiting.get(lane) ?? new Set();
    this.#waiting.set(lane, waiting.add(turn));
  }

  /** Places may have become free. */
  admit(): void {
    if (this.#waiting.size === 0) return;
    for (const [lane, waiting] of this.#waiting) {
      if (!this.hasRoom(lane)) continue;
      for (const turn of [...waiting]) {
        if (!this.hasRoom(lane)) break;
        waiting.delete(turn);
        turn();
      }
      if (waiting.size === 0) this.#waiting.delete(lane);
    }
  }

  #free(lane: string): boolean {
    return this.#publisher.room(lane) > (this.#reserved.get(lane) ?? 0);
  }

  #reserve(lane: string, by: number): void {
    this.#reserved.set(lane, (this.#reserved.get(lane) ?? 0) + by);
  }
}
