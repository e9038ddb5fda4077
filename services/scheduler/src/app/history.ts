/** What the account of the past needs from outside: a port like those of `ports.ts`, under the same rules for faults. */

import type { EpochMs } from "../domain/instant.ts";

/** A message that a stream still holds. */
export interface PastMessage {
  sequence: number;
  storedAt: EpochMs;
  /** Empty where only headers were asked for. */
  data: Uint8Array;
  header(name: string): string | null;
}

/** How far back a stream can be believed. */
export interface Reach {
  /** Since when it holds everything it took; null: it is no complete record at all (a work queue, or a few messages a subject). */
  wholeSince: EpochMs | null;
  /** Of the first message that it holds, or would hold. */
  firstSequence: number;
}

/** Reads what streams hold, for whoever accounts for the past. Reads of other duties are other ports. Throws Refused. */
export interface History {
  /** Null: there is no such stream. */
  reach(stream: string): Promise<Reach | null>;
  /** The subjects under a pattern of which the stream holds a message, in no order. */
  subjects(stream: string, pattern: string): Promise<readonly string[]>;
  /**
   * Each message of these subjects stored from `since` on (null: of all time), in the order of the stream, up to its end at the time of
   * the call; `each` ends the pass with true. `restarted`: the link dropped and the pass begins anew, forget what came so far.
   */
  read(
    passage: { stream: string; subjects: readonly string[]; since: EpochMs | null; headersOnly?: boolean },
    each: (message: PastMessage) => boolean,
    restarted: () => void,
  ): Promise<void>;
  /** One message; null: it is no longer there. */
  at(stream: string, sequence: number): Promise<PastMessage | null>;
}
