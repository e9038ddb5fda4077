/**
 * A schedule in the hands of its partition's owner: the value, the revision that it was last stored under, and the order in which things
 * are done to it. Operations on one schedule take turns; a promise that was kept is struck in memory at once, or, where a write is on its
 * way, as soon as that has been answered.
 */

import type { Owed, StateRecord } from "@carillon/contracts";
import { isDispatch, owedId, type Schedule } from "../domain/schedule.ts";

/** May be asked again of another state of the same schedule. */
type Mend = (state: StateRecord) => StateRecord;

export class Held {
  readonly key: string;
  readonly tenant: string;
  readonly scheduleId: string;
  /** Null: nothing is stored under this key. */
  schedule: Schedule | null = null;
  /** Revision of the stored state; 0: none. */
  revision = 0;
  /** The state in memory is ahead of the stored one: something was struck. */
  dirty = false;
  /** What is stored cannot be read. */
  setAside = false;
  /** What is being paid, by id, so that nothing is paid twice at a time. */
  readonly payments = new Map<string, Promise<void>>();

  #turn: Promise<unknown> = Promise.resolve();
  #commands: Promise<unknown> = Promise.resolve();
  #turnsWaiting = 0;
  #writing: Schedule | null = null;
  #after: Mend[] = [];
  /** Mends that are in memory and not yet stored. */
  #unstored: Mend[] = [];

  constructor(address: { key: string; tenant: string; scheduleId: string }) {
    this.key = address.key;
    this.tenant = address.tenant;
    this.scheduleId = address.scheduleId;
  }

  /** Nothing waits or runs, nothing is owed, nothing stored: it may be forgotten. */
  get idle(): boolean {
    return this.schedule === null && this.#turnsWaiting === 0;
  }

  /** Runs `operate` after everything that was asked before; a fault of one does not stop the next. */
  take<T>(operate: () => Promise<T>): Promise<T> {
    this.#turnsWaiting++;
    const turn = this.#turn.then(operate).finally(() => this.#turnsWaiting--);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Commands one after the other, in the order of the stream; other turns may come in between while one is held back. */
  queue(handle: () => Promise<void>): Promise<void> {
    this.#turnsWaiting++;
    const handled = this.#commands.then(handle).finally(() => this.#turnsWaiting--);
    this.#commands = handled.catch(() => undefined);
    return handled;
  }

  /** Commands that are queued later wait for `work` too, which does not wait for those before it. */
  precede(work: Promise<void>): void {
    this.#commands = Promise.allSettled([this.#commands, work]);
  }

  /** Resolves when every turn asked for so far is over. */
  settled(): Promise<unknown> {
    return this.#turn;
  }

  /**
   * Takes over what is stored, and mends in it whatever was mended here and not stored: what was paid is not paid again because another
   * writer knew nothing of it. `setAside`: it cannot be read, so it is left alone, and no command may replace it.
   */
  adopt(schedule: Schedule | null, revision: number, setAside = false): void {
    const mends = [...this.#unstored, ...this.#after];
    this.schedule = schedule;
    this.revision = revision;
    this.setAside = setAside;
    this.dirty = false;
    this.#writing = null;
    this.#unstored = [];
    this.#after = [];
    for (const change of mends) this.#apply(change);
  }

  /** Changes the state in memory only; it is stored with the next write. The same state: nothing was left to mend. */
  mend(change: Mend): void {
    if (this.#writing !== null) this.#after.push(change);
    else this.#apply(change);
  }

  /** In its turn, and while no write is on its way: puts this state into memory, to be stored with the next write. */
  foresee(state: StateRecord): void {
    if (this.schedule === null) return;
    this.schedule = { ...this.schedule, state };
    this.dirty = true;
  }

  /** What it is about to be, while a write is on its way; else what it is. */
  get expected(): Schedule | null {
    return this.#writing ?? this.schedule;
  }

  /** A write of `schedule` is about to be sent. */
  beginWrite(schedule: Schedule): void {
    this.#writing = schedule;
  }

  /** The write was answered; null: it did not happen. What was mended meanwhile is mended in the outcome. */
  endWrite(stored: { schedule: Schedule; revision: number } | null): void {
    this.#writing = null;
    if (stored !== null) {
      this.schedule = stored.schedule;
      this.revision = stored.revision;
      this.dirty = false;
      this.#unstored = [];
    }
    const after = this.#after;
    this.#after = [];
    for (const change of after) this.#apply(change);
  }

  #apply(change: Mend): void {
    if (this.schedule === null) return;
    const state = change(this.schedule.state);
    if (state === this.schedule.state) return;
    this.schedule = { ...this.schedule, state };
    this.dirty = true;
    this.#unstored.push(change);
  }

  /** Owed, and nobody is paying it. */
  unpaid(): Owed[] {
    return (this.schedule?.state.owed ?? []).filter((owed) => !this.payments.has(owedId(owed)));
  }

  /** Target commands on their way. */
  dispatchesInFlight(): Promise<void>[] {
    const owed = this.schedule?.state.owed ?? [];
    return owed.filter(isDispatch).flatMap((dispatch) => this.payments.get(owedId(dispatch)) ?? []);
  }
}
