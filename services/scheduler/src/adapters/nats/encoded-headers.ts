/**
 * Headers as they go on the wire, made once a message and reused by every resend. The client's own map
 * costs a search per field and throws on odd characters; here a field that could break the protocol is left out or
 * flattened instead (headers are validated when a command is accepted; this is the last fence).
 */

import { MsgHdrsImpl } from "@nats-io/nats-core/internal";

/** How every block begins. */
export const VERSION = "NATS/1.0";
const MESSAGE_ID = "\r\nNats-Msg-Id: ";
const END = "\r\n\r\n";
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
  `${VERSION}\r\n${name}: ${value}${END}`;

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
  let lines = id === null ? "" : MESSAGE_ID + flat(id);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const beginning = beginningOf(name);
    if (beginning !== "") lines += beginning + flat(value);
  }
  return lines === "" ? "" : VERSION + lines + END;
}

const flat = (value: string): string =>
  value.includes("\n") || value.includes("\r") ? value.replace(LINE_BREAKS, " ") : value;

/** How lines begin, by names that were looked at: the same few in every message. Empty: a name that is none. */
const beginnings = new Map<string, string>();
const BEGINNINGS_MAX = 1_000;

function beginningOf(name: string): string {
  let beginning = beginnings.get(name);
  if (beginning === undefined) {
    beginning = NAME.test(name) ? `\r\n${name}: ` : "";
    if (beginnings.size >= BEGINNINGS_MAX) beginnings.clear();
    beginnings.set(name, beginning);
  }
  return beginning;
}
