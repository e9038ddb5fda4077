/**
 * Brings the cold schedules of a partition back, and lets those go cold that rest when there are too many. A schedule is read by the
 * revisions that it was known under, so what is read is what was held, or nothing, where somebody else wrote: then what the leader holds
 * is taken over as after a refused write.
 */

import { mayEnd } from "../domain/completion.ts";
import type { EpochMs } from "../domain/instant.ts";
import { type Schedule, wakeAt } from "../domain/schedule.ts";
import type { Committer } from "./committer.ts";
import type { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import type { RecordFault } from "./records.ts";

/** Schedules that are read and compiled at once; it takes some 10 ms, and others have their turns in between. */
const BATCH_MAX = 256;

export interface WarmerParts {
  committer: Committer;
  pay(held: Held, ageMs: number): void;
  /** In its turn. */
  disableBroken(held: Held): Promise<void>;
  setAside(held: Held, fault: RecordFault): void;
  /** Whether the clock can do without it. */
  mayCool(held: Held): boolean;
}

export class Warmer {
  readonly #context: PartitionContext;
  readonly #parts: WarmerParts;

  constructor(context: PartitionContext, parts: WarmerParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Whether one that wakes then would stay warm at rest. */
  admits(wakeAt: EpochMs): boolean {
    return this.#context.warmSet.admits(wakeAt);
  }

  /** Many, whose turn it need not be. Those are left to their turn that are not found as they should be. */
  async warm(helds: readonly Held[]): Promise<void> {
    const { batches } = this.#context.warmSet;
    for (let from = 0; from < helds.length; from += BATCH_MAX)
      await batches.run(() => this.#warmBatch(helds.slice(from, from + BATCH_MAX)));
    const left = helds.filter(({ cold }) => cold);
    await Promise.all(left.map((held) => held.take(async () => {})));
  }

  async #warmBatch(helds: readonly Held[]): Promise<void> {
    const cold = helds.flatMap((held) => (held.shelved === null ? [] : [{ held, shelved: held.shelved }]));
    const read = await this.#context.records.openAll(cold.map(({ shelved }) => shelved));
    for (const [place, { held, shelved }] of cold.entries()) {
      const opened = read[place]?.opened;
      // A turn may have been faster, and may have written.
      if (!held.cold || held.revision !== shelved.revision || opened?.ok !== true) continue;
      if (opened.schedule.timeline.fault === null) held.adopt(opened.schedule, held.revision);
    }
  }

  /** In its turn, and before anything else in it. */
  readonly warmOne = async (held: Held): Promise<void> => {
    const { revision, shelved } = held;
    if (shelved === null) return;
    const [read = null] = await this.#context.records.openAll([shelved]);
    if (!held.cold) return;
    if (read === null) await this.#reread(held);
    else if (read.opened.ok) held.adopt(read.opened.schedule, revision);
    else {
      held.adopt(null, revision, true);
      this.#parts.setAside(held, read.opened.fault);
    }
    await this.#parts.disableBroken(held);
  };

  /** Somebody else wrote it. */
  async #reread(held: Held): Promise<void> {
    const stored = await this.#parts.committer.reread(held);
    if (stored === null) return;
    this.#parts.pay(held, Math.max(1, this.#context.serverNow() - stored.storedAt));
  }

  /** Something was done to it, or it was warmed: where it rests now, it may stay warm if there is room. */
  rest(held: Held): void {
    const { warmSet } = this.#context;
    if (held.schedule === null || !held.atRest) {
      warmSet.forget(held);
      return;
    }
    held.relax();
    warmSet.rest(held, wakeAt(held.schedule), this.#cool);
  }

  /** Its turn may be over and what follows from it not yet noted: then it rests anew soon. */
  readonly #cool = (held: Held): void => {
    const { schedule } = held;
    if (schedule === null || !held.atRest || !isSettled(schedule) || !this.#parts.mayCool(held)) return;
    const target = this.#context.warmSet.targets.of(schedule.record.effective.target.subject);
    held.cool(held.revision, schedule.state.revision, target);
  };
}

/** There is nothing left that would be done to it by itself. */
const isSettled = (schedule: Schedule): boolean =>
  !mayEnd(schedule) && (schedule.timeline.fault === null || schedule.state.status !== "active");
