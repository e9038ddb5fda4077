/**
 * Messages for JetStream, many on their way at once: one subscription hears all acknowledgements, and a window bounds what is
 * unconfirmed. Anything but an acknowledgement fails the pipe, since a benchmark that was refused something measures nothing.
 */

import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";

interface Letter {
  readonly subject: string;
  readonly data: string | Uint8Array;
  readonly headers?: MsgHdrs;
}

type Acknowledged = (sequence: number) => void;

export class Pipe {
  readonly #nc: NatsConnection;
  readonly #windowMax: number;
  readonly #prefix = `${createInbox()}.`;
  readonly #open = new Map<string, Acknowledged>();
  readonly #subscription;
  #tokens = 0;
  #fault: Error | null = null;
  #waiting: { readonly below: number; readonly wake: () => void } | null = null;

  constructor(nc: NatsConnection, windowMax: number) {
    this.#nc = nc;
    this.#windowMax = windowMax;
    this.#subscription = nc.subscribe(`${this.#prefix}*`, { callback: (_, message) => this.#hear(message) });
  }

  /** At once, whatever the window says; `then` hears the sequence under which it was stored. */
  send({ subject, data, headers }: Letter, then: Acknowledged): void {
    const token = (this.#tokens++).toString(36);
    this.#open.set(token, then);
    this.#nc.publish(subject, data, {
      reply: this.#prefix + token,
      ...(headers === undefined ? {} : { headers }),
    });
  }

  /** Resolves to the sequence under which it was stored. */
  store(letter: Letter): Promise<number> {
    return new Promise((resolve) => this.send(letter, resolve));
  }

  /** Resolves when the window has room; once full, when half of it has. One may wait at a time. */
  async room(): Promise<void> {
    if (this.#open.size >= this.#windowMax) await this.#below(this.#windowMax / 2);
  }

  /** Resolves when everything is confirmed. */
  async empty(): Promise<void> {
    await this.#below(1);
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  async #below(count: number): Promise<void> {
    if (this.#fault === null && this.#open.size >= count) {
      await new Promise<void>((wake) => {
        this.#waiting = { below: count, wake };
      });
    }
    if (this.#fault !== null) throw this.#fault;
  }

  #hear(message: Msg): void {
    const token = message.subject.slice(this.#prefix.length);
    const acknowledged = this.#open.get(token);
    if (acknowledged === undefined) return;
    this.#open.delete(token);
    const answer = message.string();
    const sequence = Number(/"seq":\s*(\d+)/.exec(answer)?.[1]);
    if (Number.isNaN(sequence) || answer.includes('"error"')) this.#fault ??= new Error(`refused: ${answer}`);
    else acknowledged(sequence);
    const waiting = this.#waiting;
    if (waiting === null || (this.#fault === null && this.#open.size >= waiting.below)) return;
    this.#waiting = null;
    waiting.wake();
  }
}
