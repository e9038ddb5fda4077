/** What must be stored: the lanes of the real publisher, and one request over the wire for each message. */

import { Lanes } from "../../../scheduler/src/adapters/nats/lanes.ts";
import { type Guard, OWN_LANE } from "../../../scheduler/src/app/ports.ts";
import type { Wire } from "../wire.ts";

/** Publishes in flight, as configured by default. */
export const POOL_SIZE = 4_096;

interface Order<T> {
  readonly lane: string;
  readonly guard: Guard;
  readonly patienceMs: number | null;
  /** At the server; `again`: an earlier send was not answered. */
  handle(again: boolean): T;
}

export class Pipeline {
  readonly #wire: Wire;
  readonly #lanes = new Lanes<() => void>(POOL_SIZE);

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  room(lane: string): number {
    return this.#lanes.room(lane);
  }

  inflight(): number {
    return this.#lanes.open();
  }

  /** Null: unanswered for longer than its patience. Rejects with Abandoned. */
  async ship<T>({ lane, guard, patienceMs, handle }: Order<T>): Promise<T | null> {
    await this.#place(lane);
    try {
      return await this.#wire.request(handle, guard, patienceMs);
    } finally {
      this.#lanes.give(lane, (begin) => begin());
    }
  }

  /** In the lane of Carillon's own streams, for as long as it takes. */
  async own<T>(guard: Guard, handle: () => T): Promise<T> {
    const answer = await this.ship({ lane: OWN_LANE, guard, patienceMs: null, handle });
    if (answer === null) throw new Error("a write waits without limit and cannot run out of patience");
    return answer;
  }

  #place(lane: string): Promise<void> {
    return new Promise((begin) => {
      if (this.#lanes.take(lane, begin)) begin();
    });
  }
}
