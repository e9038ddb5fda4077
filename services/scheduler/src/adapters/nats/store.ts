/**
 * The buckets of schedules over plain stream operations. Writes go through the ack inbox with the sequence they
 * expect; reads go to the stream's leader, since a replica may not know the last write yet; loads are one pass of a
 * push consumer over the last value of each key.
 */

import type { Names } from "@carillon/contracts";
import {
  type Bucket,
  type Guard,
  OWN_LANE,
  Refused,
  type Revision,
  type Store,
  type Stored,
  type Written,
} from "../../app/ports.ts";
import type { EpochMs } from "../../domain/instant.ts";
import type { AckInbox } from "./ack-inbox.ts";
import { DirectReads } from "./direct-reads.ts";
import { headerBlock, headerBlockOf } from "./encoded-headers.ts";
import { type HeardHeaders, heardHeaders, subjectBehind } from "./heard-headers.ts";
import { storedAtIn } from "./moved.ts";
import { type PushReaderDeps, readToEnd } from "./push-reader.ts";
import type { Outcome } from "./shipment.ts";
import {
  dataOf,
  headersOf,
  isMarker,
  lastMessage,
  messageAt,
  type StoredMessage,
  streamInfo,
} from "./stream-questions.ts";

type Deps = PushReaderDeps & { inbox: AckInbox; names: Names };

/** How long a purge mark stays, so that readers of the bucket can see the key go. */
const MARKER_TTL = "1h";
/** Revisions that one call asks for at a time. */
const READING_MAX = 256;
const EXPECTED = "Nats-Expected-Last-Subject-Sequence";
/** Of states there is no other than the last one, and the server need not look for it, which takes it a second among a million. */
const DELIVER = { state: "all", schedules: "last_per_subject" } as const satisfies Record<Bucket, string>;

export class NatsStore implements Store {
  readonly #deps: Deps;
  readonly #direct: DirectReads;
  readonly #partitions: number;
  /** Over when nobody loads. */
  #loading: Promise<unknown> = Promise.resolve();

  /** `partitions`: how many there are; a load of all of them needs no filter. */
  constructor(deps: Deps, partitions: number) {
    this.#deps = deps;
    this.#direct = new DirectReads(deps);
    this.#partitions = partitions;
  }

  async serverNow(): Promise<EpochMs> {
    const info = await streamInfo(this.#deps.api, this.#stream("state"));
    if (info?.ts === undefined)
      throw new Refused("the bucket of states is gone, or its server too old to show its time");
    return Date.parse(info.ts);
  }

  /**
   * One load at a time: the server has up to 32 MB of each on their way, and drops whoever is behind with 64 MB, which would begin all of
   * them anew.
   */
  load(
    bucket: Bucket,
    partitions: readonly number[],
    each: (stored: Stored) => void,
    restarted: () => void = () => {},
  ): Promise<void> {
    if (partitions.length === 0) return Promise.resolve();
    const loaded = this.#loading.then(() => this.#load(bucket, partitions, each, restarted));
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #load(
    bucket: Bucket,
    partitions: readonly number[],
    each: (stored: Stored) => void,
    restarted: () => void,
  ): Promise<void> {
    const { names, api } = this.#deps;
    const stream = this.#stream(bucket);
    const prefix = this.#subject(bucket, "");
    const wanted = new Set(partitions);
    const whole = wanted.size === this.#partitions;
    const filters = this.#filters(bucket, wanted);
    await readToEnd(this.#deps, {
      stream,
      consumer: { deliver_policy: DELIVER[bucket], filter_subjects: filters },
      lastSequence: async () => {
        const lasts = await Promise.all(filters.map((filter) => lastMessage(api, stream, filter)));
        return Math.max(...lasts.map((last) => last?.seq ?? 0));
      },
      each: (message, { streamSequence, storedAt }) => {
        const key = subjectBehind(prefix.length, message);
        const headers = heardHeaders(message);
        if (isDeletion(headers) || !(whole || wanted.has(partitionOfKey(names, key)))) return undefined;
        const first = storedAtIn(headers) ?? storedAt;
        each({ key, value: message.data, revision: streamSequence, storedAt: first });
        return undefined;
      },
      // By an owner before us, whose write was on its way for long.
      replaced: true,
      restarted,
    });
  }

  async read(bucket: Bucket, key: string): Promise<Stored | null> {
    return this.#stored(
      bucket,
      await lastMessage(this.#deps.api, this.#stream(bucket), this.#subject(bucket, key)),
    );
  }

