/**
 * Publishes as lines of the client protocol. What one turn of the event loop publishes becomes one text, encoded and handed over once: the
 * client would encode three pieces of every message, and copy them together again. What may have to be sent again is kept as bytes, which
 * the garbage collector does not look at.
 */

import { NatsConnectionImpl } from "@nats-io/nats-core/internal";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { type Slab, Slabs } from "./slabs.ts";

/** Text, or bytes that are to stay as they are. */
export type Piece = string | Uint8Array;

/** A message as it was sent: a part of what was handed over with it. */
export interface Frame {
  readonly batch: Batch;
  readonly from: number;
  readonly to: number;
  /** Of headers and data, which the server's `max_payload` bounds. */
  readonly payloadBytes: number;
}

interface Batch {
  bytes: Uint8Array;
  /** Where its bytes lie; null: in memory of their own. */
  slab: Slab | null;
  /** Messages in it. */
  frames: number;
}

/** A longer text is handed over at once (bytes). */
const BATCH_BYTES_MAX = 262_144;
const BLANK = /\s/;
const LINE_END = "\r\n";
const NOTHING = new Uint8Array();

const aBatch = (bytes: Uint8Array = NOTHING): Batch => ({ bytes, slab: null, frames: 0 });

export class Wire {
  readonly #nc: NatsConnectionImpl;
  #text = "";
  #bytes = 0;
  #batch = aBatch();
  readonly #slabs = new Slabs();

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
    if (typeof headers !== "string" || typeof data !== "string")
      return this.#hand([line, headers, data], payloadBytes);

    if (this.#text === "") queueMicrotask(this.#handOver);
    const from = this.#bytes;
    this.#text += line + headers + data + LINE_END;
    this.#bytes += Buffer.byteLength(line) + payloadBytes + LINE_END.length;
    this.#batch.frames++;
    const frame = { batch: this.#batch, from, to: this.#bytes, payloadBytes };
    if (this.#bytes > BATCH_BYTES_MAX) this.#handOver();
    return frame;
  }

  /** The same once more. From then on it is a batch of its own: whoever waits for long keeps nothing of what it was sent with. */
  again({ batch, from, to, payloadBytes }: Frame): Frame {
    this.#assertPublishes(payloadBytes);
    if (batch === this.#batch) this.#handOver();
    const bytes = Buffer.from(batch.bytes.subarray(from, to));
    this.#nc.protocol.sendCommand(bytes);
    return { batch: aBatch(bytes), from: 0, to: bytes.length, payloadBytes };
  }

  /** The server has answered for it, and it is not sent again. */
  release({ batch: { slab } }: Frame): void {
    if (slab !== null) this.#slabs.release(slab);
  }

  #assertPublishes(payloadBytes: number): void {
    if (this.#nc.isClosed()) throw new errors.ClosedConnectionError();
    if (payloadBytes > (this.#nc.info?.max_payload ?? Number.POSITIVE_INFINITY))
      throw errors.InvalidArgumentError.format("payload", "max_payload size exceeded");
  }

  #hand(pieces: readonly Piece[], payloadBytes: number): Frame {
    const bytes = Buffer.concat(
      [...pieces, LINE_END].map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)),
    );
    this.#nc.protocol.sendCommand(bytes);
    return { batch: aBatch(bytes), from: 0, to: bytes.length, payloadBytes };
  }

  readonly #handOver = (): void => {
    if (this.#text === "") return;
    this.#encode(this.#batch, this.#text, this.#bytes);
    this.#nc.protocol.sendCommand(this.#batch.bytes);
    this.#text = "";
    this.#bytes = 0;
    this.#batch = aBatch();
  };

  #encode(batch: Batch, text: string, bytes: number): void {
    const slab = this.#slabs.withRoom(bytes);
    if (slab === null) {
      batch.bytes = Buffer.from(text);
      return;
    }
    slab.bytes.write(text, slab.used, bytes);
    batch.bytes = slab.bytes.subarray(slab.used, slab.used + bytes);
    batch.slab = slab;
    slab.used += bytes;
    slab.open += batch.frames;
  }
}
