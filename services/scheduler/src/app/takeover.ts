/**
 * Takes partitions over whose leases are held, in this order: term (whoever comes later is told apart), consumers of the term (what a
 * predecessor left unacknowledged comes again, in order), load, repair of what is owed, and only then inputs and clock.
 */

import { isName, partitionOf } from "@carillon/contracts";
import type { Census } from "./census.ts";
import type { Held } from "./held.ts";
import { Partition } from "./partition.ts";
import type { WorkerContext } from "./partition-context.ts";
import { Abandoned, type Bucket, type Inbox, type InboxReader, type Stored } from "./ports.ts";
import { type ServerClock, serverClock } from "./server-clock.ts";
import type { Tenure } from "./tenure.ts";
import { raiseTerm } from "./terms.ts";

export interface TakeoverDeps extends WorkerContext {
  inbox: Inbox;
  census: Census;
  worker: string;
  /** Whether a worker lives, as far as it is known; the one that asks is among them. */
  alive(worker: string): boolean;
  /** How many there are in the installation. */
  partitions: number;
}

/** What goes wrong ends the tenures concerned, and only those. */
export async function takeOver(deps: TakeoverDeps, tenures: readonly Tenure[]): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  try {
    const definitions = definitionsOf(deps, tenures);
    const serverNow = await serverClock(deps);
    await deps.ground.assertUnchanged();
    const begun = await Promise.all(tenures.map((tenure) => begin(deps, tenure, serverNow)));
    const loops = new Map(begun.flatMap((loop) => (loop === null ? [] : [loop])));
    if (loops.size === 0) return;
    const ages = await new Loading(deps, loops).run(await definitions, serverNow);
    for (const loop of loops.values()) loop.open((held) => ages.get(held) ?? 0);
    const schedules = [...loops.values()].reduce((count, loop) => count + loop.size, 0);
    const tookMs = deps.clock.monotonicMs() - startedMs;
    deps.tell({ kind: "takeover.done", partitions: [...loops.keys()], schedules, tookMs });
  } catch (error) {
    for (const tenure of tenures) tenure.fail(error);
  }
}

/**
 * The last definitions, while the rest is under way: nothing depends on when they are read, since a state names the revision that counts.
 * The promise may be left alone.
 */
function definitionsOf(
  { store }: TakeoverDeps,
  tenures: readonly Tenure[],
): Promise<ReadonlyMap<string, Stored>> {
  const definitions = new Map<string, Stored>();
  const partitions = tenures.map(({ partition }) => partition);
  const loaded = store
    .load("schedules", partitions, (stored) => void definitions.set(stored.key, stored))
    .then(() => definitions);
  loaded.catch(() => undefined);
  return loaded;
}

/** Null: it failed, and the tenure is over. */
async function begin(
  deps: TakeoverDeps,
  tenure: Tenure,
  serverNow: ServerClock,
): Promise<[partition: number, Partition] | null> {
  const { partition, guard } = tenure;
  try {
    const { term, suspect, note } = await raiseTerm(
      { ...deps, guard, aim: (next) => tenure.aim(next) },
      partition,
    );
    const readers = await openReaders(deps.inbox, partition, term);
    const loop = new Partition(deps, {
      partition,
      term,
      guard,
      serverNow,
      inbox: deps.inbox.createdAt,
      readers,
      suspect,
      note,
      census: deps.census,
      ended: (error) => tenure.fail(error),
    });
    tenure.begin(loop);
    if (!guard()) throw new Abandoned(`the takeover of partition ${partition} was given up`);
    return [partition, loop];
  } catch (error) {
    tenure.fail(error);
    return null;
  }
}

/** What matched no form is refused by the owner of partition 0. */
async function openReaders(inbox: Inbox, partition: number, term: number): Promise<InboxReader[]> {
  const own = inbox.open(partition, term);
  return Promise.all(partition === 0 ? [own, inbox.open(null, term)] : [own]);
}

/** What is stored of the partitions, put into their loops. */
class Loading {
  readonly #deps: TakeoverDeps;
  readonly #loops: ReadonlyMap<number, Partition>;

  constructor(deps: TakeoverDeps, loops: ReadonlyMap<number, Partition>) {
    this.#deps = deps;
    this.#loops = loops;
  }

  /** Returns how long ago each state that owes something was stored. */
  async run(
    definitions: ReadonlyMap<string, Stored>,
    serverNow: ServerClock,
  ): Promise<ReadonlyMap<Held, number>> {
    const { store } = this.#deps;
    const partitions = [...this.#loops.keys()];
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
    const loop = this.#loops.get(address.partition);
    if (loop === undefined) return null;
    const opened = await this.#deps.records.inspect(stored, latest);
    const place = { ...address, key: stored.key };
    if (opened.ok) return loop.add(place, opened.schedule, stored.revision);
    loop.setAside(place, opened.fault, stored.revision);
    return null;
  }

  /** Null: no schedule can have this key, or not in this partition. */
  #addressOf(key: string): { partition: number; tenant: string; scheduleId: string } | null {
    const place = this.#deps.names.keys.schedule.parse(key);
    if (place === null || !isName(place.tenant) || !isName(place.scheduleId)) return null;
    const partition = partitionOf(place.tenant, place.scheduleId, this.#deps.partitions);
    return String(partition) === place.partition ? { ...place, partition } : null;
  }

  #stray(bucket: Bucket, key: string): null {
    const { keys } = this.#deps.names;
    if (keys.term.parse(key) === null && key !== keys.installation)
      this.#deps.records.report(key, { bucket, message: "no schedule can have this key" });
    return null;
  }
}
