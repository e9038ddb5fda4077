/**
 * Which schedules a worker keeps in memory whole, although nothing is being done to them: as many as the bound allows. Beyond it those go
 * cold that wake last; since the clock says who wakes when, none of those that stay is needed later than one that went.
 */

import type { EpochMs } from "../domain/instant.ts";
import { CommonTexts } from "./common-texts.ts";
import { DueQueue, NO_SLOT, type Slotted } from "./due-queue.ts";
import type { Held } from "./held.ts";
import { Turns } from "./turns.ts";

interface Resting extends Slotted {
  readonly held: Held;
  readonly cool: (held: Held) => void;
}

/** One is read while the other is compiled. */
const BATCHES_MAX = 2;

/** Targets that are known of schedules that are not in memory; whose target is another one is read before there is room for it. */
const TARGETS_MAX = 1_000;

export class WarmSet {
  readonly targets = new CommonTexts(TARGETS_MAX);
  /** Those that are warmed many at a time: so many batches of all partitions at once, so that the event loop is nobody's for long. */
  readonly batches = new Turns(BATCHES_MAX);
  /** Schedules at rest that stay warm at most. Those that something is being done to are warm beside them. */
  readonly max: number;
  readonly #resting = new Map<Held, Resting>();
  /** By the instant of waking turned round, so that the last comes first. */
  readonly #last = new DueQueue<Resting>();

  constructor(max: number) {
    this.max = max;
  }

  /** How many more may stay. */
  get room(): number {
    return this.max - this.#resting.size;
  }

  /** Whether one that wakes then would stay: there is room, or another one wakes later. */
  admits(wakeAt: EpochMs): boolean {
    return this.room > 0 || (this.#last.nextAt() ?? Number.POSITIVE_INFINITY) < -wakeAt;
  }

  /** It is warm and at rest; `wakeAt` null: only a command wakes it. `cool` may leave it warm: then it rests anew later. */
  rest(held: Held, wakeAt: EpochMs | null, cool: (held: Held) => void): void {
    if (this.max === Number.POSITIVE_INFINITY) return;
    const resting = this.#resting.get(held) ?? { held, cool, slot: NO_SLOT };
    this.#resting.set(held, resting);
    this.#last.set(resting, wakeAt === null ? Number.NEGATIVE_INFINITY : -wakeAt);
    while (this.#resting.size > this.max) this.#coolLast();
  }

  /** It is at work, cold or gone. */
  forget(held: Held): void {
    const resting = this.#resting.get(held);
    if (resting === undefined) return;
    this.#resting.delete(held);
    this.#last.set(resting, null);
  }

  #coolLast(): void {
    const resting = this.#last.takeDue(Number.POSITIVE_INFINITY);
    if (resting === null) return;
    this.#resting.delete(resting.held);
    resting.cool(resting.held);
  }
}
