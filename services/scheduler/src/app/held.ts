/**
 * A schedule in the hands of its partition's owner: the value, the revision that it was last stored under, and the order in which things
 * are done to it. Operations on one schedule take turns; a promise that was kept is struck in memory at once, or, where a write is on its
 * way, as soon as that has been answered. One that is at rest may go cold: the value is forgotten, and read again, by the revision, before
 * anything is done to it.
 */

import type { Owed, StateRecord } from "@carillon/contracts";
import { isDispatch, owedId, type Schedule } from "../domain/schedule.ts";
import type { Post } from "./census.ts";
import { NO_SLOT, type Slotted } from "./due-queue.ts";
import { Payments } from "./payments.ts";
import type { Shelved } from "./records.ts";

/** May be asked again of another state of the same schedule. */
type Mend = (state: StateRecord) => StateRecord;

/** Of a cold schedule, in its turn: reads it again. */
export type Warm = (held: Held) => Promise<void>;

const DONE = Promise.resolve();
const NO_MENDS: readonly Mend[] = [];

/** What is being done to a schedule. Most of a million wait for their time, so that nothing of this is there before it is needed. */
class Work {
  turn: Promise<void> = DONE;
  commands: Promise<unknown> = DONE;
  /** Asked for and not over. */
  turns = 0;
  commandsWaiting = 0;
  /** Of what precedes commands, and is not over. */
  preceding = 0;
  dirty = false;
  writing: Schedule | null = null;
  after = NO_MENDS;
  /** Mends that are in memory and not yet stored. */
  unstored = NO_MENDS;
  readonly payments = new Payments();
}

export class Held implements Slotted {
  readonly key: string;
  readonly tenant: string;
  /** Null: nothing is stored under this key, or it is cold. */
  schedule: Schedule | null = null;
  /** Revision of the stored state; 0: none. */
  revision = 0;
  /** What is stored cannot be read. */
  setAside = false;
  /** Where the census counts it; null: nowhere. */
  post: Post | null = null;
  /** In the queue of what is due. */
  slot = NO_SLOT;
  /** Revision of the definition, while the schedule is cold; null: it is not. */
  #definition: number | null = null;
  /** Subject of its target, while it is cold; null: it is not, or that is not known. */
  #target: string | null = null;
  readonly #warm: Warm;
  #work: Work | null = null;

  constructor({ key, tenant }: { key: string; tenant: string }, warm: Warm = async () => {}) {
    this.key = key;
    this.tenant = tenant;
    this.#warm = warm;
  }

  get scheduleId(): string {
    return this.key.slice(this.key.lastIndexOf(".") + 1);
  }

  /** The state in memory is ahead of the stored one: something was struck. */
  get dirty(): boolean {
    return this.#work?.dirty ?? false;
  }

  /** What is being paid, by id, so that nothing is paid twice at a time. */
  get payments(): Payments {
    return this.#working.payments;
  }

  /** Nothing waits or runs, nothing is owed, nothing stored: it may be forgotten. */
  get idle(): boolean {
    const work = this.#work;
    return this.schedule === null && !this.cold && (work === null || work.turns + work.commandsWaiting === 0);
  }

  /** There is a schedule, and it is not in memory. */
  get cold(): boolean {
    return this.#definition !== null;
  }

  /** Subject of its target; null: there is no schedule, or it is cold and that is not known. */
  get target(): string | null {
    return this.schedule?.record.effective.target.subject ?? this.#target;
  }

  /** Where it is to be read; null: it is not cold. */
  get shelved(): Shelved | null {
    const { key, revision } = this;
    return this.#definition === null ? null : { key, revision, definition: this.#definition };
  }

  /** What is in memory is what is stored, nothing is owed, and nothing is being done: it may go cold. */
  get atRest(): boolean {
    const { schedule } = this;
    if (schedule === null || schedule.state.owed.length > 0) return false;
    const work = this.#work;
    if (work === null) return true;
    const asked = work.turns + work.commandsWaiting + work.preceding + work.payments.size;
    return asked === 0 && work.writing === null && !work.dirty;
  }

  /** It is at rest, so what was done to it is over, and need not be kept. */
  relax(): void {
    this.#work = null;
  }

  /** Forgets the value, which is stored under these revisions of state and definition. `target`: null where it is not known. */
  cool(revision: number, definition: number, target: string | null): void {
    this.schedule = null;
    this.#target = target;
    this.setAside = false;
    this.revision = revision;
    this.#definition = definition;
    this.#work = null;
  }

