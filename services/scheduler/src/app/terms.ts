/**
 * Terms: one holding of a partition each, counted by a record that whoever takes over raises with compare-and-set. A term is what
 * fences: every stored record names the one that wrote it, and the consumers of the inbox belong to it.
 */

import { type Names, parseJson, type Suspect, type TermRecord, validate } from "@carillon/contracts";
import { type Guard, Refused, type Store, TermOver } from "./ports.ts";
import type { Records } from "./records.ts";
import type { Tell } from "./signals.ts";

export interface Term {
  term: number;
  /** What the term before was handling alone when it ended; null: nothing. */
  suspect: Suspect | null;
  /** What of that counts, to be asked when the command comes again: whether its worker lives may take a while to know. */
  judge(): Promise<Suspect | null>;
  /**
   * Stores what this term is handling alone; null: nothing. Throws TermOver when a newer term exists. A full bucket is told and no reason
   * to end: the next term then suspects nothing.
   */
  note(suspect: Suspect | null): Promise<void>;
}

export interface TermDeps {
  store: Store;
  names: Names;
  tell: Tell;
  records: Pick<Records, "report">;
  worker: string;
  /** Whether a worker lives; the one that asks is among them. */
  lives(worker: string): Promise<boolean>;
  guard: Guard;
  /** Hears which term is about to be stored, before it is. */
  aim?(term: number): void;
}

const LOST_COUNT = "it is replaced by a term beyond any before";

/**
 * Throws TermOver when somebody else was faster. A record that cannot be read, or was deleted, no longer says how many terms there were;
 * each took at least one message of the bucket, so its revision is beyond them all.
 */
export async function raiseTerm(deps: TermDeps, partition: number): Promise<Term> {
  const key = deps.names.keys.term.build({ partition });
  const stored = await deps.store.read("state", key);
  const last = stored?.revision ?? (await deps.store.lastRevision("state", key));
  const before = stored === null ? null : readTerm(stored.value);
  if (stored !== null && before === null) deps.records.report(key, { bucket: "state", message: LOST_COUNT });
  const term = (before?.term ?? last) + 1;
  deps.aim?.(term);
  const raised = await write(deps, key, { v: 1, term, worker: deps.worker, suspect: null }, last);
  // What came in between is of a term before this one: a note that was late.
  if (raised === null) return raiseTerm(deps, partition);
  let revision = raised;
  return {
    term,
    suspect: before?.suspect ?? null,
    judge: async () => (before === null ? null : suspectOf(before, deps.lives)),
    note: async (suspect) => {
      try {
        const noted = await write(deps, key, { v: 1, term, worker: deps.worker, suspect }, revision);
        if (noted === null) throw new TermOver(`${key}: an earlier term was written over term ${term}`);
        revision = noted;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        deps.tell({ kind: "warning", message: error.message });
      }
    },
  };
}

/** What its handling alone may have ended. Where the worker lives, its term ended for another reason, and that time does not count. */
async function suspectOf({ suspect, worker }: TermRecord, lives: TermDeps["lives"]): Promise<Suspect | null> {
  if (suspect === null || !(await lives(worker))) return suspect;
  const times = (suspect.times ?? 1) - 1;
  return times > 0 ? { ...suspect, times } : null;
}

/**
 * Whoever wakes up after its lease ran out stops by itself, and says nothing that could be refused: whether a newer term began meanwhile has
 * to be asked. Tells it where one did.
 */
export async function tellFenced(
  { store, names, tell }: Pick<TermDeps, "store" | "names" | "tell">,
  { partition, term, backend }: { partition: number; term: number; backend: string },
): Promise<void> {
  const stored = await store.read("state", names.keys.term.build({ partition })).catch(() => null);
  const newest = (stored === null ? null : readTerm(stored.value))?.term ?? term;
  if (newest > term) tell({ kind: "lease.failed", backend, reason: "fenced" });
}

/** Null: a record of an earlier term was faster. */
async function write(
  { store, guard }: TermDeps,
  key: string,
  record: TermRecord,
  expected: number,
): Promise<number | null> {
  const written = await store.write("state", key, JSON.stringify(record), expected, guard);
  if (written.kind === "written") return written.revision;
  if (written.kind === "refused") throw new Refused(`${key}: ${written.description}`);
  const stored = await store.read("state", key);
  const winner = stored === null ? null : readTerm(stored.value);
  const mine = winner?.term === record.term && winner.worker === record.worker;
  if (stored !== null && mine) return stored.revision;
  if (winner !== null && winner.term < record.term) return null;
  throw new TermOver(`${key}: term ${winner?.term ?? "unknown"} of ${winner?.worker ?? "unknown"}`);
}

/** Null: unreadable. */
function readTerm(value: Uint8Array): TermRecord | null {
  const parsed = parseJson(value);
  if (!parsed.ok || validate.termRecord(parsed.value).length > 0) return null;
  return parsed.value as TermRecord;
}
