/**
 * The clock's side of a partition: takes what is due, claims it by one state write a schedule, and has it paid. A pass is bounded; what does
 * not fit into a target's window is parked until there is room, so that no target can stall the others. What is cold is warmed before it is
 * due, or else before it is claimed.
 */

import { advance } from "../domain/advance.ts";
import type { EpochMs } from "../domain/instant.ts";
import { earliest, type Schedule, TOMBSTONE_KEPT_MS, wakeAt } from "../domain/schedule.ts";
import { checkSubject } from "../domain/target.ts";
import { expire } from "../domain/verbs/delete.ts";
import type { Committer } from "./committer.ts";
import { DueQueue } from "./due-queue.ts";
import type { Held } from "./held.ts";
import { Parked } from "./parked.ts";
import type { PartitionContext } from "./partition-context.ts";
import { pause } from "./pause.ts";
import type { Payer } from "./payer.ts";
import type { Warmer } from "./warmer.ts";

/** Schedules that one pass takes up; the next pass follows after whatever else is waiting has had its turn. */
export const PASS_MAX = 64;

/** Parked schedules that one turn in a lane takes up; then other partitions have theirs. */
const TURN_MAX = 32;

/** What is parked looks for room at least so often; mostly it is told. */
const PARKED_LOOK_MS = 1_000;

/** The bucket took a state for too large or itself for full: how long until the claim is tried again. */
const REFUSED_CLAIM_PAUSE_MS = 1_000;

/** What is due so soon is warmed, so that it is not late; twice as far as an alarm may be set. */
const LOOK_AHEAD_MS = 2_000;

/** Between two looks ahead. */
const LOOK_EVERY_MS = 250;

/** Schedules that one look ahead has warmed; the next look follows when it has. */
const AHEAD_MAX = 2_048;

/** Schedules that are due and being warmed; others wait until some of them are. */
const WARMING_MAX = 1_024;

const DONE = Promise.resolve();

interface ClaimerParts {
  committer: Committer;
  payer: Payer;
  warmer: Pick<Warmer, "admits" | "warm" | "rest">;
  forget(held: Held): void;
  /** There is room in a lane, and it is this partition's turn. */
  turn(lane: string): void;
}

export class Claimer {
  readonly #context: PartitionContext;
  readonly #parts: ClaimerParts;
  readonly #due = new DueQueue<Held>();
  /** By lane. */
  readonly #parked = new Map<string, Parked>();
  readonly #turns = new Map<string, () => void>();
  readonly #warming = new Map<Held, EpochMs>();
  readonly #busy = new Set<Held>();
  #lookingAhead = false;
  #lookAgainMs = Number.NEGATIVE_INFINITY;

