/**
 * The owner of partitions: takes them over, holds them, hands them on. Takeover goes in this order: term (whoever comes later is told
 * apart), consumers of the term (what a predecessor left unacknowledged comes again, in order), load, repair of what is owed, and only
 * then inputs and clock.
 */

import { isName, partitionOf } from "@carillon/contracts";
import type { EpochMs } from "../domain/instant.ts";
import type { Census } from "./census.ts";
import type { Held } from "./held.ts";
import { Partition } from "./partition.ts";
import type { WorkerContext } from "./partition-context.ts";
import { Abandoned, type Bucket, type Guard, type Inbox, type InboxReader, type Stored } from "./ports.ts";
import { type ServerClock, serverClock } from "./server-clock.ts";
import { raiseTerm, type Term } from "./terms.ts";

export interface OwnerDeps extends WorkerContext {
  inbox: Inbox;
  census: Census;
  worker: string;
  partitions: readonly number[];
  /** How many there are in the installation. */
  partitionsTotal: number;
  guard: Guard;
  /** A partition cannot go on; called at most once a partition. */
  ended(partition: number, error: unknown): void;
}

export class Owner {
  readonly #deps: OwnerDeps;
  readonly #partitions = new Map<number, Partition>();
  #ended = false;

  private constructor(deps: OwnerDeps) {
    this.#deps = deps;
  }

  /** Throws TermOver when another worker was faster, and Abandoned when the lease ran out meanwhile. */
  static async takeOver(deps: OwnerDeps): Promise<Owner> {
    const startedMs = deps.clock.monotonicMs();
    const owner = new Owner(deps);
    try {
      const serverNow = await serverClock(deps);
      await Promise.all(deps.partitions.map((partition) => owner.#begin(partition, serverNow)));
      const ages = await owner.#load(serverNow);
      for (const partition of owner.#partitions.values()) partition.open((held) => ages.get(held) ?? 0);
    } catch (error) {
      owner.end();
      throw error;
    }
    owner.#tellDone(startedMs);
    return owner;
  }

  async #begin(partition: number, serverNow: ServerClock): Promise<void> {
    const { inbox, census, guard } = this.#deps;
    const term = await raiseTerm(this.#deps, partition);
    const readers = await this.#openReaders(partition, term);
    if (this.#ended) {
      for (const reader of readers) void reader.close();
      throw new Abandoned(`the takeover of partition ${partition} was given up`);
    }
    this.#partitions.set(
      partition,
      new Partition(this.#deps, {
        partition,
        term: term.term,
        guard,
        serverNow,
        inbox: inbox.createdAt,
        readers,
        suspect: term.suspect,
        note: term.note,
        census,
        ended: (error) => this.#deps.ended(partition, error),
      }),
    );
  }

  /** What matched no form is refused by the owner of partition 0. */
  async #openReaders(partition: number, { term }: Term): Promise<InboxReader[]> {
    const { inbox } = this.#deps;
    const own = inbox.open(partition, term);
    return Promise.all(partition === 0 ? [own, inbox.open(null, term)] : [own]);
  }

  /** Every schedule of the partitions; returns how long ago each state that owes something was stored. */
  async #load(serverNow: ServerClock): Promise<ReadonlyMap<Held, number>> {
    const { store, partitions } = this.#deps;
    const definitions = new Map<string, Stored>();
    await store.load("schedules", partitions, (stored) => void definitions.set(stored.key, stored));
    const states = new Map<string, Stored>();
    await store.load("state", partitions, (stored) => void states.set(stored.key, stored));
    for (const { key } of definitions.values())
      if (this.#addressOf(key) === null) this.#stray("schedules", key);
    const ages = new Map<Held, number>();
    for (const stored of states.values()) {
      const held = await this.#open(stored, definitions.get(stored.key) ?? null);
      if (held?.schedule?.state.owed.length) ages.set(held, Math.max(1, serverNow() - stored.storedAt));
    }
    return ages;
  }

  async #open(stored: Stored, latest: Stored | null): Promise<Held | null> {
    const address = this.#addressOf(stored.key);
    if (address === null) return this.#stray("state", stored.key);
    const partition = this.#partitions.get(address.partition);
    if (partition === undefined) return null;
    const opened = await this.#deps.records.inspect(stored, latest);
    const place = { ...address, key: stored.key };
    if (opened.ok) return partition.add(place, opened.schedule, stored.revision);
    partition.setAside(place, opened.fault, stored.revision);
    return null;
  }

  /** Null: no schedule can have this key, or not in this partition. */
  #addressOf(key: string): { partition: number; tenant: string; scheduleId: string } | null {
    const place = this.#deps.names.keys.schedule.parse(key);
    if (place === null || !isName(place.tenant) || !isName(place.scheduleId)) return null;
    const partition = partitionOf(place.tenant, place.scheduleId, this.#deps.partitionsTotal);
    return String(partition) === place.partition ? { ...place, partition } : null;
  }

  #stray(bucket: Bucket, key: string): null {
    const { keys } = this.#deps.names;
    if (keys.term.parse(key) === null && key !== keys.installation)
      this.#deps.records.report(key, { bucket, message: "no schedule can have this key" });
    return null;
  }

  #tellDone(startedMs: number): void {
    const { clock, tell, census } = this.#deps;
    const tookMs = clock.monotonicMs() - startedMs;
    tell({ kind: "takeover.done", partitions: this.#partitions.size, schedules: census.total, tookMs });
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** Those that may be spoken for now. */
  speaking(): (readonly [partition: number, Partition])[] {
    return [...this.#partitions].filter(([, { speaking }]) => speaking);
  }

  gauges(now: EpochMs): { backlog: number; nextAt: EpochMs | null; running: ReadonlyMap<string, number> } {
    const running = new Map<string, number>();
    let backlog = 0;
    let nextAt: EpochMs | null = null;
    for (const partition of this.#partitions.values()) {
      const gauges = partition.gauges(now);
      backlog += gauges.backlog;
      for (const [type, count] of gauges.running) running.set(type, (running.get(type) ?? 0) + count);
      if (gauges.nextAt !== null) nextAt = Math.min(nextAt ?? gauges.nextAt, gauges.nextAt);
    }
    return { backlog, nextAt, running };
  }

  /** A planned end: everything in flight ends or is owed, and is stored. */
  async close(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.close()));
  }

  /** At once. */
  end(): void {
    this.#ended = true;
    for (const partition of this.#partitions.values()) partition.end();
  }
}
