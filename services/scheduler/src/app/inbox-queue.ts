/**
 * Hands the commands of one reader to their schedules. After a takeover the first command is noted in the term record and handled alone: if it
 * ends the process, the next term finds it noted and still unacknowledged. One such end may be anybody's fault, so it is handled once more;
 * after a second it is refused, so that it cannot end every owner in turn.
 */

import type { Suspect } from "@carillon/contracts";
import { type InboxMessage, type InboxReader, TermOver } from "./ports.ts";

/** A command that so many terms began to handle, and none finished, is refused. */
export const SUSPECTED_MAX = 2;

export interface InboxQueueParts {
  reader: InboxReader;
  inbox: string;
  /** What the term before was handling alone; null: nothing, or it was done. */
  suspect: Suspect | null;
  /** What of that counts. */
  judge(): Promise<Suspect | null>;
  /** Stores in the term record what is handled alone; null: nothing is. */
  note(suspect: Suspect | null): Promise<void>;
  /** Puts the command into its schedule's turn; resolves when it is confirmed. `wanted`: false once the reader began anew. */
  handle(message: InboxMessage, poisonous: boolean, wanted: () => boolean): Promise<void>;
  /** What was handed over and has not had its turn is no longer wanted. */
  forgotten(): void;
  fault(error: unknown): void;
}

export class InboxQueue {
  readonly #parts: InboxQueueParts;
  /** Null: the first command is done, and the others no longer wait for it. */
  #waiting: InboxMessage[] | null = [];
  #begun = false;
  /** Of everything that was delivered since the reader began, or began anew. */
  #wanted = this.#untilRestart();
  #closing = false;
  #handling = 0;
  /** Resolves when nothing is being handled; null: nobody waits for that. */
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(parts: InboxQueueParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#parts.reader.start(
      (message) => this.#take(message),
      () => this.#restart(),
      () => this.#parts.fault(new TermOver("the inbox is read by a higher term, or was made anew")),
    );
  }

  /** Takes no more; resolves when what was begun is over. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#restart();
    await this.#parts.reader.close();
    if (this.#handling === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  #take(message: InboxMessage): void {
    if (this.#waiting === null) this.#handle(message, false);
    else if (this.#begun) this.#waiting.push(message);
    else {
      this.#begun = true;
      this.#track(this.#first(message));
    }
  }

  /** Everything not yet begun is delivered again. */
  #restart(): void {
    this.#wanted = this.#untilRestart();
    if (this.#waiting !== null) this.#waiting = [];
    this.#parts.forgotten();
  }

  #untilRestart(): () => boolean {
    const wanted = (): boolean => wanted === this.#wanted;
    return wanted;
  }

  async #first(message: InboxMessage): Promise<void> {
    const { suspect, inbox } = this.#parts;
    const { sequence } = message;
    const again = suspect?.inbox === inbox && suspect.sequence === sequence;
    const known = again ? await this.#parts.judge() : null;
    const times = known === null ? 0 : (known.times ?? 1);
    const poisonous = times >= SUSPECTED_MAX;
    if (!poisonous) await this.#parts.note({ inbox, sequence, times: times + 1 });
    await this.#parts.handle(message, poisonous, () => true);
    // It may have come too late to be handled, and must not be suspected by the next term for that.
    if (this.#closing && !poisonous) await this.#parts.note(known);
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const next of waiting) this.#handle(next, false);
  }

  #handle(message: InboxMessage, poisonous: boolean): void {
    this.#track(this.#parts.handle(message, poisonous, this.#wanted));
  }

  #track(work: Promise<void>): void {
    this.#handling++;
    work.then(this.#over, this.#failed);
  }

  readonly #over = (): void => {
    if (--this.#handling === 0) this.#idle?.resolve();
  };

  readonly #failed = (error: unknown): void => {
    this.#over();
    this.#parts.fault(error);
  };
}