  constructor(context: PartitionContext, parts: ClaimerParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Earliest instant at which a pass finds something; null: none is known. */
  nextAt(): EpochMs | null {
    const lookAt = this.crowded ? this.#context.clock.now() + PARKED_LOOK_MS : null;
    return this.#warming.size < WARMING_MAX ? earliest(this.#due.nextAt(), lookAt) : lookAt;
  }

  /** Something is due and finds no room. */
  get crowded(): boolean {
    return this.#parked.size > 0;
  }

  /** The earliest due instant, of what is being claimed or finds no room too; null: nothing waits for the clock. O(n) in these. */
  dueAt(): EpochMs | null {
    let first = this.#due.nextAt();
    for (const { schedule } of this.#busy) if (schedule !== null) first = earliest(first, wakeAt(schedule));
    for (const at of this.#warming.values()) first = earliest(first, at);
    for (const parked of this.#parked.values()) first = earliest(first, parked.firstAt());
    return first;
  }

  /** Schedules that are due and not yet claimed. */
  backlog(now: EpochMs): number {
    let parked = 0;
    for (const waiting of this.#parked.values()) parked += waiting.size;
    return parked + this.#warming.size + this.#busy.size + this.#due.countDue(now);
  }

  rearm(held: Held): void {
    if (this.#busy.has(held) || held.cold) return;
    this.#due.set(held, held.schedule === null ? null : wakeAt(held.schedule));
  }

  /** Of a cold one: when it wakes. */
  expect(held: Held, at: EpochMs | null): void {
    this.#due.set(held, at);
  }

  /** Null: not known. */
  wakesAt(held: Held): EpochMs | null {
    return this.#due.at(held) ?? this.#warming.get(held) ?? null;
  }

  /** Whether it wakes, if it does, without having to be looked at: it waits for a later instant, or for room. */
  mayCool(held: Held): boolean {
    const { schedule } = held;
    if (schedule === null || this.#busy.has(held)) return false;
    const [at, queuedAt] = [wakeAt(schedule), this.#due.at(held)];
    if (queuedAt === null && at !== null) return this.#isParked(held);
    return queuedAt === at && (at === null || at > this.#context.clock.now());
  }

  /** Begins what is due, at most PASS_MAX schedules; true: more is waiting. */
  pass(): boolean {
    const now = this.#context.clock.now();
    const cold = new Map<Held, EpochMs>();
    let taken = 0;
    for (; taken < PASS_MAX && this.#warming.size + cold.size < WARMING_MAX; taken++) {
      const at = this.#due.nextAt() ?? now;
      const held = this.#due.takeDue(now);
      if (held === null) break;
      if (held.cold && held.target === null) cold.set(held, at);
      else this.#begin(held, at);
    }
    this.#warm(cold);
    if (taken < PASS_MAX) this.#lookAhead(now);
    return taken === PASS_MAX;
  }

  /** They are due again as soon as they are warm. */
  #warm(cold: ReadonlyMap<Held, EpochMs>): void {
    if (cold.size === 0) return;
    for (const [held, at] of cold) this.#warming.set(held, at);
    this.#parts.warmer
      .warm([...cold.keys()])
      .then(() => {
        for (const held of cold.keys()) {
          this.#warming.delete(held);
          this.#context.rearm(held);
        }
      })
      .catch((error: unknown) => this.#context.fault(error));
  }

  #lookAhead(now: EpochMs): void {
    const { clock, fault, rearm } = this.#context;
    const nowMs = clock.monotonicMs();
    if (this.#lookingAhead || nowMs < this.#lookAgainMs) return;
    this.#lookAgainMs = nowMs + LOOK_EVERY_MS;
    const cold = this.#soon(now + LOOK_AHEAD_MS);
    if (cold.length === 0) return;
    this.#lookingAhead = true;
    if (cold.length === AHEAD_MAX) this.#lookAgainMs = nowMs;
    this.#parts.warmer
      .warm(cold)
      .then(() => {
        this.#lookingAhead = false;
        for (const held of cold) rearm(held);
      })
      .catch(fault);
  }

  /** Cold ones up to `until`, AHEAD_MAX at most, that would stay warm: others go cold for them only where they wake later. */
  #soon(until: EpochMs): Held[] {
    const soon: Held[] = [];
    for (const held of this.#due.due(until)) {
      if (!held.cold || !this.#parts.warmer.admits(this.#due.at(held) ?? until)) continue;
      if (soon.push(held) === AHEAD_MAX) break;
    }
    return soon;
  }

  /** A cold one is read in its turn, once there is room for it. */
  #begin(held: Held, at: EpochMs): void {
    const { target } = held;
    if (target === null) return;
    const lane = this.#context.courier.laneOf(target);
    if (this.#context.windows.enter(lane)) this.#take(held, lane);
    else this.#park(held, { lane, target, at });
  }

  /** Its place in the lane is reserved. */
  #take(held: Held, lane: string): void {
    this.#busy.add(held);
    const over = (): void => {
      this.#context.windows.leave(lane);
      this.#busy.delete(held);
      this.#context.rearm(held);
      if (held.idle && held.revision === 0) this.#parts.forget(held);
    };
    held
      .take(() => this.#claim(held))
      .then(over, (error: unknown) => {
        this.#context.fault(error);
        over();
      });
  }

  #isParked(held: Held): boolean {
    const { target } = held;
    if (target === null) return false;
    return this.#parked.get(this.#context.courier.laneOf(target))?.has(target, held) === true;
  }

  #park(held: Held, { lane, target, at }: { lane: string; target: string; at: EpochMs }): void {
    const parked = this.#parked.get(lane) ?? new Parked();
    this.#parked.set(lane, parked);
    parked.add(target, held, at);
    this.#await(lane);
    this.#parts.warmer.rest(held);
  }

  #await(lane: string): void {
    const turn = this.#turns.get(lane) ?? (() => this.#parts.turn(lane));
    this.#turns.set(lane, turn);
    this.#context.windows.wait(lane, turn);
  }

  /** It is our turn in this lane: some that wait for it are begun, at most TURN_MAX. What went cold meanwhile is read in its place. */
  unpark(lane: string): void {
    const parked = this.#parked.get(lane);
    if (parked === undefined) return;
    for (let taken = 0; taken < TURN_MAX && parked.size > 0; taken++) {
      if (!this.#context.windows.enter(lane, true)) break;
      const held = parked.take();
      if (held === null) this.#context.windows.leave(lane);
      else this.#take(held, lane);
    }
    if (parked.size > 0) this.#await(lane);
    else this.#parked.delete(lane);
  }

  #claim(held: Held): Promise<void> {
    const { schedule } = held;
    if (schedule === null) return DONE;
    const now = this.#context.clock.now();
    if (schedule.state.status === "deleted") return this.#purge(held, schedule, now);
    return this.#parts.committer
      .commit(held, (current) => this.#propose(held, current, now))
      .then((committed) => {
        if (committed.kind === "refused") return this.#rest(held, committed.description);
        this.#parts.payer.pay(held);
        return undefined;
      });
  }

  async #rest(held: Held, description: string): Promise<void> {
    const { clock, tell } = this.#context;
    tell({ kind: "warning", message: `${held.key}: the state was not stored: ${description}` });
    await pause(clock, REFUSED_CLAIM_PAUSE_MS);
    this.#parts.payer.pay(held);
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
    if (stored !== null) return this.#parts.committer.adopt(held, stored);
    held.adopt(null, 0);
    await store.purge("schedules", held.key, state.revision, guard);
  }
}
