/**
 * Takes partitions over whose leases are held, in this order: term (whoever comes later is told apart), consumers of the term (what a
 * predecessor left unacknowledged comes again, in order), load, repair of what is owed, and only then inputs and clock. A part of what is
 * there is loaded in shares, each of which opens as soon as it is there, so that not all of them wait for the last schedule.
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
  /** Whether a worker lives; the one that asks is among them. */
  lives(worker: string): Promise<boolean>;
  /** How many there are in the installation. */
  partitions: number;
}

/** Each is a pass over the bucket, and all of them together take no longer than one. */
const SHARES = 8;

/**
 * Schedules that a takeover opens at most, at some 80 µs each. Whoever may keep more of them warm has them cold at first: states alone are
 * there ten times as fast, and while a worker opens half a million it fires nothing, and may lose its leases anew.
 */
export const OPENED_MAX = 50_000;

/** What goes wrong ends the tenures concerned, and only those. */
export async function takeOver(deps: TakeoverDeps, tenures: readonly Tenure[]): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const open = new Set<number>();
  try {
    const serverNow = await serverClock(deps);
    await deps.ground.assertUnchanged();
    const begun = await Promise.all(tenures.map((tenure) => begin(deps, tenure, serverNow)));
    const loops = new Map(begun.flatMap((loop) => (loop === null ? [] : [loop])));
    if (loops.size === 0) return;
    let left = loops.size;
    for (const share of sharesOf(loops, deps.partitions)) {
      const room = Math.min((deps.warmSet.room * share.size) / left, (OPENED_MAX * share.size) / loops.size);
      const holders = tenures.filter(({ partition }) => share.has(partition));
      const wanted = (): boolean => holders.some(({ guard }) => guard());
      const loading = new Loading({ ...deps, room, wanted }, share, serverNow);
      await openLoaded(deps, share, loading, open).catch((error: unknown) => {
        // Whoever lost these may hold the others yet.
        if (!(error instanceof Abandoned)) throw error;
        for (const tenure of holders) tenure.fail(error);
      });
      left -= share.size;
    }
    tellTaken(deps, loops, startedMs);
  } catch (error) {
    for (const tenure of tenures) if (!open.has(tenure.partition)) tenure.fail(error);
  }
}

/** Adds to `open` what it opens. */
async function openLoaded(
  { clock }: TakeoverDeps,
  share: ReadonlyMap<number, Partition>,
  loading: Loading,
  open: Set<number>,
): Promise<void> {
  const ages = await loading.run();
  for (const [partition, loop] of share) {
    loop.open((held) => ages.get(held) ?? 0);
    open.add(partition);
    await pause(clock, 0);
  }
}

/** Of what was not lost meanwhile. */
function tellTaken({ clock, tell }: TakeoverDeps, loops: ReadonlyMap<number, Partition>, startedMs: number) {
  const taken = [...loops].filter(([, loop]) => loop.speaking);
  if (taken.length === 0) return;
  const partitions = taken.map(([partition]) => partition);
  const schedules = taken.reduce((count, [, loop]) => count + loop.shelf.size, 0);
  tell({ kind: "takeover.done", partitions, schedules, tookMs: clock.monotonicMs() - startedMs });
}

/** Everything there is comes fastest in one pass without a filter, which also finds what lies astray. */
function sharesOf(loops: ReadonlyMap<number, Partition>, partitions: number): Map<number, Partition>[] {
  if (loops.size === partitions) return [new Map(loops)];
  const all = [...loops];
  const size = Math.ceil(all.length / SHARES);
  return Array.from(
    { length: Math.ceil(all.length / size) },
    (_, n) => new Map(all.slice(n * size, (n + 1) * size)),
  );
}

/** Null: it failed, and the tenure is over. */
async function begin(
  deps: TakeoverDeps,
  tenure: Tenure,
  serverNow: ServerClock,
): Promise<[partition: number, Partition] | null> {
  const { partition, guard } = tenure;
  try {
    const aim = (next: number): void => tenure.aim(next);
    const term = await raiseTerm({ ...deps, guard, aim }, partition);
    const readers = await openReaders(deps.inbox, partition, term.term);
    const loop = new Partition(deps, {
      ...term,
      partition,
      guard,
      serverNow,
      inbox: deps.inbox.createdAt,
      readers,
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
