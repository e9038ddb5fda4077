/**
 * A stream in memory, with what the scheduler relies on: sequences, message ids within a window, an expected last sequence of a subject, a
 * bound of bytes. A bucket is a stream that keeps a few messages of each subject; a purge leaves a mark there, which expires.
 */

import { matchesSubject } from "@carillon/contracts";
import type { EpochMs } from "../../../scheduler/src/domain/instant.ts";
import type { RefusalReason } from "../../../scheduler/src/domain/settle.ts";

export interface StreamSettings {
  readonly name: string;
  /** Patterns that it captures. */
  readonly subjects: readonly string[];
  readonly duplicateWindowMs: number;
  readonly workQueue?: boolean;
  /** Messages kept of each subject; absent: all. */
  readonly history?: number;
  /** How long a message is kept; absent: for ever. */
  readonly maxAgeMs?: number;
}

export interface Draft {
  readonly subject: string;
  readonly data: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** `Nats-Msg-Id`; null: none. */
  readonly id: string | null;
  /** Sequence that the last message of the subject must have; 0: there must be none, or a purge's mark; null: any. */
  readonly expected?: number | null;
  /** In the place of all that its subject had, until it expires. */
  readonly mark?: boolean;
}

export interface Kept extends Draft {
  readonly sequence: number;
  readonly storedAt: EpochMs;
}

export type Appended =
  | {
      readonly kind: "stored";
      readonly stream: string;
      readonly sequence: number;
      readonly duplicate: boolean;
    }
  | { readonly kind: "stale" }
  | { readonly kind: "refused"; readonly code: RefusalReason; readonly description: string };

/** Bytes of the largest message, as a server has it by default. */
export const PAYLOAD_BYTES_MAX = 1_048_576;

/** A purge's mark is gone after so long. */
const MARK_KEPT_MS = 3_600_000;

export class MemoryStream {
  readonly settings: StreamSettings;
  readonly #createdAt: EpochMs;
  /** Settable, as an operator may: bytes of all data; a message that has no room is refused. */
  maxBytes = Number.POSITIVE_INFINITY;
  readonly #messages = new Map<number, Kept>();
  readonly #bySubject = new Map<string, Kept[]>();
  /** In the order of age. */
  readonly #ids = new Map<string, { sequence: number; storedAt: EpochMs }>();
  readonly #heard: ((message: Kept) => void)[] = [];
  #sequence = 0;
  #bytes = 0;
  #paused = false;

  constructor(settings: StreamSettings, createdAt: EpochMs) {
    this.settings = settings;
    this.#createdAt = createdAt;
  }

  /** As if it were not there, until it is resumed. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  captures(subject: string): boolean {
    return !this.#paused && this.settings.subjects.some((pattern) => matchesSubject(pattern, subject));
  }

  /** Calls back after each message that is stored. */
  onStored(heard: (message: Kept) => void): void {
    this.#heard.push(heard);
  }

