/**
 * Commands as any NATS client can send them: bytes, a subject, headers. For what the typed client would not let out, and
 * to see answers with their headers.
 */

import { once } from "node:events";
import { connect } from "node:net";
import type { ErrorReply, OkReply } from "@carillon/contracts";
import { headers, type Msg, type NatsConnection } from "@nats-io/transport-node";

export interface Sent {
  readonly subject: string;
  /** Text and bytes are sent as they are; anything else as its JSON; undefined: an empty body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly reply: OkReply | ErrorReply;
  /** The micro service's own words: `Nats-Service-Error-Code` and `Nats-Service-Error`. */
  readonly serviceErrorCode: string;
  readonly serviceError: string;
}

const ANSWER_MS = 5_000;

/** Publishes and waits until the inbox has it; resolves to its sequence there. */
export async function store(nc: NatsConnection, sent: Sent): Promise<number> {
  const ack = (await request(nc, sent)).json<{ seq: number; error?: { description: string } }>();
  if (ack.error !== undefined) throw new Error(`${sent.subject} was not stored: ${ack.error.description}`);
  return ack.seq;
}

export async function ask(nc: NatsConnection, sent: Sent): Promise<Answer> {
  const message = await request(nc, sent);
  return {
    reply: message.json<OkReply | ErrorReply>(),
    serviceErrorCode: message.headers?.get("Nats-Service-Error-Code") ?? "",
    serviceError: message.headers?.get("Nats-Service-Error") ?? "",
  };
}

/** Publishes without waiting for anything, asking answers to go to `reply`. */
export function drop(nc: NatsConnection, sent: Sent, reply?: string): void {
  nc.publish(sent.subject, bytesOf(sent.body), {
    headers: headersOf(sent.headers),
    ...(reply === undefined ? {} : { reply }),
  });
}

/** What no client library would send, byte by byte; resolves to what the server said of it: nothing, where it took it. */
export async function sendRaw(url: string, sent: Raw): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const { said, reset } = await sendOnce(url, sent);
    if (said !== null || !reset || attempt === RESETS_MAX) return said ?? "";
  }
}

interface Raw {
  subject: string;
  headers: readonly string[];
  body: unknown;
  reply?: string;
}

/** A server that hangs up before it has read everything resets the connection, and what it said last may be lost on the way. */
const RESETS_MAX = 10;

async function sendOnce(
  url: string,
  { subject, headers: lines, body, reply = "" }: Raw,
): Promise<{ said: string | null; reset: boolean }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let said = "";
  let reset = false;
  socket.on("data", (data) => {
    said += data;
  });
  socket.on("error", () => {
    reset = true;
  });
  const head = `NATS/1.0\r\n${lines.join("\r\n")}\r\n\r\n`;
  const text = bytesOf(body).toString();
  const sizes = `${Buffer.byteLength(head)} ${Buffer.byteLength(head) + Buffer.byteLength(text)}`;
  socket.write(
    `CONNECT {"verbose":false,"headers":true}\r\nHPUB ${subject} ${reply} ${sizes}\r\n${head}${text}\r\n`,
  );
  socket.end("PING\r\n");
  await new Promise((closed) => socket.once("close", closed));
  return { said: /-ERR '(.*)'/.exec(said)?.[1] ?? null, reset };
}

const request = (nc: NatsConnection, { subject, body, headers: given }: Sent): Promise<Msg> =>
  nc.request(subject, bytesOf(body), { timeout: ANSWER_MS, headers: headersOf(given) });

const bytesOf = (body: unknown): string | Uint8Array => {
  if (body === undefined) return "";
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
};

function headersOf(given: Sent["headers"] = {}) {
  const made = headers();
  for (const [name, value] of Object.entries(given)) made.set(name, value);
  return made;
}
