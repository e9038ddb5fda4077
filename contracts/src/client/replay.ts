/*
 * Events out of the stream that keeps them, from some place on and then as they come. It speaks to JetStream
 * directly, over a pull consumer of its own: three requests are less than another package that every user would
 * have to install in the right version. A pull is asked for when the one before has been read, so a slow reader
 * holds up nobody and fills no memory. Whenever anything is out of the ordinary (a gap, a lost link, a server
 * started anew), the consumer is made anew after the last event that was heard.
 */
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { CarillonError, failure } from "./carillon-error.ts";
import type { Feed } from "./feed.ts";
import { ask, isUnanswered } from "./request.ts";

export type Since = { readonly sequence: number } | { readonly at: Date };

export interface Replay {
  readonly nc: NatsConnection;
  readonly stream: string;
  readonly filter: string;
  readonly since: Since;
  readonly feed: Feed<unknown>;
  hear(text: string, sequence: number | null): void;
}

/** Events of one pull at most; so many wait in memory for a slow reader. */
const BATCH = 256;

/** A pull that brings nothing is over after this, and another one is made: so long a lost one goes unnoticed. */
const PULL_MS = 2_000;

/** What the server may be late with its word that a pull is over. */
const SLACK_MS = 500;

/** The server forgets a consumer that nobody asks for so long, because its reader is gone or slow; it is made anew where need be. */
const IDLE_MS = 60_000;

const REQUEST_MS = 5_000;

/** Before a consumer is made anew: whatever was out of the ordinary may last. */
const AGAIN_MS = 500;

const NANOS_PER_MS = 1_000_000;

/** Status of a pull that is over without more messages. */
const TIMED_OUT = 408;

/** Status of a server that cannot answer now. */
const UNAVAILABLE = 503;

/** Tokens of an acknowledgement's subject without domain and account. */
const ACK_TOKENS = 9;

/** Runs until the feed is over; whatever ends it for good ends the feed. */
export const replay = async (of: Replay): Promise<void> => {
  let since = of.since;
  try {
    let consumer: string | null = await create(of, since);
    while (consumer !== null) {
      since = await read(of, consumer, since);
      consumer = await recreate(of, since);
    }
  } catch (error) {
    of.feed.end(isEnding(of.nc) ? null : { error });
  }
};

/** The name of a new consumer; throws CarillonError where JetStream gives none. */
const create = async ({ nc, stream, filter }: Replay, since: Since): Promise<string> => {
  const name = `carillon-${globalThis.crypto.randomUUID()}`;
  const config = {
    name,
    filter_subject: filter,
    ack_policy: "none",
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: IDLE_MS * NANOS_PER_MS,
    ...("at" in since
      ? { deliver_policy: "by_start_time", opt_start_time: since.at.toISOString() }
      : { deliver_policy: "by_start_sequence", opt_start_seq: since.sequence }),
  };
  const answer = await ask(nc, {
    // The filter stands in the subject too, where permissions can see it.
    subject: api(`CONSUMER.CREATE.${stream}.${name}.${filter}`),
    body: { stream_name: stream, config, action: "create" },
    ...PLAIN,
  });
  const { error } = answer as { readonly error?: { readonly code: number; readonly description: string } };
  if (error === undefined) return name;
  const words = `JetStream gives no consumer of ${stream}: ${error.description}`;
  throw failure(error.code === UNAVAILABLE ? "partition_unavailable" : "internal_error", words, null);
};

/** The same after a while, and however long the server is away; null: nobody reads any more. */
const recreate = async (of: Replay, since: Since): Promise<string | null> => {
  while (!of.feed.over) {
    await new Promise((resume) => setTimeout(resume, AGAIN_MS));
    if (of.feed.over) break;
    try {
      return await create(of, since);
    } catch (error) {
      if (!(error instanceof CarillonError && error.retryable)) throw error;
    }
  }
  return null;
};

/** Pulls until something is out of the ordinary; answers where to go on. */
const read = async (of: Replay, consumer: string, from: Since): Promise<Since> => {
  const { feed, nc, stream } = of;
  let since = from;
  let expected = 1;
  /** True: go on with another pull. */
  const heard = (message: Msg): boolean => {
    const place = placeOf(message);
    if (place?.delivered !== expected) return false;
    expected++;
    since = { sequence: place.sequence + 1 };
    of.hear(message.string(), place.sequence);
    return true;
  };
  const forget = feed.onEnd(() => remove(nc, stream, consumer));
  try {
    while (!feed.over && (await pull(of, consumer, heard))) await feed.drained();
  } finally {
    forget();
    if (!feed.over) remove(nc, stream, consumer);
  }
  return since;
};

/** One pull, each of its messages to `heard`; true: all was in order. */
const pull = async (
  { nc, stream }: Replay,
  consumer: string,
  heard: (message: Msg) => boolean,
): Promise<boolean> => {
  const subject = api(`CONSUMER.MSG.NEXT.${stream}.${consumer}`);
  const request = JSON.stringify({ batch: BATCH, expires: PULL_MS * NANOS_PER_MS });
  const limits = { strategy: "count", maxMessages: BATCH, maxWait: PULL_MS + SLACK_MS, noMux: true } as const;
  try {
    for await (const message of await nc.requestMany(subject, request, limits)) {
      const status = message.headers?.code ?? 0;
      if (status > 0) return status === TIMED_OUT;
      if (!heard(message)) return false;
    }
    return true;
  } catch (error) {
    if (isEnding(nc) || !isUnanswered(error)) throw error;
    return false;
  }
};

/** Where a message stands: `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivered>.…`, from newer servers with domain and account before the stream. */
const placeOf = ({ reply = "" }: Msg): { sequence: number; delivered: number } | null => {
  const tokens = reply.split(".");
  if (tokens[0] !== "$JS" || tokens[1] !== "ACK") return null;
  const stream = tokens.length === ACK_TOKENS ? 2 : 4;
  const [sequence, delivered] = [Number(tokens[stream + 3]), Number(tokens[stream + 4])];
  return Number.isSafeInteger(sequence) && Number.isSafeInteger(delivered) ? { sequence, delivered } : null;
};

/** Whoever has gone need not wait for IDLE_MS; what goes wrong here is mended by that. */
const remove = (nc: NatsConnection, stream: string, consumer: string): void => {
  if (isEnding(nc)) return;
  const subject = api(`CONSUMER.DELETE.${stream}.${consumer}`);
  ask(nc, { subject, body: undefined, ...PLAIN }).catch(() => undefined);
};

/** Its owner closes the connection: what fails from here on is no fault. */
const isEnding = (nc: NatsConnection): boolean => nc.isClosed() || nc.isDraining();

const PLAIN = { headers: {}, commandId: null, timeoutMs: REQUEST_MS } as const;

const api = (what: string): string => `$JS.API.${what}`;
