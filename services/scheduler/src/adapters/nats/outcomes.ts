/** Answers of owners to commands that an api posted: one subscription for all, told apart by the last token of the reply subject. */

import { createInbox } from "@nats-io/nats-core";
import type { Clock, Outcomes } from "../../app/ports.ts";
import type { Link } from "./connection.ts";

export class NatsOutcomes implements Outcomes {
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #waiting = new Map<string, (answer: string | null) => void>();
  #asked = 0;

  constructor({ clock, link, inboxPrefix }: { clock: Clock; link: Link; inboxPrefix: string }) {
    this.#clock = clock;
    this.#prefix = `${createInbox(inboxPrefix)}.`;
    link.nc.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.hear(message.subject, message.string());
      },
    });
  }

  /** An answer that need not go by the server, since its owner is this worker. False: nobody here waits for it. */
  hear(subject: string, answer: string): boolean {
    const settle = this.#waiting.get(subject);
    settle?.(answer);
    return settle !== undefined;
  }

  expect(waitMs: number): { subject: string; answer: Promise<string | null>; forget(): void } {
    const subject = `${this.#prefix}${this.#asked++}`;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const settle = (answer: string | null): void => {
      cancel();
      this.#waiting.delete(subject);
      resolve(answer);
    };
    const cancel = this.#clock.after(waitMs, () => settle(null));
    this.#waiting.set(subject, settle);
    return { subject, answer: promise, forget: () => settle(null) };
  }
}
