/**
 * What this worker owns, as it is told to whoever asks: a part of a list, or totals. Schedules are looked at in slices, one list at a
 * time, so that commands and the clock have their turns in between; what comes too late for whoever waits is not begun. Cold ones are
 * passed over where a glimpse is enough, and else read, many at a time, without being kept.
 */

import type {
  ListBody,
  OwnedPartition,
  PageAnswer,
  PageEntry,
  StandingAnswer,
  WorkerSettings,
} from "@carillon/contracts";
import { type EpochMs, formatInstant } from "../domain/instant.ts";
import { cut, entryOf } from "../domain/page.ts";
import { earliest } from "../domain/schedule.ts";
import { selectorOf } from "../domain/selector.ts";
import type { Held } from "./held.ts";
import type { Partition } from "./partition.ts";
import { pause } from "./pause.ts";
import type { Clock, Peers } from "./ports.ts";
import type { Records } from "./records.ts";
import { type Found, Search } from "./search.ts";
import type { Worker } from "./worker.ts";

/** How long schedules are looked at before others have a turn. */
const SLICE_MS = 2;

/** Schedules between two looks at the clock. */
const LOOK_EVERY = 128;

/** Lists that may wait for their turn; a further one gets no answer, since it would come too late. */
const WAITING_MAX = 256;

export interface HoldingsDeps {
  clock: Clock;
  peers: Pick<Peers, "messageBytesMax">;
  worker: Pick<Worker, "speaking" | "role">;
  /** Who we are. */
  name: string;
  records: Pick<Records, "currentAll">;
  settings(): WorkerSettings;
  /** Schedules that are held. */
  count(): number;
}

export class Holdings {
  readonly #deps: HoldingsDeps;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: HoldingsDeps) {
    this.#deps = deps;
  }

  /** Null: nothing is owned here, or there was no time until `untilMs` (monotonic). */
  page(tenant: string, body: ListBody, untilMs: number): Promise<PageAnswer | null> {
    if (this.#waiting >= WAITING_MAX) return Promise.resolve(null);
    this.#waiting++;
    const turn = this.#turn.then(() => this.#look(tenant, body, untilMs)).finally(() => this.#waiting--);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  standing(): StandingAnswer {
    const { clock, worker, name, settings } = this.#deps;
    const { role, sinceAt } = worker.role;
    const { version, tzdata, tenantsFile } = settings();
    const loops = worker.speaking();
    const { backlog, nextAt } = sumOf(loops, clock.now());
    return {
      v: 1,
      worker: { name, version, tzdata, tenantsFile, role, since: formatInstant(sinceAt) },
      partitions: loops.map(owned),
      schedules: this.#deps.count(),
      backlog,
      nextDueAt: nextAt,
    };
  }

  async #look(tenant: string, body: ListBody, untilMs: number): Promise<PageAnswer | null> {
    const selector = selectorOf(body);
    const partitions = this.#deps.worker.speaking();
    if (!selector.ok || partitions.length === 0) return null;
    const search = new Search(this.#deps.records, { tenant, body, selector: selector.value });
    if (!(await this.#each(partitions, search, untilMs))) return null;
    const { items, more } = await search.first();
    const shown = cut(entriesOf(items, body.full ?? false), this.#deps.peers.messageBytesMax());
    // Whoever lost a partition meanwhile has not seen what its next owner did.
    const still = new Set(this.#deps.worker.speaking());
    const named = partitions.filter((partition) => still.has(partition)).map(owned);
    return { v: 1, partitions: named, entries: shown.entries, more: more || shown.cut };
  }

  /** True: all were looked at in time. */
  async #each(partitions: readonly Partition[], search: Search, untilMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    let sliceMs = clock.monotonicMs();
    let count = 0;
    if (sliceMs > untilMs) return false;
    for (const partition of partitions) {
      const wakesAt = (held: Held): EpochMs | null => partition.wakesAt(held);
      for (const held of partition.schedules()) {
        if (search.consider(held, wakesAt)) await search.read();
        if (++count % LOOK_EVERY > 0 || clock.monotonicMs() - sliceMs < SLICE_MS) continue;
        await pause(clock, 0);
        sliceMs = clock.monotonicMs();
        if (sliceMs > untilMs) return false;
      }
    }
    await search.read();
    return true;
  }
}

const owned = ({ partition, term }: Partition): OwnedPartition => ({ partition, term });

export interface Sum {
  backlog: number;
  /** When the next schedule is due; null: none is. */
  nextAt: EpochMs | null;
  /** Executions on their way, by schedule type. */
  running: ReadonlyMap<string, number>;
}

/** What partitions show together. */
export function sumOf(partitions: readonly Partition[], now: EpochMs): Sum {
  const running = new Map<string, number>();
  let backlog = 0;
  let nextAt: EpochMs | null = null;
  for (const partition of partitions) {
    const gauges = partition.gauges(now);
    backlog += gauges.backlog;
    nextAt = earliest(nextAt, gauges.nextAt);
    for (const [type, count] of gauges.running) running.set(type, (running.get(type) ?? 0) + count);
  }
  return { backlog, nextAt, running };
}

function* entriesOf(found: readonly Found[], full: boolean): Generator<PageEntry> {
  for (const { scheduleId, schedule } of found) yield entryOf(scheduleId, schedule, full);
}
