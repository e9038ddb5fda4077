/**
 * Stored records, read back: validated, put together with the definition revision that the state names, and compiled. A record that
 * cannot be read is set aside and told, never a crash.
 */

import { DEPTH_MAX, type DefinitionRecord, parseJson, type StateRecord, validate } from "@carillon/contracts";
import type { Schedule } from "../domain/schedule.ts";
import { NEVER, timelineOf } from "../domain/timeline.ts";
import type { Store, Stored } from "./ports.ts";
import type { Tell } from "./signals.ts";

/** Levels that a record may nest: what a command may, and the record's own around it. */
const RECORD_DEPTH_MAX = DEPTH_MAX + 8;

export class Records {
  readonly #store: Store;
  readonly #tell: Tell;

  constructor(deps: { store: Store; tell: Tell }) {
    this.#store = deps.store;
    this.#tell = deps.tell;
  }

  /** Null: unreadable. */
  readState(stored: Stored): StateRecord | null {
    return this.#read<StateRecord>("state", stored, validate.stateRecord);
  }

  readDefinition(stored: Stored): DefinitionRecord | null {
    return this.#read<DefinitionRecord>("schedules", stored, validate.definitionRecord);
  }

  /**
   * The schedule of a stored state. `latest`: the last definition stored under its key, where that is known; the revision that the
   * state names decides, since a later one may come from a command that was never committed. Null: unreadable.
   */
  async open(stored: Stored, latest: Stored | null = null): Promise<Schedule | null> {
    const state = this.readState(stored);
    if (state === null) return null;
    const record = await this.definitionAt(stored.key, state.revision, latest);
    if (record === null) return null;
    const compiled = timelineOf(record);
    return { record, state, timeline: compiled.ok ? compiled.timeline : NEVER };
  }

  async definitionAt(
    key: string,
    revision: number,
    latest: Stored | null = null,
  ): Promise<DefinitionRecord | null> {
    const stored =
      latest?.revision === revision ? latest : await this.#store.readRevision("schedules", key, revision);
    if (stored !== null) return this.readDefinition(stored);
    const message = `revision ${revision} is no longer stored`;
    this.#tell({ kind: "record.unreadable", bucket: "schedules", key, message });
    return null;
  }

  /** A state that we had stored is gone: somebody deleted it by hand. */
  lost(key: string): void {
    this.#tell({
      kind: "record.unreadable",
      bucket: "state",
      key,
      message: "the record was deleted from outside",
    });
  }

  #read<T>(
    bucket: "state" | "schedules",
    stored: Stored,
    faultsOf: (value: unknown) => readonly { message: string }[],
  ): T | null {
    const parsed = parseJson(stored.value, RECORD_DEPTH_MAX);
    const message = parsed.ok ? faultsOf(parsed.value)[0]?.message : parsed.message;
    if (parsed.ok && message === undefined) return parsed.value as T;
    this.#tell({ kind: "record.unreadable", bucket, key: stored.key, message: message ?? "" });
    return null;
  }
}
