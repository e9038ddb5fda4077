/**
 * Headers as they go on the wire, made once a message and reused by every resend. The client's own map
 * costs a search per field and throws on odd characters; here a field that could break the protocol is left out or
 * flattened instead (headers are validated when a command is accepted; this is the last fence).
 */

import { MsgHdrsImpl } from "@nats-io/nats-core/internal";

const STATUS_LINE = "NATS/1.0\r\n";
/** Visible ASCII without the colon (RFC 9110 would allow less; the server takes these). */
const NAME = /^[!-9;-~]+$/;
const LINE_BREAKS = /[\r\n]+/g;

/** A `MsgHdrs` that only knows its encoded form. */
export class EncodedHeaders extends MsgHdrsImpl {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }
  override encode(): Uint8Array {
    return this.bytes;
  }
}

/** The one field of most states, and they are many. */
export const headerBlockOf = (name: string, value: string | number): string =>
  `${STATUS_LINE}${name}: ${value}\r\n\r\n`;

/** null when there is nothing to send. `id` becomes `Nats-Msg-Id`. */
export function encodeHeaders(
  id: string | null,
  headers: Readonly<Record<string, string>>,
): EncodedHeaders | null {
  const block = headerBlock(id, headers);
  return block === "" ? null : new EncodedHeaders(Buffer.from(block));
}

/** The same as a text; empty when there is nothing to send. */
export function headerBlock(id: string | null, headers: Readonly<Record<string, string>>): string {
  let lines = id === null ? "" : `Nats-Msg-Id: ${flat(id)}\r\n`;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && isName(name)) lines += `${name}: ${flat(value)}\r\n`;
  }
  return lines === "" ? "" : `${STATUS_LINE}${lines}\r\n`;
}

const flat = (value: string): string =>
  value.includes("\n") || value.includes("\r") ? value.replace(LINE_BREAKS, " ") : value;

/** Names that were looked at: the same few in every message. */
const known = new Map<string, boolean>();
const KNOWN_MAX = 1_000;

function isName(name: string): boolean {
  let valid = known.get(name);
  if (valid === undefined) {
    valid = NAME.test(name);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(name, valid);
  }
  return valid;
}
