/*
 * The events of one tenant as an async iterator. Without `since` a plain subscription from now on: it needs no
 * more than the right to subscribe, and misses what is told while the link is down. With `since` the streams
 * that keep the events are read, first what they hold, then what they come to hold, and nothing is missed.
 * Either way an event comes once, by its id.
 */
import type { CommandRejectedData, ExecutionEventData, ScheduleEventData } from "../generated/types.ts";
import type { CloudEvent } from "../index.ts";
import { failure } from "./carillon-error.ts";
import type { Context } from "./context.ts";
import { Feed } from "./feed.ts";
import { listen } from "./live.ts";
import { replay, type Since } from "./replay.ts";
import { assertName } from "./request.ts";

/** An event, with its place in the stream that keeps it; null where it was heard as it was told. */
export type Heard<Of extends Entity, Data> = CloudEvent<Data> & {
  readonly type: `io.carillon.${Of}.${string}.v1`;
  readonly sequence: number | null;
};

export type ScheduleEvent = Heard<"schedule", ScheduleEventData>;
export type ExecutionEvent = Heard<"execution", ExecutionEventData>;
export type CommandEvent = Heard<"command", CommandRejectedData>;

export interface EventOf {
  readonly schedule: ScheduleEvent;
  readonly execution: ExecutionEvent;
  readonly command: CommandEvent;
}

export type Entity = keyof EventOf;

export interface EventOptions<Of extends Entity = Entity> {
  readonly entity?: Of;
  /** `created`, `dispatched`, `missed` …; default: all. */
  readonly what?: string;
  readonly scheduleId?: string;
  /**
   * From when on, an instant (RFC 3339) or a place in the stream, that one included; to go on after an event, its `sequence` and one. A
   * place needs an `entity`, since each has its own stream. Default: from now.
   */
  readonly since?: string | Date | { readonly sequence: number };
  /** Ends the iterator, without an error. */
  readonly signal?: AbortSignal;
  /** Without `since`: unread events at most; one more is the error `reader_too_slow`. With it the streams wait for the reader. Default 10000. */
  readonly unreadMax?: number;
}

const UNREAD_MAX = 10_000;

/** Ids that are remembered to tell repeats: as many as a busy installation tells within the minutes in which repeats come. */
const IDS_MAX = 20_000;

export const eventsOver = <Of extends Entity>(
  { nc, tenant, subjects }: Context,
  options: EventOptions<Of>,
): AsyncIterableIterator<EventOf[Of]> => {
  const { entity, what, scheduleId, signal, unreadMax = UNREAD_MAX } = options;
  for (const [name, token] of Object.entries({ entity, what, scheduleId })) {
    if (token !== undefined) assertName(name, token);
  }
  const since = sinceOf(options);
  const feed = new Feed<EventOf[Of]>();
  const hear = hearer(feed);
  const filter = subjects.event.filter({ tenant, ...given({ entity, what, scheduleId }) });
  if (since === null) listen(nc, filter, { feed, hear, unreadMax });
  else {
    const { executions, audit } = subjects.streams;
    const streams = [...(entity === "execution" ? [] : [audit]), ...(isAudit(entity) ? [] : [executions])];
    for (const stream of streams) void replay({ nc, stream, filter, since, feed, hear });
  }
  if (signal?.aborted) feed.end();
  const abort = (): void => feed.end();
  signal?.addEventListener("abort", abort, { once: true });
  feed.onEnd(() => signal?.removeEventListener("abort", abort));
  return feed;
};

const isAudit = (entity: Entity | undefined): boolean => entity === "schedule" || entity === "command";

const given = (tokens: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tokens).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

const sinceOf = ({ since, entity }: EventOptions): Since | null => {
  if (since === undefined) return null;
  if (typeof since === "object" && "sequence" in since) {
    if (entity === undefined) throw failure("invalid_body", "since: a sequence needs an entity", null);
    if (Number.isSafeInteger(since.sequence) && since.sequence > 0) return { sequence: since.sequence };
    throw failure("invalid_body", `since: ${since.sequence}; expected a sequence from 1 on`, null);
  }
  const at = new Date(since);
  if (Number.isNaN(at.getTime()))
    throw failure("invalid_body", "since: expected an instant such as 2026-12-01T09:00:00Z", null);
  return { at };
};

/** Passes on what is an event and has not come before; anything else on these subjects is not Carillon's. */
const hearer = <Event>(feed: Feed<Event>) => {
  const ids = new Set<string>();
  return (text: string, sequence: number | null): void => {
    const event = parse(text);
    if (event === null || ids.has(event.id)) return;
    ids.add(event.id);
    const [oldest = ""] = ids;
    if (ids.size > IDS_MAX) ids.delete(oldest);
    feed.push({ ...event, sequence } as Event);
  };
};

const parse = (text: string): CloudEvent | null => {
  try {
    const event: unknown = JSON.parse(text);
    return isEvent(event) ? event : null;
  } catch {
    return null;
  }
};

const isEvent = (value: unknown): value is CloudEvent =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  typeof value.id === "string" &&
  "type" in value &&
  typeof value.type === "string" &&
  "data" in value;
