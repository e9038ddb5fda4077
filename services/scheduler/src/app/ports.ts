/**
 * What the application needs from the outside, one interface per duty. Adapters implement these and decide
 * nothing; the application calls them and knows neither NATS nor Redis nor a wall clock of its own.
 *
 * A *fault* (link down, no leader, time-out) never surfaces as a value here: an adapter repeats the call until it
 * is answered, or throws `Abandoned` once its guard says that nobody may speak any more. Only answers are values.
 */

import type { EpochMs } from "../domain/instant.ts";
import type { RefusalReason } from "../domain/settle.ts";

/** The one source of time. */
export interface Clock {
  /** Wall clock, epoch milliseconds. May jump in both directions. */
  now(): EpochMs;
  /** Never goes back, unaffected by wall-clock steps; milliseconds from an arbitrary origin. */
  monotonicMs(): number;
  /** How often the wall clock must be looked at, ms, because it may be set at any time; absent: every second. */
  readonly lookEveryMs?: number;
  /** What waits for the wall clock is woken at multiples of it, ms; absent: at once. */
  readonly tickMs?: number;
  /** Runs `wake` once, at the earliest `delayMs` from now; returns how to call it off. */
  after(delayMs: number, wake: () => void): Cancel;
}
export type Cancel = () => void;

/** Thrown by an adapter when its guard turned false, or it was closed, before an answer came. */
export class Abandoned extends Error {
  override name = "Abandoned";
}

/** Thrown when a higher term than ours exists: this holding of the partition is over. */
export class TermOver extends Error {
  override name = "TermOver";
}

/** Thrown where NATS said no for good to what a worker cannot do without: somebody has to change something. */
export class Refused extends Error {
  override name = "Refused";
}

