/**
 * Offers the rpc of the application as a NATS micro service, so that `nats micro` finds and counts it. Requests are
 * shared among all workers by the service's queue group; what fits no endpoint goes to a catch-all in a group of
 * its own, since in the same group it would take half of the valid requests.
 */

import { isReplySubject } from "@carillon/contracts";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { type Service, type ServiceMsg, Svcm } from "@nats-io/services";
import type { RpcAnswer, RpcRequest } from "../../app/ports.ts";
import type { Link } from "./connection.ts";
import { heardHeaders } from "./heard-headers.ts";

/** Null: no answer at all. */
export type ServiceHandler = (request: RpcRequest) => Promise<RpcAnswer | null>;

export interface ServiceEndpoint {
  /** `[A-Za-z0-9_-]`, no dots. */
  name: string;
  /** May hold wildcards. */
  subject: string;
  handler: ServiceHandler;
}

export interface ServiceOffer {
  name: string;
  /** Semantic version. */
  version: string;
  description: string;
  endpoints: readonly ServiceEndpoint[];
  /** Takes what no endpoint takes as well: its handler answers only subjects that no endpoint matches. */
  catchAll: ServiceEndpoint;
}

const QUEUE = "q";
const CATCH_ALL_QUEUE = "catch-all";
/** Names of services and endpoints; other characters in a configured name become `_`. */
const NOT_A_NAME = /[^-\w]/g;

/** Answers how to withdraw the offer; requests under way are still answered. */
export async function offerService(
  link: Link,
  offer: ServiceOffer,
  failed: (error: Error) => void,
): Promise<() => Promise<void>> {
  const name = offer.name.replace(NOT_A_NAME, "_");
  const service = await new Svcm(answeringInboxesOnly(link.nc)).add({
    name,
    version: offer.version,
    description: offer.description,
    queue: QUEUE,
  });
  for (const endpoint of offer.endpoints) addEndpoint(service, endpoint, QUEUE, failed);
  addEndpoint(service, offer.catchAll, CATCH_ALL_QUEUE, failed);
  return async () => {
    await service.stop();
  };
}

/** Where the library itself answers: `$SRV.PING`, `$SRV.INFO`, `$SRV.STATS`. */
const DISCOVERY = "$SRV.";

/**
 * The library answers discovery wherever a request wants the answer to go. Whoever may ask could so have a message
 * published in the worker's name, to the server's own API for one; what asks for that gets no answer.
 */
function answeringInboxesOnly(nc: NatsConnection): NatsConnection {
  const subscribe: NatsConnection["subscribe"] = (subject, options = {}) => {
    const { callback } = options;
    if (!subject.startsWith(DISCOVERY) || callback === undefined) return nc.subscribe(subject, options);
    const guarded: typeof callback = (error, message) => {
      const reply = error === null ? (message.reply ?? "") : "";
      if (reply === "" || isReplySubject(reply)) return callback(error, message);
    };
    return nc.subscribe(subject, { ...options, callback: guarded });
  };
  return new Proxy(nc, {
    get: (target, name) => {
      if (name === "subscribe") return subscribe;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function addEndpoint(
  service: Service,
  { name, subject, handler }: ServiceEndpoint,
  queue: string,
  failed: (error: Error) => void,
): void {
  service.addEndpoint(name, {
    subject,
    queue,
    handler: (error, message) => {
      if (error !== null) return failed(error);
      void answer(message, handler).catch(failed);
    },
  });
}

/** A handler that throws is a bug, which `failed` hears; its caller runs into the time-out. */
async function answer(message: ServiceMsg, handler: ServiceHandler): Promise<void> {
  const answered = await handler(requestOf(message));
  if (answered === null || message.reply === undefined || message.reply === "") return;
  const { data, error } = answered;
  if (error === undefined) message.respond(data);
  else message.respondError(error.status, oneLine(error.message), data);
}

function requestOf(message: Msg): RpcRequest {
  const { subject, data, reply } = message;
  return {
    subject,
    data,
    header: heardHeaders(message).get,
    reply: reply === "" ? undefined : reply,
  };
}

/** A header holds one line. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
