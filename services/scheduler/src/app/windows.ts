/**
 * Who may claim now. Every claim reserves a place in its target's lane until its command has been handed to the publisher, so that one
 * slow target fills its own lane and no other.
 */

import { OWN_LANE, type Publisher } from "./ports.ts";

export class Windows {
  readonly #publisher: Pick<Publisher, "room">;
  readonly #reserved = new Map<string, number>();

  constructor(publisher: Pick<Publisher, "room">) {
    this.#publisher = publisher;
  }

  /** True: a place is reserved, and must be given back with `leave`. */
  enter(lane: string): boolean {
    if (!this.hasRoom(lane)) return false;
    this.#reserve(lane, 1);
    this.#reserve(OWN_LANE, 1);
    return true;
  }

  leave(lane: string): void {
    this.#reserve(lane, -1);
    this.#reserve(OWN_LANE, -1);
  }

  hasRoom(lane: string): boolean {
    return this.#free(OWN_LANE) && this.#free(lane);
  }

  #free(lane: string): boolean {
    return this.#publisher.room(lane) > (this.#reserved.get(lane) ?? 0);
  }

  #reserve(lane: string, by: number): void {
    this.#reserved.set(lane, (this.#reserved.get(lane) ?? 0) + by);
  }
}
