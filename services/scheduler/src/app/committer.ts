/**
 * The one way in which a schedule's state is written. Compare-and-set decides every race: on a refusal the stored record says who was
 * first — this very write (its answer was lost), an older term (a zombie: its record is adopted, with what it owes), or a newer one
 * (this term is over).
 */

import type { DefinitionRecord, StateRecord } from "@carillon/contracts";
import { outlineOf, type Schedule } from "../domain/schedule.ts";
import type { Held } from "./held.ts";
import { type Guard, type Store, type Stored, TermOver } from "./ports.ts";
import type { RecordFault, Records } from "./records.ts";

export interface Proposal {
  schedule: Schedule;
  /** Its definition record is new: it is stored first, and the state names its revision. */
  redefined: boolean;
}

export type Committed =
  | { kind: "committed" }
  /** Nothing was proposed. */
  | { kind: "nothing" }
  /** The definition makes a longer record than NATS takes in one message: it can never be stored. */
  | { kind: "too_large" }
  /** The bucket refuses to hold more, or what is owed already leaves no room. */
  | { kind: "refused"; description: string };

type NotStored = Exclude<Committed, { kind: "committed" | "nothing" }>;

const NOTHING = Promise.resolve<Committed>({ kind: "nothing" });
const COMMITTED: Committed = { kind: "committed" };

const NO_ROOM = "the bucket of states is full but for what its schedules need (max_bytes)";

export class Committer {
  readonly #store: Store;
  readonly #records: Records;
  readonly #term: number;
  readonly #guard: Guard;
  readonly #spare: () => boolean;
  readonly #note: (held: Held) => void;
  readonly #setAside: (held: Held, fault: RecordFault) => void;
  #write = 0;

  /**
   * `spare`: is there room for one more schedule? `note`: hears of a schedule that a write is about to change, and again where it does not. `setAside`: of one whose record another
   * writer made unreadable.
   */
  constructor(deps: {
    store: Store;
    records: Records;
    term: number;
    guard: Guard;
    spare: () => boolean;
    note: (held: Held) => void;
    setAside: (held: Held, fault: RecordFault) => void;
  }) {
    this.#store = deps.store;
    this.#records = deps.records;
    this.#term = deps.term;
    this.#guard = deps.guard;
    this.#spare = deps.spare;
    this.#note = deps.note;
    this.#setAside = deps.setAside;
  }

  /**
   * Writes what `propose` makes of the schedule as it stands; asked again when an older record had to be adopted first. Throws TermOver
   * and Abandoned. Must run within the schedule's turn.
   */
  commit(held: Held, propose: (schedule: Schedule | null) => Proposal | null): Promise<Committed> {
    const proposal = propose(held.schedule);
    if (proposal === null) return NOTHING;
    return this.#attempt(held, proposal).then(
      (answer) => answer ?? this.commit(held, propose),
      (error: unknown) => {
        held.endWrite(null);
        throw error;
      },
    );
  }

  /** Null: another record was adopted, so propose again. */
  #attempt(held: Held, { schedule, redefined }: Proposal): Promise<Committed | null> {
    const write = ++this.#write;
    held.beginWrite(schedule);
    this.#note(held);
    return redefined
      ? this.#define(held, schedule, write).then((stamped) =>
          "kind" in stamped ? this.#giveUp(held, stamped) : this.#put(held, stamped, write),
        )
      : this.#put(held, this.#stamp(schedule, schedule.record, schedule.state.revision, write), write);
  }

  #put(held: Held, schedule: Schedule, write: number): Promise<Committed | null> {
    const value = JSON.stringify(schedule.state);
    return this.#store.write("state", held.key, value, held.revision, this.#guard).then((written) => {
      if (written.kind === "stale") return this.#resolve(held, schedule, write);
      if (written.kind === "refused") return this.#giveUp(held, written);
      held.endWrite(schedule, written.revision);
      return COMMITTED;
    });
  }

  #giveUp<Answer extends Committed>(held: Held, answer: Answer): Answer {
    held.endWrite(null);
    this.#note(held);
    return answer;
  }

  #stamp(schedule: Schedule, record: DefinitionRecord, revision: number, write: number): Schedule {
    const known = schedule.state.outline;
    const outline = known?.revision === revision ? known : outlineOf(record, revision);
    const state: StateRecord = { ...schedule.state, term: this.#term, write, revision, outline };
    return { record, state, timeline: schedule.timeline };
  }

  /** Stores its definition, which the state will name. */
  async #define(held: Held, schedule: Schedule, write: number): Promise<Schedule | NotStored> {
    // Before anything is stored: a definition that no state will name is only in the way.
    if (held.schedule === null && !this.#spare()) return { kind: "refused", description: NO_ROOM };
    const record = { ...schedule.record, term: this.#term, write } satisfies DefinitionRecord;
    const value = JSON.stringify(record);
    const written = await this.#store.write("schedules", held.key, value, null, this.#guard);
    if (written.kind === "written") return this.#stamp(schedule, record, written.revision, write);
    if (written.kind === "stale") return { kind: "refused", description: "the definition was not stored" };
    return written.code === "too_large"
      ? { kind: "too_large" }
      : { kind: "refused", description: written.description };
  }

  /** Our compare-and-set was refused: whose record is there? */
  async #resolve(held: Held, mine: Schedule, write: number): Promise<Committed | null> {
    const stored = await this.#store.read("state", held.key);
    const state = stored === null ? null : this.#records.readState(stored);
    if (stored !== null && state?.term === this.#term && state.write === write) {
      held.endWrite(mine, stored.revision);
      return COMMITTED;
    }
    await this.#takeOver(held, stored, state);
    return null;
  }

  /** What was stored here last is no longer there: takes over what is. In its turn; throws TermOver. */
  async reread(held: Held): Promise<Stored | null> {
    const stored = await this.#store.read("state", held.key);
    await this.#takeOver(held, stored, stored === null ? null : this.#records.readState(stored));
    return stored;
  }

  async #takeOver(held: Held, stored: Stored | null, state: StateRecord | null): Promise<void> {
    if (state !== null && state.term > this.#term) throw new TermOver(`${held.key}: term ${state.term}`);
    await this.adopt(held, stored);
  }

  /** Takes over what another writer left under the key; null: nothing. */
  async adopt(held: Held, stored: Stored | null): Promise<void> {
    if (stored === null && (held.schedule !== null || held.cold)) this.#records.lost(held.key);
    const opened = stored === null ? null : await this.#records.inspect(stored);
    const revision = stored?.revision ?? (await this.#store.lastRevision("state", held.key));
    held.adopt(opened?.ok ? opened.schedule : null, revision, opened?.ok === false);
    if (opened?.ok === false) this.#setAside(held, opened.fault);
  }
}
