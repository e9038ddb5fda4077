/**
 * Makes the consumer of a term. A work queue allows one consumer per filter, so the newest one takes the place of
 * all before it: those of lower terms and our own earlier ones are deleted, one of a higher term is never touched
 * and means that this term is over. A fresh consumer starts at the first unacknowledged message.
 */

import type { Names } from "@carillon/contracts";
import type { ConsumerInfo } from "@nats-io/jetstream";
import { type Guard, TermOver } from "../../app/ports.ts";
import { ApiCode } from "./api-codes.ts";
import { ApiRefusal, type JsApi } from "./js-api.ts";

/** Whose consumer: of one partition, or (null) of what the transform did not match. */
export interface Holding {
  partition: number | null;
  term: number;
}

type Deps = { api: JsApi; names: Names };

const NANOS_PER_MS = 1_000_000;
/** Unacknowledged for so long, a message is delivered again; the reader then takes a fresh consumer. */
const ACK_WAIT_MS = 60_000;
/** Delivered and unacknowledged; at the limit the server waits. Bounds the memory of a reader. */
export const ACK_PENDING_MAX = 1_000;

/** Answers the consumer's name. Throws TermOver. */
export async function takeConsumer(deps: Deps, holding: Holding, guard: Guard): Promise<string> {
  const stream = deps.names.streams.commands;
  for (;;) {
    const rivals = await rivalsOf(deps, holding, guard);
    if (rivals.some(({ term }) => term > holding.term)) {
      throw new TermOver(`term ${holding.term} of partition ${holding.partition ?? "none"} is over`);
    }
    const n = 1 + Math.max(0, ...rivals.filter(({ term }) => term === holding.term).map((rival) => rival.n));
    await Promise.all(rivals.map(({ name }) => deleteConsumer(deps, stream, name, guard)));
    const name = nameOf(deps.names, holding, n);
    try {
      await deps.api.ask<ConsumerInfo>(
        `CONSUMER.CREATE.${stream}.${name}`,
        request(deps, holding, name),
        guard,
      );
      return name;
    } catch (error) {
      // Somebody else's consumer holds the filter by now: look again whose.
      if (!(error instanceof ApiRefusal) || !RACED.has(error.apiCode)) throw error;
    }
  }
}

const RACED: ReadonlySet<number> = new Set([ApiCode.consumerNotUnique, ApiCode.consumerExists]);

interface Rival {
  name: string;
  term: number;
  n: number;
}

/** Consumers with the same filter, whoever made them. */
async function rivalsOf({ api, names }: Deps, { partition }: Holding, guard: Guard): Promise<Rival[]> {
  const rivals: Rival[] = [];
  for (let offset = 0; ; ) {
    const page = await api.ask<{ consumers: string[] | null; total: number }>(
      `CONSUMER.NAMES.${names.streams.commands}`,
      { offset },
      guard,
    );
    const found = page.consumers ?? [];
    for (const name of found) {
      const parsed = parse(names, name, partition);
      if (parsed !== null) rivals.push({ name, ...parsed });
    }
    offset += found.length;
    if (found.length === 0 || offset >= page.total) return rivals;
  }
}

/** null: the consumer of another partition. */
function parse(
  { consumers }: Names,
  name: string,
  partition: number | null,
): { term: number; n: number } | null {
  if (partition === null) return consumers.parseUnmatched(name);
  const parsed = consumers.parse(name);
  return parsed?.partition === partition ? { term: parsed.term, n: parsed.n } : null;
}

async function deleteConsumer({ api }: Deps, stream: string, name: string, guard: Guard): Promise<void> {
  try {
    await api.ask(`CONSUMER.DELETE.${stream}.${name}`, undefined, guard);
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.apiCode !== ApiCode.consumerNotFound) throw error;
  }
}

function request({ names }: Deps, { partition }: Holding, name: string): object {
  const config = {
    durable_name: name,
    name,
    ack_policy: "explicit",
    deliver_policy: "all",
    ack_wait: ACK_WAIT_MS * NANOS_PER_MS,
    max_ack_pending: ACK_PENDING_MAX,
    ...filterOf(names, partition),
  };
  return { stream_name: names.streams.commands, config, action: "create" };
}

/**
 * Nobody may filter by the very subject of the stream: beside such a consumer the server keeps what the others have
 * acknowledged (seen with 2.15.1), and every term would be given all of it again.
 */
function filterOf(names: Names, partition: number | null): object {
  return partition === null
    ? { filter_subjects: [...names.unmatchedCommands] }
    : { filter_subject: names.inboxOf(partition) };
}

function nameOf({ consumers }: Names, { partition, term }: Holding, n: number): string {
  return partition === null ? consumers.buildUnmatched(term, n) : consumers.build(partition, term, n);
}
