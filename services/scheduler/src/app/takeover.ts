/**
 * Takes partitions over whose leases are held, in this order: term (whoever comes later is told apart), consumers of the term (what a
 * predecessor left unacknowledged comes again, in order), load, repair of what is owed, and only then inputs and clock.
 */

import type { Census } from "./census.ts";
import { Loading } from "./loading.ts";
import { Partition } from "./partition.ts";
import type { WorkerContext } from "./partition-context.ts";
import { pause } from "./pause.ts";
import { Abandoned, type Inbox, type InboxReader } from "./ports.ts";
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
    const serverNow = await serverClock(deps);
    await deps.ground.assertUnchanged();
    const begun = await Promise.all(tenures.map((tenure) => begin(deps, tenure, serverNow)));
    const loops = new Map(begun.flatMap((loop) => (loop === null ? [] : [loop])));
    if (loops.size === 0) return;
    const ages = await new Loading(deps, loops, serverNow).run();
    for (const loop of loops.values()) {
      loop.open((held) => ages.get(held) ?? 0);
      await pause(deps.clock, 0);
    }
    const schedules = [...loops.values()].reduce((count, loop) => count + loop.shelf.size, 0);
    const tookMs = deps.clock.monotonicMs() - startedMs;
    deps.tell({ kind: "takeover.done", partitions: [...loops.keys()], schedules, tookMs });
  } catch (error) {
    for (const tenure of tenures) tenure.fail(error);
  }
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
