/**
 * Single messages by their sequence, as many at a time as whoever asks likes: any server that holds the stream answers, without the API's
 * queue, at a quarter of what a question to the leader costs it. A message never changes, so it cannot be outdated, only be gone. What is not
 * answered with the message itself is no answer, and is for the leader to tell: the stream may not allow this, the user may not ask, a
 * replica may lag.
 */

import { createInbox, type Msg, PermissionViolationError } from "@nats-io/nats-core";
import type { Cancel, Clock } from "../../app/ports.ts";
import type { Link } from "./connection.ts";
import { type HeardHeaders, heardHeaders } from "./heard-headers.ts";

export interface Direct {
  subject: string;
  sequence: number;
  /** Those that it was stored with, and the server's own. */
  headers: HeardHeaders;
  data: Uint8Array;
  /** RFC 3339 with nanoseconds. */
  time: string;
}

interface Question {
  subject: string;
  askedAtMs: number;
  answer(found: Direct | null): void;
}

const API = "$JS.API.DIRECT.GET.";
/** How often what is open is looked through, while anything is. */
const SWEEP_MS = 250;
/** Silence for so long means that the answer is lost. */
const SILENCE_MS_MAX = 2_000;

export class DirectReads {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #open = new Map<string, Question>();
  /** What the user may not ask, until the next login. */
  readonly #denied = new Set<string>();
  #tokens = 0;
  #sweeping: Cancel | null = null;

  constructor({ clock, link, inboxPrefix }: { clock: Clock; link: Link; inboxPrefix: string }) {
    this.#clock = clock;
    this.#link = link;
    this.#prefix = `${createInbox(inboxPrefix)}.`;
    link.listen(`${this.#prefix}*`, (message) => this.#onReply(message));
    link.onDrop(() => this.#giveUp(() => true));
    link.onReconnect(() => this.#denied.clear());
    link.onError((error) => this.#onError(error));
  }

  /** Null: nobody answered with it. */
  ask(stream: string, sequence: number): Promise<Direct | null> {
    const subject = API + stream;
    if (!this.#link.up() || this.#denied.has(subject)) return Promise.resolve(null);
    return new Promise((answer) => {
      const token = (this.#tokens++).toString(36);
      this.#open.set(token, { subject, askedAtMs: this.#clock.monotonicMs(), answer });
      this.#sweeping ??= this.#clock.after(SWEEP_MS, this.#sweep);
      this.#link.nc.publish(subject, `{"seq":${sequence}}`, { reply: this.#prefix + token });
    });
  }

  #onReply(message: Msg): void {
    const token = message.subject.slice(this.#prefix.length);
    const question = this.#open.get(token);
    this.#open.delete(token);
    question?.answer(readDirect(message));
  }

  #onError(error: Error): void {
    if (!(error instanceof PermissionViolationError) || error.operation !== "publish") return;
    if (!error.subject.startsWith(API)) return;
    this.#denied.add(error.subject);
    this.#giveUp(({ subject }) => subject === error.subject);
  }

  readonly #sweep = (): void => {
    const lastMs = this.#clock.monotonicMs() - SILENCE_MS_MAX;
    this.#giveUp(({ askedAtMs }) => askedAtMs < lastMs);
    this.#sweeping = this.#open.size === 0 ? null : this.#clock.after(SWEEP_MS, this.#sweep);
  };

  #giveUp(which: (question: Question) => boolean): void {
    for (const [token, question] of [...this.#open]) {
      if (!which(question)) continue;
      this.#open.delete(token);
      question.answer(null);
    }
  }
}

function readDirect(message: Msg): Direct | null {
  const headers = heardHeaders(message);
  const [subject, sequence, time] = ["Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp"].map(headers.get);
  if (headers.code !== 0 || subject == null || sequence == null || time == null) return null;
  return { subject, sequence: Number(sequence), headers, data: message.data, time };
}
