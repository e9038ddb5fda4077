/**
 * Publishes as lines of the client protocol. What one turn of the event loop publishes is written side by side, and handed over once: the
 * client would encode three pieces of every message, and copy them together again. It may have to be sent again, so it is kept as bytes,
 * which the garbage collector does not look at.
 */

import { NatsConnectionImpl } from "@nats-io/nats-core/internal";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { type Slab, Slabs } from "./slabs.ts";

/** Text, or bytes that are to stay as they are. */
export type Piece = string | Uint8Array;

/** A message as it was sent, from one byte to another. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Whose bytes these are; null: its own. */
  readonly slab: Slab | null;
  /** Of headers and data, which the server's `max_payload` bounds. */
  readonly payloadBytes: number;
}

/** What is longer is handed over at once (bytes). */
const BATCH_BYTES_MAX = 262_144;
const BLANK = /\s/;
const LINE_END = "\r\n";

export class Wire {
  readonly #nc: NatsConnectionImpl;
  readonly #slabs = new Slabs();
  /** What is written and not handed over: from here to the end of what is used of the slab; null: nothing. */
  #begun: { readonly slab: Slab; readonly from: number } | null = null;

  constructor(nc: NatsConnection) {
    if (!(nc instanceof NatsConnectionImpl)) throw new TypeError("a connection of another client");
    this.#nc = nc;
  }

  /** `headers`: a whole block, as `headerBlock` makes it; empty: none. Throws what the client throws where it cannot publish. */
  publish(subject: string, reply: string, headers: Piece, data: Piece): Frame {
    if (subject === "" || BLANK.test(subject)) throw new errors.InvalidSubjectError(subject);
    const headerBytes = Buffer.byteLength(headers);
    const payloadBytes = headerBytes + Buffer.byteLength(data);
    this.#assertPublishes(payloadBytes);
    const line =
      headerBytes === 0
        ? `PUB ${subject} ${reply} ${payloadBytes}${LINE_END}`
        : `HPUB ${subject} ${reply} ${headerBytes} ${payloadBytes}${LINE_END}`;
    const size = Buffer.byteLength(line) + payloadBytes + LINE_END.length;
    const slab = this.#slabs.withRoom(size);
    if (slab !== this.#begun?.slab) this.#handOver();
    if (slab === null)
      return this.#send(write(Buffer.allocUnsafeSlow(size), 0, line, headers, data), payloadBytes);

    const from = slab.used;
    if (this.#begun === null) {
      this.#begun = { slab, from };
      queueMicrotask(this.#handOver);
    }
    write(slab.bytes, from, line, headers, data);
    slab.used += size;
    slab.open++;
    if (slab.used - this.#begun.from > BATCH_BYTES_MAX) this.#handOver();
    return { bytes: slab.bytes, from, to: from + size, slab, payloadBytes };
  }

  /** The same once more. From then on its bytes are its own: whoever waits for long keeps nothing of what it was sent with. */
  again({ bytes, from, to, payloadBytes }: Frame): Frame {
    this.#assertPublishes(payloadBytes);
    this.#handOver();
    return this.#send(Buffer.from(bytes.subarray(from, to)), payloadBytes);
  }

  /** The server has answered for it, and it is not sent again. */
  release({ slab }: Frame): void {
    if (slab !== null) this.#slabs.release(slab);
  }

  #assertPublishes(payloadBytes: number): void {
    if (this.#nc.isClosed()) throw new errors.ClosedConnectionError();
    if (payloadBytes > (this.#nc.info?.max_payload ?? Number.POSITIVE_INFINITY))
      throw errors.InvalidArgumentError.format("payload", "max_payload size exceeded");
  }

  #send(bytes: Uint8Array, payloadBytes: number): Frame {
    this.#nc.protocol.sendCommand(bytes);
    return { bytes, from: 0, to: bytes.length, slab: null, payloadBytes };
  }

  readonly #handOver = (): void => {
    if (this.#begun === null) return;
    const { slab, from } = this.#begun;
    this.#begun = null;
    this.#nc.protocol.sendCommand(slab.bytes.subarray(from, slab.used));
  };
}

/** A message into bytes that have room for it. */
function write(into: Buffer, from: number, line: string, headers: Piece, data: Piece): Buffer {
  if (typeof headers === "string" && typeof data === "string") {
    into.write(line + headers + data + LINE_END, from);
    return into;
  }
  let at = from;
  for (const piece of [line, headers, data, LINE_END]) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    into.set(bytes, at);
    at += bytes.length;
  }
  return into;
}
