/**
 * Headers of messages that anybody may have sent. The server takes every byte between two line ends; the client's own
 * map throws on a line break inside a value and on odd names, and one such message would end whoever reads it. Here a
 * line that is no header is passed over, and a value is as it came: who sends it on flattens it.
 */

import type { Msg } from "@nats-io/nats-core";
import { MsgImpl } from "@nats-io/nats-core/internal";

export interface HeardHeaders {
  /** Of a status message of the server; 0: it is none. */
  readonly code: number;
  /** The first value under a name, spelled just so; null: there is none. */
  get(name: string): string | null;
}

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

/** For messages that no server sent, such as those of a test. */
function asGiven({ headers }: Pick<Partial<Msg>, "headers">): HeardHeaders {
  if (headers === undefined) return NONE;
  return { code: headers.code, get: (name) => (headers.has(name) ? headers.get(name) : null) };
}

export function parseHeaders(bytes: Uint8Array): HeardHeaders {
  const [status = "", ...lines] = text.decode(bytes).split("\r\n");
  return {
    code: Number(STATUS.exec(status)?.[1] ?? 0),
    get: (name) => {
      const line = lines.find((one) => one.startsWith(`${name}:`));
      return line === undefined ? null : line.slice(name.length + 1).trim();
    },
  };
}