  /** Something was done to it, or is being done. */
  get worked(): boolean {
    return this.#work !== null;
  }

  get #working(): Work {
    this.#work ??= new Work();
    return this.#work;
  }

  /** Runs `operate` after everything that was asked before, or at once; a fault of one does not stop the next. */
  take<T>(operate: () => Promise<T>): Promise<T> {
    const work = this.#working;
    const over = (): void => {
      work.turns--;
    };
    const turn = work.turns++ === 0 ? this.#operate(operate) : work.turn.then(() => this.#operate(operate));
    work.turn = turn.then(over, over);
    return turn;
  }

  #operate<T>(operate: () => Promise<T>): Promise<T> {
    return this.cold ? this.#warm(this).then(operate) : operate();
  }

  /** Commands one after the other, in the order of the stream; other turns may come in between while one is held back. */
  queue(handle: () => Promise<void>): Promise<void> {
    const work = this.#working;
    work.commandsWaiting++;
    const over = (): void => {
      work.commandsWaiting--;
    };
    const handled = work.commands.then(handle);
    work.commands = handled.then(over, over);
    return handled;
  }

  /** Commands that are queued later wait for `first` too, which does not wait for those before it. */
  precede(first: Promise<void>): void {
    const work = this.#working;
    work.preceding++;
    work.commands = Promise.allSettled([work.commands, first]).finally(() => work.preceding--);
  }

  /** Resolves when every turn asked for so far is over. */
  settled(): Promise<void> {
    return this.#work?.turn ?? DONE;
  }

  /**
   * Takes over what is stored, and mends in it whatever was mended here and not stored: what was paid is not paid again because another
   * writer knew nothing of it. `setAside`: it cannot be read, so it is left alone, and no command may replace it.
   */
  adopt(schedule: Schedule | null, revision: number, setAside = false): void {
    this.schedule = schedule;
    this.revision = revision;
    this.#definition = null;
    this.#target = null;
    this.setAside = setAside;
    const work = this.#work;
    if (work === null) return;
    const mends = [...work.unstored, ...work.after];
    work.dirty = false;
    work.writing = null;
    work.unstored = NO_MENDS;
    work.after = NO_MENDS;
    for (const change of mends) this.#apply(change);
  }

  /** Changes the state in memory only; it is stored with the next write. The same state: nothing was left to mend. */
  mend(change: Mend): void {
    const work = this.#work;
    if (work?.writing) work.after = [...work.after, change];
    else this.#apply(change);
  }

  /** In its turn, and while no write is on its way: puts this state into memory, to be stored with the next write. */
  foresee(state: StateRecord): void {
    if (this.schedule === null) return;
    this.schedule = { ...this.schedule, state };
    this.#working.dirty = true;
  }

  /** What it is about to be, while a write is on its way; else what it is. */
  get expected(): Schedule | null {
    return this.#work?.writing ?? this.schedule;
  }

  /** A write of `schedule` is about to be sent. */
  beginWrite(schedule: Schedule): void {
    this.#working.writing = schedule;
  }

  /** The write was answered: what is stored, under this revision; null: it did not happen. What was mended meanwhile is mended in the outcome. */
  endWrite(stored: Schedule | null, revision = this.revision): void {
    const work = this.#working;
    work.writing = null;
    if (stored !== null) {
      this.schedule = stored;
      this.revision = revision;
      work.dirty = false;
      work.unstored = NO_MENDS;
    }
    const { after } = work;
    work.after = NO_MENDS;
    for (const change of after) this.#apply(change);
  }

  #apply(change: Mend): void {
    if (this.schedule === null) return;
    const state = change(this.schedule.state);
    if (state === this.schedule.state) return;
    this.schedule = { ...this.schedule, state };
    const work = this.#working;
    work.dirty = true;
    work.unstored = [...work.unstored, change];
  }

  /** Owed, and nobody is paying it. */
  unpaid(): Owed[] {
    const payments = this.#work?.payments;
    return (this.schedule?.state.owed ?? []).filter((owed) => payments?.has(owedId(owed)) !== true);
  }

  /** Target commands on their way. */
  dispatchesInFlight(): Promise<void>[] {
    const payments = this.#work?.payments;
    const owed = this.schedule?.state.owed ?? [];
    return owed.filter(isDispatch).flatMap((dispatch) => payments?.get(owedId(dispatch)) ?? []);
  }
}
