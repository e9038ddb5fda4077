/**
 * What was stored anew when the number of partitions changed keeps its first place and time: commands are judged at the instant when
 * they were stored first and remembered by their first sequence, and promises are as old as the first record of them. For records a
 * header says so, since only workers write them. For commands, which anybody sends, a header counts only where the installation's own
 * record says that the message was moved.
 */

import { MOVED_HEADERS, NATS_HEADERS } from "@carillon/contracts";
import type { InboxMessage } from "../../app/ports.ts";
import type { Moved } from "./installation.ts";

/** Where and when a command was stored first. */
export interface Origin {
  sequence: number;
  /** Epoch milliseconds. */
  storedAt: number;
  /** Its `Nats-Msg-Id`, which the inbox may still remember and would drop; null: it had none. */
  messageId: string | null;
}

type Header = (name: string) => string | null;
type Place = { moved: Moved | null; inbox: string };

/** Epoch milliseconds; null: the record was stored when the server says so. */
export function storedAtIn({ get }: { get: Header }): number | null {
  const text = get(MOVED_HEADERS.storedAt);
  return text === null || !/^\d+$/.test(text) ? null : Number(text);
}

/** Null: it was not moved. `inbox`: creation time of the one that holds it. */
export function originOf(header: Header, sequence: number, { moved, inbox }: Place): Origin | null {
  if (moved?.inbox !== inbox || sequence <= moved.after || sequence > moved.until) return null;
  return JSON.parse(header(MOVED_HEADERS.origin) ?? "null") as Origin | null;
}

export function asFirstStored(message: InboxMessage, place: Place): InboxMessage {
  const origin = originOf((name) => message.header(name), message.sequence, place);
  if (origin === null) return message;
  const header: Header = (name) =>
    name === NATS_HEADERS.messageId ? origin.messageId : message.header(name);
  return {
    ...message,
    sequence: origin.sequence,
    storedAt: origin.storedAt,
    header,
    ack: () => message.ack(),
  };
}

/**
 * The header block of a command that is stored anew, byte for byte but for what would speak to the server again and for an origin that
 * its sender made up.
 */
export function movedHeaders(block: Uint8Array, origin: Origin, control: Record<string, string>): Uint8Array {
  const dropped = /^(nats-|scheduler-stored-as:|scheduler-copy-of:)/i;
  const [, ...lines] = Buffer.from(block).toString("latin1").split("\r\n");
  const kept = lines.filter((line) => line !== "" && !dropped.test(line));
  const own = Object.entries({ ...control, [MOVED_HEADERS.origin]: asciiOf(origin) });
  const all = [...own.map(([name, value]) => `${name}: ${value}`), ...kept];
  return Buffer.from(`NATS/1.0\r\n${all.join("\r\n")}\r\n\r\n`, "latin1");
}

/** JSON in ASCII, since a message id may be anything. */
const asciiOf = (origin: Origin): string =>
  JSON.stringify(origin).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