  async lastRevision(bucket: Bucket, key: string): Promise<number> {
    const last = await lastMessage(this.#deps.api, this.#stream(bucket), this.#subject(bucket, key));
    return last?.seq ?? 0;
  }

  async readRevision(bucket: Bucket, key: string, revision: number): Promise<Stored | null> {
    const message = await messageAt(this.#deps.api, this.#stream(bucket), revision);
    return message?.subject === this.#subject(bucket, key) ? this.#stored(bucket, message) : null;
  }

  async readRevisions(bucket: Bucket, wanted: readonly Revision[]): Promise<(Stored | null)[]> {
    const found: (Stored | null)[] = [];
    const left = wanted.entries();
    const readOn = async (): Promise<void> => {
      for (const [place, revision] of left) found[place] = await this.#revision(bucket, revision);
    };
    await Promise.all(Array.from({ length: Math.min(READING_MAX, wanted.length) }, readOn));
    return found;
  }

  /** What no replica can show, the leader knows. */
  async #revision(bucket: Bucket, { key, revision }: Revision): Promise<Stored | null> {
    const direct = await this.#direct.ask(this.#stream(bucket), revision);
    if (direct === null) return this.readRevision(bucket, key, revision);
    const { subject, headers, data, time } = direct;
    if (subject !== this.#subject(bucket, key) || isDeletion(headers)) return null;
    return { key, value: data, revision, storedAt: storedAtIn(headers) ?? Date.parse(time) };
  }

  write(bucket: Bucket, key: string, value: string, expected: number | null, guard: Guard): Promise<Written> {
    return expected === 0
      ? this.#create(bucket, key, value, guard)
      : this.#put(bucket, key, value, expected, guard);
  }

  /** A mark of a deletion is a last message too: on top of one, the key does not exist. */
  async #create(bucket: Bucket, key: string, value: string, guard: Guard): Promise<Written> {
    const written = await this.#put(bucket, key, value, 0, guard);
    if (written.kind !== "stale") return written;
    const last = await lastMessage(this.#deps.api, this.#stream(bucket), this.#subject(bucket, key));
    if (last !== null && !isMarker(last)) return written;
    return this.#put(bucket, key, value, last?.seq ?? 0, guard);
  }

  async purge(bucket: Bucket, key: string, expected: number | null, guard: Guard): Promise<Written> {
    const headers = {
      "KV-Operation": "PURGE",
      "Nats-Rollup": "sub",
      "Nats-TTL": MARKER_TTL,
      ...(expected === null ? {} : { [EXPECTED]: String(expected) }),
    };
    return written(await this.#ship(bucket, key, "", headerBlock(null, headers), guard));
  }

  #put(bucket: Bucket, key: string, value: string, expected: number | null, guard: Guard): Promise<Written> {
    const headers = expected === null ? "" : headerBlockOf(EXPECTED, expected);
    return this.#ship(bucket, key, value, headers, guard).then(written);
  }

  #ship(bucket: Bucket, key: string, data: string, headers: string, guard: Guard): Promise<Outcome> {
    return this.#deps.inbox.ship({
      subject: this.#subject(bucket, key),
      data,
      headers,
      lane: OWN_LANE,
      guard,
      patienceMs: null,
    });
  }

  #filters(bucket: Bucket, wanted: ReadonlySet<number>): string[] {
    const { keys } = this.#deps.names;
    if (wanted.size === this.#partitions) return [this.#subject(bucket, ">")];
    const patterns = [...wanted].flatMap((partition) => {
      const schedules = keys.schedulesOf(partition);
      return bucket === "state" ? [schedules, keys.term.build({ partition })] : [schedules];
    });
    return patterns.map((pattern) => this.#subject(bucket, pattern));
  }

  #stored(bucket: Bucket, message: StoredMessage | null): Stored | null {
    if (message === null || isMarker(message)) return null;
    return {
      key: message.subject.slice(this.#subject(bucket, "").length),
      value: dataOf(message),
      revision: message.seq,
      storedAt: storedAtIn(headersOf(message)) ?? Date.parse(message.time),
    };
  }

  #subject(bucket: Bucket, key: string): string {
    const { keys, buckets } = this.#deps.names;
    return keys.subject(buckets[bucket], key);
  }

  #stream(bucket: Bucket): string {
    const { keys, buckets } = this.#deps.names;
    return keys.stream(buckets[bucket]);
  }
}

function written(outcome: Outcome): Written {
  switch (outcome.kind) {
    case "stored":
      return { kind: "written", revision: outcome.sequence };
    case "stale":
    case "refused":
      return outcome;
    case "unknown":
      throw new Error("a write waits without limit and cannot run out of patience");
  }
}

function isDeletion(headers: HeardHeaders): boolean {
  const operation = headers.get("KV-Operation");
  return operation === "DEL" || operation === "PURGE" || headers.get("Nats-Marker-Reason") !== null;
}

/** NaN for a key of another kind. */
function partitionOfKey({ keys }: Names, key: string): number {
  const partition = (keys.schedule.parse(key) ?? keys.term.parse(key))?.partition;
  return partition === undefined ? Number.NaN : Number(partition);
}
