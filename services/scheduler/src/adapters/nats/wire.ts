/**
 * Publishes as lines of the client protocol. A message is written down as bytes at once, so that its text need not be kept, and sent
 * later, with its neighbours in one piece: the client would encode three pieces of every message, and copy them together again. It may have
 * to be sent again, and bytes are nothing that the garbage collector looks at.
 */

import { NatsConnectionImpl } from "@nats-io/nats-core/internal";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { type Slab, Slabs } from "./slabs.ts";

/** Text, or bytes that are to stay as they are. */
export type Piece = string | Uint8Array;

/** A message as it is sent, from one byte to another. */
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
  /** Sent in this turn of the event loop, side by side, and not yet handed over; null: nothing. */
  #begun: { readonly slab: Slab; readonly from: number; to: number } | null = null;

  constructor(nc: NatsConnection) {
    if (!(nc instanceof NatsConnectionImpl)) throw new TypeError("a connection of another client");
    this.#nc = nc;
  }

  /**
   * To be sent, or released. `headers`: a whole block, as `headerBlock` makes it; empty: none. Throws what the client throws where it
   * cannot publish.
   */
  write(subject: string, reply: string, headers: Piece, data: Piece): Frame {
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
    if (slab === null) {
      const bytes = Buffer.allocUnsafeSlow(size);
      writeInto(bytes, 0, [line, headers, data, LINE_END]);
      return { bytes, from: 0, to: size, slab, payloadBytes };
    }
    const from = slab.used;
    writeInto(slab.bytes, from, [line, headers, data, LINE_END]);
    slab.used += size;
    slab.open++;
    return { bytes: slab.bytes, from, to: from + size, slab, payloadBytes };
  }

  /** For the first time. Throws what the client throws where it cannot publish. */
  send({ bytes, from, to, slab, payloadBytes }: Frame): void {
    this.#assertPublishes(payloadBytes);
    const begun = this.#begun;
    if (begun !== null && begun.slab === slab && begun.to === from) begun.to = to;
    else {
      this.#handOver();
      if (slab === null) {
        this.#nc.protocol.sendCommand(bytes);
        return;
      }
      this.#begun = { slab, from, to };
      if (begun === null) queueMicrotask(this.#handOver);
    }
    if (to - (this.#begun?.from ?? to) > BATCH_BYTES_MAX) this.#handOver();
  }

  /** The same once more; to be kept instead. From then on its bytes are its own: whoever waits for long keeps nothing of what it was sent with. */
  again({ bytes, from, to, payloadBytes }: Frame): Frame {
    this.#assertPublishes(payloadBytes);
    this.#handOver();
    const copy = Buffer.from(bytes.subarray(from, to));
    this.#nc.protocol.sendCommand(copy);
    return { bytes: copy, from: 0, to: copy.length, slab: null, payloadBytes };
  }

  /** The server has answered for it, and it is not sent again: its memory is used for others. */
  release({ slab }: Frame): void {
    if (slab !== null) this.#slabs.release(slab);
  }

  #assertPublishes(payloadBytes: number): void {
    if (this.#nc.isClosed()) throw new errors.ClosedConnectionError();
    if (payloadBytes > (this.#nc.info?.max_payload ?? Number.POSITIVE_INFINITY))
      throw errors.InvalidArgumentError.format("payload", "max_payload size exceeded");
  }

  readonly #handOver = (): void => {
    if (this.#begun === null) return;
    const { slab, from, to } = this.#begun;
    this.#begun = null;
    this.#nc.protocol.sendCommand(slab.bytes.subarray(from, to));
  };
}

/** A message into bytes that have room for it. */
function writeInto(bytes: Buffer, from: number, pieces: readonly Piece[]): void {
  let at = from;
  for (const piece of pieces) {
    if (typeof piece === "string") at += bytes.write(piece, at);
    else {
      bytes.set(piece, at);
      at += piece.length;
    }
  }
}
