/** The publisher on a server in memory. */

import type { Guard, Message, Publisher, Receipt } from "../../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import { type Appended, type Draft, PAYLOAD_BYTES_MAX } from "../server/stream.ts";
import type { Wire } from "../wire.ts";
import type { Pipeline } from "./pipeline.ts";

export class MemoryPublisher implements Publisher {
  readonly #server: MemoryServer;
  readonly #wire: Wire;
  readonly #pipeline: Pipeline;
  #coreOpen = 0;

  constructor({ server, wire, pipeline }: { server: MemoryServer; wire: Wire; pipeline: Pipeline }) {
    this.#server = server;
    this.#wire = wire;
    this.#pipeline = pipeline;
  }

  room(lane: string): number {
    return this.#pipeline.room(lane);
  }

  inflight(): number {
    return this.#pipeline.inflight() + this.#coreOpen;
  }

  async send(
    message: Message,
    how: { lane: string; guard: Guard; patienceMs: number | null },
  ): Promise<Receipt> {
    const handle = (again: boolean): Receipt => {
      const receipt = receiptOf(this.#server.publish(draftOf(message)), message.subject);
      return receipt.kind === "refused" && again ? { ...receipt, doubtful: true } : receipt;
    };
    return (await this.#pipeline.ship({ ...how, handle })) ?? { kind: "unknown" };
  }

  async sendCore(message: Message, guard: Guard): Promise<Receipt> {
    if (message.data.length > PAYLOAD_BYTES_MAX)
      return { kind: "refused", code: "too_large", description: "larger than max_payload" };
    this.#coreOpen++;
    try {
      await this.#wire.request(() => this.#server.publishCore(draftOf(message)), guard);
      return { kind: "stored", stream: "", sequence: 0, duplicate: false };
    } finally {
      this.#coreOpen--;
    }
  }

  reply(subject: string, data: string, headers: Readonly<Record<string, string>>): void {
    this.#wire.cast(() => this.#server.publishCore({ subject, data, headers, id: null }));
  }
}

const draftOf = ({ subject, data, id, headers }: Message): Draft => ({ subject, data, id, headers });

function receiptOf(appended: Appended | null, subject: string): Receipt {
  if (appended === null)
    return { kind: "refused", code: "no_stream", description: `no stream captures ${subject}` };
  return appended.kind === "stale"
    ? { kind: "refused", code: "refused", description: "wrong last sequence" }
    : appended;
}