  append(draft: Draft, at: EpochMs): Appended {
    const { name } = this.settings;
    this.#expire(at);
    if (byteLength(draft.data) > PAYLOAD_BYTES_MAX) return refused("too_large", "larger than max_payload");
    const known = draft.id === null ? undefined : this.#ids.get(draft.id);
    if (known !== undefined)
      return { kind: "stored", stream: name, sequence: known.sequence, duplicate: true };
    if (!this.#isExpected(draft, at)) return { kind: "stale" };
    const freed = this.settings.history === 1 ? (this.last(draft.subject, at)?.data ?? "") : "";
    if (this.#bytes + byteLength(draft.data) - byteLength(freed) > this.maxBytes)
      return refused("stream_full", "maximum bytes exceeded");
    const message: Kept = { ...draft, sequence: ++this.#sequence, storedAt: at };
    this.#keep(message);
    for (const heard of this.#heard) heard(message);
    return { kind: "stored", stream: name, sequence: message.sequence, duplicate: false };
  }

  /** The last message of a subject, a mark included; null: none. */
  last(subject: string, at: EpochMs): Kept | null {
    const last = this.#bySubject.get(subject)?.at(-1) ?? null;
    return last?.mark === true && last.storedAt + MARK_KEPT_MS <= at ? null : last;
  }

  at(sequence: number): Kept | null {
    return this.#messages.get(sequence) ?? null;
  }

  /** The last message of each subject, in the order of their sequence. */
  *lasts(at: EpochMs): Iterable<Kept> {
    for (const message of this.#messages.values()) {
      if (this.last(message.subject, at) === message) yield message;
    }
  }

  /** All that is kept, oldest first. */
  get messages(): Iterable<Kept> {
    return this.#messages.values();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#messages.size;
  }

  remove(sequence: number): void {
    const message = this.#messages.get(sequence);
    if (message === undefined) return;
    this.#messages.delete(sequence);
    this.#bytes -= byteLength(message.data);
    const siblings = this.#bySubject.get(message.subject) ?? [];
    siblings.splice(siblings.indexOf(message), 1);
    if (siblings.length === 0) this.#bySubject.delete(message.subject);
  }

  /** Whether it was there at `since`, and holds everything from then on. */
  reachesBack(since: EpochMs): boolean {
    if (this.settings.workQueue === true || this.#createdAt > since) return false;
    const [first] = this.#messages.values();
    return first === undefined ? this.#sequence === 0 : first.sequence === 1 || first.storedAt <= since;
  }

  /** Since when it holds everything that it took, unless somebody deleted from its middle; null: it keeps no complete record. */
  get wholeSince(): EpochMs | null {
    const { workQueue = false, history } = this.settings;
    if (workQueue || history !== undefined) return null;
    const [first] = this.#messages.values();
    if (first === undefined && this.#sequence > 0) return Number.POSITIVE_INFINITY;
    return first === undefined || first.sequence === 1 ? this.#createdAt : first.storedAt;
  }

  /** Of the first message that it holds; where it is empty: of the next one. */
  get firstSequence(): number {
    const [first] = this.#messages.values();
    return first?.sequence ?? this.#sequence + 1;
  }

  /** A server that starts anew knows only the ids of what is still stored. */
  restart(): void {
    const stored = new Set([...this.#messages.values()].map(({ id }) => id));
    for (const id of this.#ids.keys()) if (!stored.has(id)) this.#ids.delete(id);
  }

  #isExpected({ subject, expected = null }: Draft, at: EpochMs): boolean {
    if (expected === null) return true;
    const last = this.last(subject, at);
    if (expected === 0) return last === null || last.mark === true;
    return last?.sequence === expected;
  }

  #keep(message: Kept): void {
    const { subject, id, sequence, storedAt, mark } = message;
    const siblings = this.#bySubject.get(subject) ?? [];
    const most = mark === true ? 1 : (this.settings.history ?? Number.POSITIVE_INFINITY);
    this.#messages.set(sequence, message);
    this.#bytes += byteLength(message.data);
    siblings.push(message);
    this.#bySubject.set(subject, siblings);
    while (siblings.length > most) this.remove(siblings[0]?.sequence ?? 0);
    if (id !== null) this.#ids.set(id, { sequence, storedAt });
  }

  #expire(at: EpochMs): void {
    const { duplicateWindowMs, maxAgeMs = Number.POSITIVE_INFINITY } = this.settings;
    for (const [id, { storedAt }] of this.#ids) {
      if (storedAt + duplicateWindowMs > at) break;
      this.#ids.delete(id);
    }
    for (const { sequence, storedAt } of this.#messages.values()) {
      if (storedAt + maxAgeMs > at) break;
      this.remove(sequence);
    }
  }
}

const refused = (code: RefusalReason, description: string): Appended => ({
  kind: "refused",
  code,
  description,
});

/** A UTF-16 unit counts as a byte, which is near enough for a bound. */
const byteLength = (data: string | Uint8Array): number => data.length;