/** The command stream refused a command for good: it is full, or the user may not publish to it. */
export class InboxRefused extends Refused {
  override name = "InboxRefused";
  /** As in a refused receipt. */
  readonly code: string;
  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

/** May we still speak? Asked before every send and resend; the lease's deadline in practice. */
export type Guard = () => boolean;

export interface Message {
  subject: string;
  data: string | Uint8Array;
  /** Becomes `Nats-Msg-Id`; null: none. */
  id: string | null;
  headers: Readonly<Record<string, string>>;
}

/** What became of a message for which JetStream's acknowledgement is required. */
export type Receipt =
  | { kind: "stored"; stream: string; sequence: number; duplicate: boolean }
  /**
   * JetStream said no. `doubtful`: an earlier send of the same message was never answered, so that a stream may hold it all the same.
   */
  | { kind: "refused"; code: RefusalReason; description: string; doubtful?: true }
  /** Unanswered for longer than `patienceMs`: look whether the stream holds it before sending again. */
  | { kind: "unknown" };

/** The pipelined publisher: one ack inbox, one window a lane, resends with the same id 50 ms to 2 s apart. */
export interface Publisher {
  /** Free places of a lane (a target stream's name, or `OWN_LANE`); callers stop claiming at 0. */
  room(lane: string): number;
  /** Sends and waits for the acknowledgement; `patienceMs` null: until answered or abandoned. */
  send(message: Message, how: { lane: string; guard: Guard; patienceMs: number | null }): Promise<Receipt>;
  /** Core delivery: resolves once the server has it (a round trip of the connection). */
  sendCore(message: Message, guard: Guard): Promise<Receipt>;
  /** Best effort, no acknowledgement: answers to reply subjects. */
  reply(subject: string, data: string, headers: Readonly<Record<string, string>>): void;
  inflight(): number;
}
/** The lane of Carillon's own streams and buckets. */
export const OWN_LANE = "own";

/** One stored value of a bucket. */
export interface Stored {
  key: string;
  value: Uint8Array;
  /** The bucket's revision (stream sequence) of this value. */
  revision: number;
  /** When the server stored it. */
  storedAt: EpochMs;
}

/** Names one stored value. */
export interface Revision {
  key: string;
  revision: number;
}

export type Written =
  | { kind: "written"; revision: number }
  /** The expected revision was not the last one (error 10071). */
  | { kind: "stale" }
  /** The bucket is at `max_bytes` (10077) or refuses for another lasting reason. */
  | { kind: "refused"; code: string; description: string };

export type Bucket = "schedules" | "state";

/** The two buckets of schedules. Reads come from the stream's leader. */
export interface Store {
  /** What the clock shows by which it dates what it stores. */
  serverNow(): Promise<EpochMs>;
  /**
   * Every last value of the given partitions (and their `term.<partition>` keys) in `bucket`, up to the last sequence at the time of
   * the call; of all partitions, also what stands under keys of other forms. Deleted and purged keys are left out. A key that is written meanwhile may come twice; the later one counts.
   * `restarted`: the link dropped and the pass begins anew, forget what came so far.
   */
  load(
    bucket: Bucket,
    partitions: readonly number[],
    each: (stored: Stored) => void,
    restarted?: () => void,
  ): Promise<void>;
  read(bucket: Bucket, key: string): Promise<Stored | null>;
  /** Sequence of the last message of a key, a marker of deletion included; 0: none. What a write must expect after `read` gave null. */
  lastRevision(bucket: Bucket, key: string): Promise<number>;
  /** One revision of a key; null when history no longer holds it. */
  readRevision(bucket: Bucket, key: string, revision: number): Promise<Stored | null>;
  /** The same of many at once, in the order asked, at a fraction of the cost. */
  readRevisions(bucket: Bucket, wanted: readonly Revision[]): Promise<(Stored | null)[]>;
  /** `expected` null: unconditional; 0: the key must not exist. */
  write(bucket: Bucket, key: string, value: string, expected: number | null, guard: Guard): Promise<Written>;
  /** Removes a key and its history, leaving no marker that lives longer than an hour; `expected` as in `write`. */
  purge(bucket: Bucket, key: string, expected: number | null, guard: Guard): Promise<Written>;
}

export interface InboxMessage {
  /** The subject as stored: `scheduler.inbox.…`, or the original one where the transform did not match. */
  subject: string;
  data: Uint8Array;
  header(name: string): string | null;
  sequence: number;
  storedAt: EpochMs;
  /** Confirms that the message is done; a late ack of an old consumer counts for nothing. */
  ack(): void;
}

export interface InboxReader {
  /**
   * Begins delivery, in stream order, first deliveries only. `restarted`: from here on a fresh consumer delivers, beginning with the
   * first unacknowledged message. `lost`: a consumer of a higher term exists, or the inbox was made anew; nothing more will come.
   */
  start(deliver: (message: InboxMessage) => void, restarted: () => void, lost: () => void): void;
  /** Stops delivery; unacknowledged messages stay for the next reader. */
  close(): Promise<void>;
}

/** The command stream. */
export interface Inbox {
  /** Identity of this inbox, as `open` last found it: its creation time. Sequences of another inbox are not comparable. */
  readonly createdAt: string;
  /**
   * The consumer of a term for one partition (null: for what the transform did not match), made after those of lower terms are deleted.
   * It is made anew after a gap, a redelivery or a reconnect; `restarted` tells the caller to forget what it has not begun.
   * Throws TermOver when a consumer of a higher term exists.
   */
  open(partition: number | null, term: number): Promise<InboxReader>;
  /** Stores a command for its owner (no `Nats-Msg-Id`, so that a repeat reaches the owner too). Throws InboxRefused, or Abandoned. */
  post(subject: string, data: Uint8Array, headers: Readonly<Record<string, string>>): Promise<number>;
  pending(): Promise<number>;
}

/** What everything is stored in. */
export interface Ground {
  /** False: a bucket or the inbox is gone. Nothing may be held or taken over until it is back. */
  firm(): boolean;
  /** Calls back when it is no longer firm. */
  onLost(lost: () => void): Cancel;
  /**
   * Asked before each takeover, once the lease is held: is the number of partitions still the one of the start? Throws Refused where it
   * is being changed, or was.
   */
  assertUnchanged(): Promise<void>;
  /** Asked once for each schedule that is new; false: the room that is left belongs to those that exist. */
  spare(): boolean;
}

/** What the accounting needs to know of a target's stream. */
export interface StreamFacts {
  name: string;
  duplicateWindowMs: number;
  workQueue: boolean;
}

/** Looks into streams: who captures a subject, and whether a message id is already there. */
export interface Finder {
  /** The stream that captures a subject; null: none. Cached for a short while; `fresh` asks the server. */
  streamOf(subject: string, fresh?: boolean): Promise<StreamFacts | null>;
  /** The cached answer, for callers that cannot wait; undefined: not known yet. */
  known(subject: string): StreamFacts | null | undefined;
  /**
   * One headers-only pass over `subject` in `stream` from `since` on. `complete` is false when the stream no longer reaches back to
   * `since` (or keeps nothing: a work queue), so that absence proves nothing.
   */
  find(search: { stream: string; subject: string; since: EpochMs; ids: ReadonlySet<string> }): Promise<{
    found: ReadonlyMap<string, number>;
    complete: boolean;
  }>;
}

export interface Lease {
  /** Monotonic milliseconds until which the lease may be believed: requested at + ttl − margin. */
  deadlineMs(): number;
  /** True: prolonged. False: somebody else has it, or it expired. Throws nothing; an unreachable backend is false only past the deadline. */
  renew(): Promise<boolean>;
  /** Gives it up at once, so that the next one need not wait. */
  release(): Promise<void>;
}

export interface Leases {
  readonly backend: "nats" | "redis";
  /** null: somebody holds it. Throws Refused, and another error where the backend cannot be reached, unless it waits until it can. */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | null>;
}

/** The workers that live: each repeats its heartbeat, and one that stops is forgotten by the server. */
export interface Heartbeats {
  /**
   * Stores what `worker` says of itself, for `ttlMs` (the adapter may round up to seconds). One attempt; false: nobody confirmed it, so
   * it may or may not be there.
   */
  beat(worker: string, heartbeat: string, ttlMs: number): Promise<boolean>;
  /** Removes it at once; one attempt. */
  end(worker: string): Promise<void>;
  /**
   * Tells each heartbeat that is there, and from then on every change; null: it is gone. Resolves once everything was told that was there
   * at the call. After a lost link everything is told anew.
   */
  watch(heard: (worker: string, heartbeat: string | null) => void): Promise<Cancel>;
}

/** A request of the rpc family, and what is answered. */
export interface RpcRequest {
  subject: string;
  data: Uint8Array;
  header(name: string): string | null;
  /** Where the answer goes; undefined: nobody waits for one. */
  reply: string | undefined;
}

export interface RpcAnswer {
  data: string;
  /** HTTP-like status; becomes the headers of a micro service's error. */
  error?: { status: number; message: string };
}

/** Waits for what the owner of a partition says of a command. */
export interface Outcomes {
  /** A reply subject of one's own, and what arrives there; null: nothing did in time. */
  expect(waitMs: number): { subject: string; answer: Promise<string | null>; forget(): void };
}

/** The other workers of the installation. What is asked is lost like any core message where a link is down: silence says nothing. */
export interface Peers {
  /**
   * Asks them all, never oneself. Every answer goes to `heard` as it comes; over when that says true (enough), or after `waitMs`.
   */
  ask(question: string, waitMs: number, heard: (answer: string) => boolean): Promise<void>;
  /** Tells them all something, never oneself; may be lost. */
  tell(statement: string): void;
  /** Hears what they tell from now on. */
  hear(heard: (statement: string) => void): Cancel;
  /** Answers their questions from now on; null: nothing to say. */
  answer(respond: (question: string) => Promise<string | null>): Cancel;
  /** Bytes of a message at most, an answer's as well as any other's; asked each time, since another server may have another limit. */
  messageBytesMax(): number;
}
