/** Questions and statements among the workers of one server in memory. */

import type { Cancel, Clock, Peers } from "../../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import { PAYLOAD_BYTES_MAX } from "../server/stream.ts";
import type { Wire } from "../wire.ts";

export class MemoryPeers implements Peers {
  readonly #server: MemoryServer;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #process: string;

  /** `process`: unique among those of the server. */
  constructor({ server, wire, clock }: { server: MemoryServer; wire: Wire; clock: Clock }, process: string) {
    this.#server = server;
    this.#wire = wire;
    this.#clock = clock;
    this.#process = process;
  }

  messageBytesMax(): number {
    return PAYLOAD_BYTES_MAX;
  }

  ask(question: string, waitMs: number, heard: (answer: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      let over = false;
      const end = (): void => {
        over = true;
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(waitMs, end);
      const hear = (answer: string): void =>
        this.#wire.push(() => {
          if (!over && heard(answer)) end();
        });
      this.#wire.cast(() => this.#server.peers.ask(this.#process, question, hear));
    });
  }

  tell(statement: string): void {
    this.#wire.cast(() => this.#server.peers.tell(this.#process, statement));
  }

  hear(heard: (statement: string) => void): Cancel {
    return this.#server.peers.listen(this.#process, (statement) => this.#wire.push(() => heard(statement)));
  }

  answer(respond: (question: string) => Promise<string | null>): Cancel {
    const hear = (question: string, reply: (answer: string) => void): void =>
      this.#wire.push(() => {
        void respond(question).then((answer) => {
          // Longer than a message may be, it is lost.
          if (answer !== null && answer.length <= PAYLOAD_BYTES_MAX) this.#wire.cast(() => reply(answer));
        });
      });
    return this.#server.peers.join(this.#process, hear);
  }
}
