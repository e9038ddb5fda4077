/** Answers of owners, heard over subjects of a server in memory. */

import type { Clock, Outcomes } from "../../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { Wire } from "../wire.ts";

export class MemoryOutcomes implements Outcomes {
  readonly #server: MemoryServer;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #prefix: string;
  #asked = 0;

  /** `process`: unique among those of the server. */
  constructor({ server, wire, clock }: { server: MemoryServer; wire: Wire; clock: Clock }, process: string) {
    this.#server = server;
    this.#wire = wire;
    this.#clock = clock;
    this.#prefix = `_INBOX.${process}`;
  }

  expect(waitMs: number): { subject: string; answer: Promise<string | null>; forget(): void } {
    const subject = `${this.#prefix}.${this.#asked++}`;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const settle = (answer: string | null): void => {
      cancel();
      unlisten();
      resolve(answer);
    };
    const cancel = this.#clock.after(waitMs, () => settle(null));
    const unlisten = this.#server.listen(subject, (data) => this.#wire.push(() => settle(data)));
    return { subject, answer: promise, forget: () => settle(null) };
  }
}
