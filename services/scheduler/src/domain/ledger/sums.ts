/** Adds up the account of one schedule. */

import { type Account, ITEMS_MAX, type Unexplained } from "@carillon/contracts";
import { type EpochMs, formatInstant } from "../instant.ts";

/** One unexplained thing, before it has a place. */
export interface Finding {
  readonly what: Unexplained["what"];
  readonly executionId: string | null;
  readonly at: EpochMs;
  readonly count?: number;
  readonly message: string;
}

export class Sums {
  planned = 0;
  fired = 0;
  manual = 0;
  failed = 0;
  paused = 0;
  open = 0;
  readonly #scheduleId: string;
  readonly #missed = new Map<string, number>();
  readonly #skipped = new Map<string, number>();
  readonly #items: Unexplained[] = [];
  #unexplained = 0;

  constructor(scheduleId: string) {
    this.#scheduleId = scheduleId;
  }

  /** Occurrences that did not fire, by the event that says so. */
  unfired(what: string, reason: string, count: number): void {
    if (count === 0) return;
    if (what === "failed" || what === "timed_out") {
      this.failed += count;
      return;
    }
    const counts = what === "missed" ? this.#missed : this.#skipped;
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }

  find({ what, executionId, at, count = 1, message }: Finding): void {
    this.#unexplained += count;
    if (this.#items.length === ITEMS_MAX) return;
    const nominalAt = formatInstant(at);
    this.#items.push({ scheduleId: this.#scheduleId, executionId, nominalAt, what, count, message });
  }

  account(): Account {
    const { planned, fired, manual, failed, paused, open } = this;
    return {
      planned,
      fired,
      manual,
      failed,
      missed: Object.fromEntries(this.#missed),
      skipped: Object.fromEntries(this.#skipped),
      paused,
      open,
      unexplained: { count: this.#unexplained, items: this.#items },
      partial: [],
    };
  }
}
