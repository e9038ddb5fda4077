/** The inbox on a server in memory: readers that live as long as their term, and take a fresh consumer whenever order is in doubt. */

import { NATS_HEADERS } from "@carillon/contracts";
import {
  Abandoned,
  type Guard,
  type Inbox,
  type InboxMessage,
  type InboxReader,
  OWN_LANE,
  TermOver,
} from "../../../scheduler/src/app/ports.ts";
import type { Consumer } from "../server/command-queue.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { Kept } from "../server/stream.ts";
import type { Wire } from "../wire.ts";
import type { Pipeline } from "./pipeline.ts";

/** What the stream has not confirmed by then is unknown to whoever asked. */
const POST_MS_MAX = 1_500;

const encoder = new TextEncoder();

type Deps = { server: MemoryServer; wire: Wire; pipeline: Pipeline };

export class MemoryInbox implements Inbox {
  readonly createdAt: string;
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.createdAt = deps.server.createdAt;
  }

  async open(partition: number | null, term: number): Promise<InboxReader> {
    const reader = new MemoryReader(this.#deps, { partition, term });
    await reader.take();
    return reader;
  }

  async post(subject: string, data: Uint8Array, headers: Readonly<Record<string, string>>): Promise<number> {
    const { server, pipeline } = this.#deps;
    const stored = await pipeline.ship({
      lane: OWN_LANE,
      guard: () => true,
      patienceMs: POST_MS_MAX,
      handle: () => server.publish({ subject, data, headers, id: null }),
    });
    if (stored?.kind === "stored") return stored.sequence;
    if (stored?.kind === "refused") throw new Error(stored.description);
    throw new Abandoned(`no acknowledgement of ${subject}`);
  }

  async pending(): Promise<number> {
    const { server, wire } = this.#deps;
    return (
      (await wire.request(
        () => server.commands.pending,
        () => true,
      )) ?? 0
    );
  }
}

class MemoryReader implements InboxReader {
  readonly #deps: Deps;
  readonly #holding: { partition: number | null; term: number };
  #consumer: Consumer | null = null;
  #calls: { deliver: (message: InboxMessage) => void; restarted: () => void; lost: () => void } | null = null;
  #renewing: Promise<void> | null = null;
  #closed = false;
  #lost = false;
  readonly #forgetReconnect: () => void;

  constructor(deps: Deps, holding: { partition: number | null; term: number }) {
    this.#deps = deps;
    this.#holding = holding;
    this.#forgetReconnect = deps.wire.onReconnect(() => this.#renew());
  }

  /** Throws TermOver. */
  async take(): Promise<void> {
    const { server, wire } = this.#deps;
    const { partition, term } = this.#holding;
    const guard: Guard = () => !this.#closed;
    const consumer = await wire.request(() => server.commands.take(partition, term), guard);
    if (consumer === null) throw new TermOver(`term ${term} of partition ${partition ?? "none"} is over`);
    this.#consumer = consumer;
  }

  start(deliver: (message: InboxMessage) => void, restarted: () => void, lost: () => void): void {
    if (this.#lost) lost();
    if (this.#closed || this.#calls !== null) return;
    this.#calls = { deliver, restarted, lost };
    if (this.#renewing === null) this.#read();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#forgetReconnect();
    await this.#renewing;
  }

  #read(): void {
    const { server, wire } = this.#deps;
    const consumer = this.#consumer;
    if (consumer === null) return;
    const current = (): boolean => !this.#closed && this.#consumer === consumer;
    const reader = {
      deliver: (message: Kept) =>
        wire.push(() => {
          if (current()) this.#calls?.deliver(this.#messageOf(consumer, message));
        }),
      gone: () => wire.push(() => current() && this.#renew()),
    };
    wire.cast(() => server.commands.read(consumer, reader));
  }

  #renew(): void {
    if (this.#closed || this.#renewing !== null) return;
    this.#calls?.restarted();
    this.#renewing = this.#takeAnew().finally(() => {
      this.#renewing = null;
    });
  }

  async #takeAnew(): Promise<void> {
    try {
      this.#consumer = null;
      await this.take();
      if (!this.#closed && this.#calls !== null) this.#read();
    } catch (error) {
      if (!(error instanceof TermOver)) return;
      this.#closed = true;
      this.#lost = true;
      this.#forgetReconnect();
      this.#calls?.lost();
    }
  }

  #messageOf(consumer: Consumer, { subject, data, headers, id, sequence, storedAt }: Kept): InboxMessage {
    const { server, wire } = this.#deps;
    return {
      subject,
      data: typeof data === "string" ? encoder.encode(data) : data,
      header: (name) => (name === NATS_HEADERS.messageId ? id : (headers[name] ?? null)),
      sequence,
      storedAt,
      ack: () => wire.cast(() => server.commands.ack(consumer, sequence)),
    };
  }
}
