/** Reads what the streams of a server in memory hold. */

import { matchesSubject } from "@carillon/contracts";
import type { History, PastMessage, Reach } from "../../../scheduler/src/app/history.ts";
import type { Guard } from "../../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { Kept } from "../server/stream.ts";
import type { Wire } from "../wire.ts";

const ALWAYS: Guard = () => true;
const encoder = new TextEncoder();
const MESSAGE_ID = "Nats-Msg-Id";

export class MemoryHistory implements History {
  readonly #server: MemoryServer;
  readonly #wire: Wire;

  constructor({ server, wire }: { server: MemoryServer; wire: Wire }) {
    this.#server = server;
    this.#wire = wire;
  }

  reach(name: string): Promise<Reach | null> {
    return this.#ask(() => {
      const stream = this.#server.stream(name);
      if (stream === null) return null;
      return { wholeSince: stream.wholeSince, firstSequence: stream.firstSequence };
    });
  }

  async subjects(name: string, pattern: string): Promise<readonly string[]> {
    const all = await this.#ask(() => [...this.#messages(name)].map(({ subject }) => subject));
    return [...new Set(all ?? [])].filter((subject) => matchesSubject(pattern, subject));
  }

  /** In two halves, so that a link that drops between them is noticed. */
  async read(
    { stream, subjects, since, headersOnly = false }: Parameters<History["read"]>[0],
    each: (message: PastMessage) => boolean,
    restarted: () => void,
  ): Promise<void> {
    const fits = ({ subject, storedAt }: Kept): boolean =>
      (since === null || storedAt >= since) && subjects.some((pattern) => matchesSubject(pattern, subject));
    for (;;) {
      const found = (await this.#ask(() => [...this.#messages(stream)].filter(fits))) ?? [];
      const { connection } = this.#wire;
      const half = Math.ceil(found.length / 2);
      if (found.slice(0, half).some((kept) => each(pastOf(kept, headersOnly)))) return;
      await this.#ask(() => true);
      if (connection === this.#wire.connection) {
        found.slice(half).some((kept) => each(pastOf(kept, headersOnly)));
        return;
      }
      restarted();
    }
  }

  at(name: string, sequence: number): Promise<PastMessage | null> {
    return this.#ask(() => {
      const kept = this.#server.stream(name)?.at(sequence) ?? null;
      return kept === null ? null : pastOf(kept, false);
    });
  }

  #messages(name: string): Iterable<Kept> {
    return this.#server.stream(name)?.messages ?? [];
  }

  #ask<T>(handle: () => T): Promise<T | null> {
    return this.#wire.request(handle, ALWAYS);
  }
}

function pastOf({ sequence, storedAt, data, headers, id }: Kept, headersOnly: boolean): PastMessage {
  const body = typeof data === "string" ? encoder.encode(data) : data;
  return {
    sequence,
    storedAt,
    data: headersOnly ? new Uint8Array() : body,
    header: (name) => (name === MESSAGE_ID ? id : (headers[name] ?? null)),
  };
}
