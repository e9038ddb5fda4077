/**
 * The clock's side of a partition: takes what is due, claims it by one state write a schedule, and has it paid. A pass is bounded; what does
 * not fit into a target's window is parked until there is room, so that no target can stall the others.
 */

import { advance } from "../domain/advance.ts";
import type { EpochMs } from "../domain/instant.ts";
import { earliest, type Schedule, TOMBSTONE_KEPT_MS, wakeAt } from "../domain/schedule.ts";
import { checkSubject } from "../domain/target.ts";
import { expire } from "../domain/verbs/delete.ts";
import type { Committer } from "./committer.ts";
import { DueQueue } from "./due-queue.ts";
import type { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import { pause } from "./pause.ts";
import type { Payer } from "./payer.ts";

/** Schedules that one pass takes up; the next pass follows after whatever else is waiting has had its turn. */
export const PASS_MAX = 256;

/** The bucket took a state for too large or itself for full: how long until the claim is tried again. */
const REFUSED_CLAIM_PAUSE_MS = 1_000;

export class Claimer {
  readonly #context: PartitionContext;
  readonly #committer: Committer;
  readonly #payer: Payer;
  readonly #forget: (held: Held) => void;
  readonly #due = new DueQueue<Held>();
  readonly #parked = new Map<string, Set<Held>>();
  readonly #busy = new Set<Held>();

  constructor(
    context: PartitionContext,
    parts: { committer: Committer; payer: Payer; forget: (held: Held) => void },
  ) {
    this.#context = context;
    this.#committer = parts.committer;
    this.#payer = parts.payer;
    this.#forget = parts.forget;
  }

  /** Earliest instant at which a pass finds something; null: none is known. What is parked is found as soon as there is room for it. */
  nextAt(): EpochMs | null {
    for (const lane of this.#parked.keys())
      if (this.#context.windows.hasRoom(lane)) return Number.NEGATIVE_INFINITY;
    return this.#due.nextAt();
  }

  /** The earliest due instant, of what is being claimed or finds no room too; null: nothing waits for the clock. O(n) in these. */
  dueAt(): EpochMs | null {
    let first = this.#due.nextAt();
    for (const waiting of [this.#busy, ...this.#parked.values()])
      for (const { schedule } of waiting) if (schedule !== null) first = earliest(first, wakeAt(schedule));
    return first;
  }

  /** Schedules that are due and not yet claimed. */
  backlog(now: EpochMs): number {
    let parked = 0;
    for (const waiting of this.#parked.values()) parked += waiting.size;
    return parked + this.#busy.size + this.#due.countDue(now);
  }

  rearm(held: Held): void {
    if (this.#busy.has(held)) return;
    this.#due.set(held, held.schedule === null ? null : wakeAt(held.schedule));
  }

  /** Begins what is due, at most PASS_MAX schedules; true: more is waiting. */
  pass(): boolean {
    const now = this.#context.clock.now();
    this.#unpark(now);
    for (let taken = 0; taken < PASS_MAX; taken++) {
      const held = this.#due.takeDue(now);
      if (held === null) return false;
      this.#begin(held);
    }
    return true;
  }

  #begin(held: Held): void {
    const { schedule } = held;
    if (schedule === null) return;
    const lane = this.#context.courier.laneOf(schedule.record.effective.target.subject);
    if (!this.#context.windows.enter(lane)) {
      const parked = this.#parked.get(lane) ?? new Set();
      this.#parked.set(lane, parked.add(held));
      return;
    }
    this.#busy.add(held);
    held
      .take(() => this.#claim(held))
      .catch((error: unknown) => this.#context.fault(error))
      .finally(() => {
        this.#context.windows.leave(lane);
        this.#busy.delete(held);
        this.#context.rearm(held);
        if (held.idle && held.revision === 0) this.#forget(held);
      });
  }

  /** As many as may find room; whoever does not is parked again. */
  #unpark(now: EpochMs): void {
    for (const [lane, waiting] of this.#parked) {
      if (!this.#context.windows.hasRoom(lane)) continue;
      let places = Math.min(PASS_MAX, this.#context.publisher.room(lane));
      for (const held of waiting) {
        if (places-- <= 0) break;
        waiting.delete(held);
        this.#due.set(held, now);
      }
      if (waiting.size === 0) this.#parked.delete(lane);
    }
  }

  async #claim(held: Held): Promise<void> {
    const { schedule } = held;
    if (schedule === null) return;
    const now = this.#context.clock.now();
    if (schedule.state.status === "deleted") return this.#purge(held, schedule, now);
    const committed = await this.#committer.commit(held, (current) => this.#propose(held, current, now));
    if (committed.kind === "refused") {
      this.#context.tell({
        kind: "warning",
        message: `${held.key}: the state was not stored: ${committed.description}`,
      });
      await pause(this.#context.clock, REFUSED_CLAIM_PAUSE_MS);
    }
    this.#payer.pay(held);
  }

  #propose(held: Held, schedule: Schedule | null, now: EpochMs) {
    if (schedule === null) return null;
    const expired = expire(schedule, now);
    if (expired !== null) return { schedule: { ...schedule, state: expired }, redefined: false };
    const { tenant, effective } = schedule.record;
    const denied = checkSubject(this.#context.rules().tenants, tenant, effective.target.subject) !== null;
    const step = advance(schedule, now, denied, this.#context.serverNow());
    if (step === null) return null;
    if (step.commit) return { schedule: { ...schedule, state: step.state }, redefined: false };
    held.foresee(step.state);
    return null;
  }

  /**
   * A tombstone has been kept for long enough. The state goes first, and only as it was last seen: a newer owner may have written it, and
   * a definition without a state is nothing, where a state without its definition cannot be read.
   */
  async #purge(held: Held, { state }: Schedule, now: EpochMs): Promise<void> {
    if (state.sinceAt + TOMBSTONE_KEPT_MS > now || state.owed.length > 0) return;
    const { clock, guard, store, tell } = this.#context;
    const purged = await store.purge("state", held.key, held.revision, guard);
    if (purged.kind === "refused") {
      tell({ kind: "warning", message: `${held.key}: the tombstone was not purged: ${purged.description}` });
      return pause(clock, REFUSED_CLAIM_PAUSE_MS);
    }
    const stored = purged.kind === "stale" ? await store.read("state", held.key) : null;
    if (stored !== null) return this.#committer.adopt(held, stored);
    held.adopt(null, 0);
    await store.purge("schedules", held.key, state.revision, guard);
  }
}
