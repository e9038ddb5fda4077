/**
 * Stores what was struck in memory, when nothing better is to do: two seconds after it was struck and while nothing is due, and at the
 * latest after twenty. A schedule that fires more often never gets here, since its strikes ride on its next claim.
 */

import type { EpochMs } from "../domain/instant.ts";
import type { Committer } from "./committer.ts";
import type { Held } from "./held.ts";
import type { Clock } from "./ports.ts";

/** A strike may stay in memory for so long; a crash within it costs a repeat that the duplicate window drops. */
export const UPKEEP_AFTER_MS = 2_000;

/** It does so for longer while what is due finds no room: a herd would take a state write more for each of its fires. */
export const UPKEEP_LATEST_MS = 20_000;

/** Schedules stored by one pass, so that firing goes first. */
const UPKEEP_PASS_MAX = 16;

export class Upkeep {
  readonly #clock: Clock;
  readonly #committer: Committer;
  readonly #pay: (held: Held) => void;
  readonly #rearm: (held: Held) => void;
  readonly #fault: (error: unknown) => void;
  /** In the order of insertion, which is the order of age. */
  readonly #dirtySinceMs = new Map<Held, number>();

  constructor(deps: {
    clock: Clock;
    committer: Committer;
    pay: (held: Held) => void;
    rearm: (held: Held) => void;
    fault: (error: unknown) => void;
  }) {
    this.#clock = deps.clock;
    this.#committer = deps.committer;
    this.#pay = deps.pay;
    this.#rearm = deps.rearm;
    this.#fault = deps.fault;
  }

  note(held: Held): void {
    if (!held.dirty) this.#dirtySinceMs.delete(held);
    else if (!this.#dirtySinceMs.has(held)) this.#dirtySinceMs.set(held, this.#clock.monotonicMs());
  }

  /** When a pass finds something, by the wall clock as it is now; null: nothing is known. `crowded`: what is due finds no room. */
  nextAt(crowded: boolean): EpochMs | null {
    const [sinceMs] = this.#dirtySinceMs.values();
    return sinceMs === undefined
      ? null
      : this.#clock.now() + sinceMs + afterMs(crowded) - this.#clock.monotonicMs();
  }

  pass(crowded: boolean): void {
    const oldEnoughMs = this.#clock.monotonicMs() - afterMs(crowded);
    let stored = 0;
    for (const [held, sinceMs] of this.#dirtySinceMs) {
      if (sinceMs > oldEnoughMs || stored++ >= UPKEEP_PASS_MAX) return;
      this.#dirtySinceMs.delete(held);
      this.#store(held).catch(this.#fault);
    }
  }

  /** Everything, at once. */
  async flush(): Promise<void> {
    const all = [...this.#dirtySinceMs.keys()];
    this.#dirtySinceMs.clear();
    await Promise.all(all.map((held) => this.#store(held)));
  }

  async #store(held: Held): Promise<void> {
    await held.take(() =>
      this.#committer.commit(held, (schedule) =>
        held.dirty && schedule !== null ? { schedule, redefined: false } : null,
      ),
    );
    // Where another writer was first, its record was adopted with what it owes.
    this.#pay(held);
    this.#rearm(held);
  }
}

const afterMs = (crowded: boolean): number => (crowded ? UPKEEP_LATEST_MS : UPKEEP_AFTER_MS);
