/**
 * Stored records, read back: validated, put together with the definition revision that the state names, and compiled. A record that
 * cannot be read is a value that says why, never a crash.
 */

import {
  DEPTH_MAX,
  type DefinitionRecord,
  type Names,
  type Parsed,
  parseJson,
  type StateRecord,
  validate,
} from "@carillon/contracts";
import { sharingWithin } from "../domain/alike.ts";
import type { EpochMs } from "../domain/instant.ts";
import type { Schedule } from "../domain/schedule.ts";
import { brokenTimeline, timelineOf } from "../domain/timeline.ts";
import type { Bucket, Store, Stored } from "./ports.ts";
import type { Tell } from "./signals.ts";

/** Levels that a record may nest: what a command may, and the record's own around it. */
const RECORD_DEPTH_MAX = DEPTH_MAX + 8;

const BRACE = 0x7b;
const BRACKET = 0x5b;

/** What of a schedule cannot be read, and why. */
export interface RecordFault {
  bucket: Bucket;
  revision: number;
  /** When what cannot be read was stored; of a definition that is gone: the state that names it. */
  storedAt: EpochMs;
  message: string;
}

/** Where a schedule is stored. */
export interface Shelved {
  key: string;
  /** Of the state. */
  revision: number;
  /** Revision of the definition. */
  definition: number;
}

export interface Read {
  stored: Stored;
  opened: Opened;
}

export type Opened = { ok: true; schedule: Schedule } | { ok: false; fault: RecordFault };

export type Checked<T> = { ok: true; record: T } | { ok: false; fault: RecordFault };

export class Records {
  readonly #store: Store;
  readonly #names: Names;
  readonly #tell: Tell;

  constructor(deps: { store: Store; names: Names; tell: Tell }) {
    this.#store = deps.store;
    this.#names = deps.names;
    this.#tell = deps.tell;
  }

  /** Null: unreadable. */
  readState(stored: Stored): StateRecord | null {
    const read = this.inspectState(stored);
    return read.ok ? read.record : null;
  }

  inspectState(stored: Stored): Checked<StateRecord> {
    return read<StateRecord>("state", stored, validate.stateRecord);
  }

  /** The schedule of a stored state; null: unreadable, which is for its owner to tell. */
  async open(stored: Stored): Promise<Schedule | null> {
    const opened = await this.inspect(stored);
    return opened.ok ? opened.schedule : null;
  }

  /**
   * The schedule of a stored state. `latest`: the last definition stored under its key, where that is known; the revision that the
   * state names decides, since a later one may come from a command that was never committed.
   */
  async inspect(stored: Stored, latest?: Stored | null): Promise<Opened> {
    const state = this.inspectState(stored);
    if (!state.ok) return state;
    const definition = await this.#definitionAt(stored, state.record.revision, latest ?? null);
    if (!definition.ok) return definition;
    const compiled = timelineOf(definition.record);
    const timeline = compiled.ok ? compiled.timeline : brokenTimeline(compiled.fault);
    return { ok: true, schedule: { record: definition.record, state: state.record, timeline } };
  }

  /** Schedules by the revisions of their states and definitions, many at once; null: the state is no longer stored. */
  async openAll(wanted: readonly Shelved[]): Promise<(Read | null)[]> {
    const [states, definitions] = await Promise.all([
      this.#store.readRevisions("state", wanted),
      this.#store.readRevisions(
        "schedules",
        wanted.map(({ key, definition }) => ({ key, revision: definition })),
      ),
    ]);
    return Promise.all(
      states.map(async (stored, place) =>
        stored === null ? null : { stored, opened: await this.inspect(stored, definitions[place]) },
      ),
    );
  }

  /** The same as they stand now, whoever has written them since; null: there is none. */
  async currentAll(wanted: readonly Shelved[]): Promise<(Opened | null)[]> {
    const current = async (read: Read | null, key: string): Promise<Opened | null> => {
      const stored = read === null ? await this.#store.read("state", key) : null;
      return stored === null ? (read?.opened ?? null) : this.inspect(stored);
    };
    const read = await this.openAll(wanted);
    return Promise.all(wanted.map(({ key }, place) => current(read[place] ?? null, key)));
  }

  /** Null, and told: it cannot be read. */
  async definitionAt(key: string, revision: number): Promise<DefinitionRecord | null> {
    const read = await this.#definitionAt({ key, storedAt: 0 }, revision, null);
    if (read.ok) return read.record;
    this.report(key, read.fault);
    return null;
  }

  /** A state that we had stored is gone: somebody deleted it by hand. */
  lost(key: string): void {
    this.report(key, { bucket: "state", message: "the record was deleted from outside" });
  }

  /** Tells operators of a record that is set aside. */
  report(key: string, { bucket, message }: Pick<RecordFault, "bucket" | "message">): void {
    this.#tell({ kind: "record.unreadable", bucket: this.#names.buckets[bucket], key, message });
  }

  async #definitionAt(
    { key, storedAt }: Pick<Stored, "key" | "storedAt">,
    revision: number,
    latest: Stored | null,
  ): Promise<Checked<DefinitionRecord>> {
    const stored =
      latest?.revision === revision ? latest : await this.#store.readRevision("schedules", key, revision);
    if (stored === null) {
      const message = `revision ${revision} of the definition is no longer stored`;
      return { ok: false, fault: { bucket: "schedules", revision, storedAt, message } };
    }
    const definition = read<DefinitionRecord>("schedules", stored, validate.definitionRecord);
    if (!definition.ok) return definition;
    if (this.#belongs(key, definition.record)) return { ok: true, record: sharingWithin(definition.record) };
    const { tenant, scheduleId } = definition.record;
    const message = `it is the definition of schedule "${scheduleId}" of tenant "${tenant}"`;
    return { ok: false, fault: { bucket: "schedules", revision, storedAt: stored.storedAt, message } };
  }

  #belongs(key: string, { tenant, scheduleId }: DefinitionRecord): boolean {
    const place = this.#names.keys.schedule.parse(key);
    return place?.tenant === tenant && place.scheduleId === scheduleId;
  }
}

/**
 * What Carillon wrote itself names nothing twice, and what opens no more brackets than it may nest need not be walked: half of the time
 * that anybody's JSON takes. Whatever else stands there is read as anybody's, which says what is wrong with it.
 */
function parseRecord(value: Uint8Array): Parsed {
  if (bracketsIn(value) > RECORD_DEPTH_MAX) return parseJson(value, RECORD_DEPTH_MAX);
  try {
    return { ok: true, value: JSON.parse(decoder.decode(value)) };
  } catch {
    return parseJson(value, RECORD_DEPTH_MAX);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function bracketsIn(value: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < value.length; index++)
    if (value[index] === BRACE || value[index] === BRACKET) count++;
  return count;
}

function read<T>(
  bucket: Bucket,
  { value, revision, storedAt }: Stored,
  faultsOf: (value: unknown) => readonly { path: string }[],
): Checked<T> {
  const parsed = parseRecord(value);
  const [fault] = parsed.ok ? faultsOf(parsed.value) : [];
  if (parsed.ok && fault === undefined) return { ok: true, record: parsed.value as T };
  const message = parsed.ok ? misshapen(fault?.path ?? "") : parsed.message.replace("the body", "it");
  return { ok: false, fault: { bucket, revision, storedAt, message } };
}

/** The place alone: what stands there may be a payload. */
const misshapen = (path: string): string => `${path === "" ? "it" : path} is not as this version knows it`;
