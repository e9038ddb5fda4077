/**
 * Headers of messages that anybody may have sent. The server takes every byte between two line ends; the client's own
 * map throws on a line break inside a value and on odd names, and one such message would end whoever reads it. Here a
 * line that is no header is passed over, and a value is as it came: who sends it on flattens it. It is a text of its own,
 * since it may be kept for as long as a schedule.
 */

import { wholeText } from "@carillon/contracts";
import type { Msg } from "@nats-io/nats-core";
import { MsgImpl } from "@nats-io/nats-core/internal";
import { VERSION } from "./encoded-headers.ts";

export interface HeardHeaders {
  /** Of a status message of the server; 0: it is none. */
  readonly code: number;
  /** The first value under a name, spelled just so; null: there is none. */
  get(name: string): string | null;
}

const SPACE = 32;
const LINE_END = "\r\n";
const STATUS = /^NATS\/1\.0 +(\d{3})/;
const NONE: HeardHeaders = { code: 0, get: () => null };

const text = new TextDecoder();

/** `message`: one of the client's, or what its micro services make of one. */
export function heardHeaders(message: object): HeardHeaders {
  const heard = "msg" in message && message.msg instanceof MsgImpl ? message.msg : message;
  if (!(heard instanceof MsgImpl)) return asGiven(heard);
  const { hdr } = heard._msg;
  return hdr > 0 ? parseHeaders(heard._rdata.subarray(0, hdr)) : NONE;
}

/**
 * The subject of a message without its first `length` bytes, as a string of its own: one that is cut out of another keeps that in
 * memory, and whoever holds a million keys would hold a million subjects.
 */
export function subjectBehind(length: number, message: Msg): string {
  if (!(message instanceof MsgImpl)) return message.subject.slice(length);
  const { buffer, byteOffset, byteLength } = message._msg.subject;
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8", length);
}

/** For messages that no server sent, such as those of a test. */
function asGiven({ headers }: Pick<Partial<Msg>, "headers">): HeardHeaders {
  if (headers === undefined) return NONE;
  return { code: headers.code, get: (name) => (headers.has(name) ? headers.get(name) : null) };
}

/** Of many messages nobody asks for a header: then none is decoded. */
export function parseHeaders(bytes: Uint8Array): HeardHeaders {
  let decoded: string | null = null;
  const block = (): string => {
    decoded ??= text.decode(bytes);
    return decoded;
  };
  return {
    code: bytes[VERSION.length] === SPACE ? Number(STATUS.exec(block())?.[1] ?? 0) : 0,
    get: (name) => {
      const at = block().indexOf(`${LINE_END}${name}:`);
      if (at < 0) return null;
      const from = at + LINE_END.length + name.length + 1;
      const end = block().indexOf(LINE_END, from);
      const value = block().slice(from, end < 0 ? undefined : end);
      return wholeText(value.trim());
    },
  };
}
