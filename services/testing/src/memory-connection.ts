/**
 * As much of a connection to NATS as the typed client needs: requests to the scheduler, durable commands, and subscriptions to what the
 * streams of a server in memory take. Whoever is given a client in production can be given one over this in a test.
 */

import { matchesSubject } from "@carillon/contracts";
import {
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  TimeoutError,
} from "@nats-io/nats-core";
import type { RpcAnswer, RpcRequest } from "../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "./server/memory-server.ts";
import type { Kept } from "./server/stream.ts";

export interface ConnectionDeps {
  readonly server: MemoryServer;
  /** Null: nobody runs. */
  rpc(request: RpcRequest): Promise<RpcAnswer | null> | null;
  /** Lets happen what a request sets off. */
  settle<T>(answer: Promise<T>): Promise<T>;
}

/** Answers of the scheduler go nowhere here: they are the results of requests. */
const REPLY = "_INBOX.test";

const encoder = new TextEncoder();

export function memoryConnection(deps: ConnectionDeps): NatsConnection {
  const subscriptions = new Set<{ filter: string; heard: (message: Msg) => void }>();
  for (const stream of deps.server.streams()) {
    stream.onStored((kept) => {
      for (const { filter, heard } of subscriptions)
        if (matchesSubject(filter, kept.subject)) heard(messageOf(kept));
    });
  }
  const offered: Partial<NatsConnection> = {
    request: (subject, payload, options) => request(deps, subject, bytesOf(payload), options?.headers),
    subscribe: (filter, options = {}) => {
      const entry = { filter, heard: (message: Msg) => void options.callback?.(null, message) };
      const closed = Promise.withResolvers<void>();
      const unsubscribe = (): void => {
        subscriptions.delete(entry);
        closed.resolve();
      };
      subscriptions.add(entry);
      const subscription: Partial<ReturnType<NatsConnection["subscribe"]>> = {
        closed: closed.promise,
        isClosed: () => !subscriptions.has(entry),
        unsubscribe,
      };
      return subscription as ReturnType<NatsConnection["subscribe"]>;
    },
    isClosed: () => false,
    isDraining: () => false,
  };
  return new Proxy(offered as NatsConnection, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      // Promises look for this on whatever they are resolved with.
      if (value === undefined && name !== "then")
        throw new Error(`the connection of a test has no ${String(name)}`);
      return value;
    },
  });
}

async function request(
  { server, rpc, settle }: ConnectionDeps,
  subject: string,
  data: Uint8Array,
  given: MsgHdrs | undefined,
): Promise<Msg> {
  const headers = Object.fromEntries((given?.keys() ?? []).map((name) => [name, given?.get(name) ?? ""]));
  if (!subject.startsWith("rpc.")) return stored(server, subject, data, headers);
  const asked = rpc({ subject, data, header: (name) => headers[name] ?? null, reply: REPLY });
  if (asked === null) throw new NoRespondersError(subject);
  const answer = await settle(asked);
  if (answer === null) throw new TimeoutError();
  return messageOf({ subject: REPLY, data: answer.data });
}

/** As JetStream acknowledges a publish. */
function stored(
  server: MemoryServer,
  subject: string,
  data: Uint8Array,
  headers: Record<string, string>,
): Msg {
  const { "Nats-Msg-Id": id = null, ...rest } = headers;
  const appended = server.publish({ subject, data, headers: rest, id });
  if (appended === null) throw new NoRespondersError(subject);
  const { kind } = appended;
  const answer =
    kind === "stored"
      ? { stream: appended.stream, seq: appended.sequence, duplicate: appended.duplicate }
      : {
          error: {
            code: 503,
            err_code: 10077,
            description: kind === "refused" ? appended.description : kind,
          },
        };
  return messageOf({ subject: REPLY, data: JSON.stringify(answer) });
}

function messageOf({ subject, data }: Pick<Kept, "subject" | "data">): Msg {
  const text = (): string => (typeof data === "string" ? data : new TextDecoder().decode(data));
  const message: Partial<Msg> = {
    subject,
    data: bytesOf(data),
    string: text,
    json: () => JSON.parse(text()),
  };
  return message as Msg;
}

const bytesOf = (data: string | Uint8Array | undefined): Uint8Array =>
  typeof data === "string" ? encoder.encode(data) : (data ?? new Uint8Array());
