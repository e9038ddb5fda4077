/**
 * Publishes as lines of the client protocol. What one turn of the event loop publishes becomes one text, encoded and handed over once: the
 * client would encode three pieces of every message, and copy them together again.
 */

import { NatsConnectionImpl } from "@nats-io/nats-core/internal";
import { errors, type NatsConnection } from "@nats-io/transport-node";

/** Text, or bytes that are to stay as they are. */
export type Piece = string | Uint8Array;

/** A longer text is handed over at once (UTF-16 units). */
const TEXT_MAX = 262_144;
const BLANK = /\s/;

export class Wire {
  readonly #nc: NatsConnectionImpl;
  #text = "";

  constructor(nc: NatsConnection) {
    if (!(nc instanceof NatsConnectionImpl)) throw new TypeError("a connection of another client");
    this.#nc = nc;
  }

  /** `headers`: a whole block, as `headerBlock` makes it; empty: none. Throws what the client throws where it cannot publish. */
  publish(subject: string, reply: string, headers: Piece, data: Piece): void {
    if (this.#nc.isClosed()) throw new errors.ClosedConnectionError();
    if (subject === "" || BLANK.test(subject)) throw new errors.InvalidSubjectError(subject);
    if (this.#text === "") queueMicrotask(this.#handOver);
    this.#text += lineOf(subject, reply, Buffer.byteLength(headers), Buffer.byteLength(data));
    this.#add(headers);
    this.#add(data);
    this.#text += "\r\n";
    if (this.#text.length > TEXT_MAX) this.#handOver();
  }

  #add(piece: Piece): void {
    if (typeof piece === "string") this.#text += piece;
    else {
      this.#handOver();
      this.#nc.protocol.sendCommand(piece);
    }
  }

  readonly #handOver = (): void => {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    this.#nc.protocol.sendCommand(bytes);
  };
}

/** Lengths in bytes. */
function lineOf(subject: string, reply: string, headers: number, data: number): string {
  return headers === 0
    ? `PUB ${subject} ${reply} ${data}\r\n`
    : `HPUB ${subject} ${reply} ${headers} ${headers + data}\r\n`;
}
