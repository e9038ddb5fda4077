/**
 * Knocks at a server and hears its first line, with nothing but a socket: a NATS server greets with `INFO
 * {…}`, a Redis server answers a question. Enough to know that it serves, what it is, and that it is ours.
 */

import { connect } from "node:net";

/** A server that accepts and stays silent for longer counts as not there. */
const SILENCE_MS_MAX = 2_000;
/** What a greeting may be long; more is not one of our servers. */
const GREETING_BYTES_MAX = 64 * 1024;

export type Address = { readonly host: string; readonly port: number };

export type NatsGreeting = {
  readonly serverName: string;
  readonly version: string;
  readonly jetstream: boolean;
};

/** The greeting of a NATS server; null when none came. */
export async function natsGreeting(address: Address): Promise<NatsGreeting | null> {
  const text = await listen(address, "", (heard) => heard.includes("\r\n"));
  return text === null ? null : natsGreetingIn(text);
}

export function natsGreetingIn(text: string): NatsGreeting | null {
  const json = /^INFO (\{.*\})\s*\r\n/.exec(text)?.[1];
  const info = json === undefined ? null : parsed(json);
  if (typeof info !== "object" || info === null) return null;
  const { server_name: serverName, version, jetstream } = info as Record<string, unknown>;
  if (typeof serverName !== "string" || typeof version !== "string") return null;
  return { serverName, version, jetstream: jetstream === true };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** What a Redis server says of itself; nulls when it asks for a password first. */
export type RedisGreeting = { readonly processId: number | null; readonly version: string | null };

/** The answer of a Redis server; null when there is none, or when it is still loading its data. */
export async function redisGreeting(address: Address): Promise<RedisGreeting | null> {
  const text = await listen(address, "INFO server\r\n", (heard) => /^-.*\r\n|process_id:\d+\r\n/.test(heard));
  return text === null ? null : redisGreetingIn(text);
}

export function redisGreetingIn(text: string): RedisGreeting | null {
  if (text.startsWith("-NOAUTH")) return { processId: null, version: null };
  if (!text.startsWith("$")) return null;
  const processId = /^process_id:(\d+)\r$/m.exec(text)?.[1];
  const version = /^redis_version:(\S+)\r$/m.exec(text)?.[1] ?? null;
  return { processId: processId === undefined ? null : Number(processId), version };
}

function listen(
  address: Address,
  question: string,
  isWhole: (heard: string) => boolean,
): Promise<string | null> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(address);
    const end = (result: string | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(SILENCE_MS_MAX, () => end(null));
    socket.once("connect", () => question !== "" && socket.write(question));
    socket.once("error", () => end(null));
    socket.once("close", () => end(null));
    socket.on("data", (chunk: string) => {
      heard += chunk;
      if (isWhole(heard)) end(heard);
      else if (heard.length > GREETING_BYTES_MAX) end(null);
    });
  });
}
