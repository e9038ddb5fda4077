/**
 * What this worker owns, as it is told to whoever asks: a part of a list, or totals. Schedules are looked at in slices, one list at a
 * time, so that commands and the clock have their turns in between; what comes too late for whoever waits is not begun.
 */

import type {
  ListBody,
  OwnedPartition,
  PageAnswer,
  PageEntry,
  StandingAnswer,
  WorkerSettings,
} from "@carillon/contracts";
import { readCursor } from "../domain/cursor.ts";
import { Front } from "../domain/front.ts";
import { type EpochMs, formatInstant } from "../domain/instant.ts";
import { cut, entryOf, LIMIT_DEFAULT } from "../domain/page.ts";
import { earliest, type Schedule } from "../domain/schedule.ts";
import { type Selector, selectorOf } from "../domain/selector.ts";
import type { Held } from "./held.ts";
import type { Partition } from "./partition.ts";
import { pause } from "./pause.ts";
import type { Clock, Peers } from "./ports.ts";
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
  settings(): WorkerSettings;
  /** Schedules that are held. */
  count(): number;
}

interface Candidate {
  scheduleId: string;
  /** Null: its record cannot be read. */
  schedule: Schedule | null;
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
    const { limit = LIMIT_DEFAULT, cursor = null, full = false } = body;
    const front = new Front<Candidate>({ limit, after: cursor === null ? null : readCursor(cursor) });
    const held = partitions.map((partition) => partition.schedules());
    if (!(await this.#each(held, (one) => consider(front, one, tenant, selector.value), untilMs)))
      return null;
    const { items, more } = front.first();
    const shown = cut(entriesOf(items, full), this.#deps.peers.messageBytesMax());
    // Whoever lost a partition meanwhile has not seen what its next owner did.
    const still = new Set(this.#deps.worker.speaking());
    const named = partitions.filter((partition) => still.has(partition)).map(owned);
    return { v: 1, partitions: named, entries: shown.entries, more: more || shown.cut };
  }

  /** True: all were looked at in time. */
  async #each(
    several: readonly Iterable<Held>[],
    look: (held: Held) => void,
    untilMs: number,
  ): Promise<boolean> {
    const { clock } = this.#deps;
    let sliceMs = clock.monotonicMs();
    let count = 0;
    if (sliceMs > untilMs) return false;
    for (const helds of several) {
      for (const held of helds) {
        look(held);
        if (++count % LOOK_EVERY > 0 || clock.monotonicMs() - sliceMs < SLICE_MS) continue;
        await pause(clock, 0);
        sliceMs = clock.monotonicMs();
        if (sliceMs > untilMs) return false;
      }
    }
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

function consider(front: Front<Candidate>, held: Held, tenant: string, selector: Selector): void {
  const { scheduleId, schedule, setAside } = held;
  if (held.tenant !== tenant || !front.wants(scheduleId)) return;
  if (setAside) front.add({ scheduleId, schedule: null });
  else if (schedule !== null && selector(schedule)) front.add({ scheduleId, schedule });
}

function* entriesOf(candidates: readonly Candidate[], full: boolean): Generator<PageEntry> {
  for (const { scheduleId, schedule } of candidates) yield entryOf(scheduleId, schedule, full);
}
