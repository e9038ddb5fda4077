/**
 * What is stored of the partitions that are taken over, put into their loops. States come first, which say enough of their definitions
 * for the schedules to be held cold. Where all of it may be opened, the definitions follow, and all of it is opened; they do not come at
 * the same time, since a server that sends two buckets at once drops whoever reads slower. Else only what owes something is read, and what
 * an older version wrote, which says nothing.
 */

import { isName, type Outline, partitionOf, type StateRecord } from "@carillon/contracts";
import { stateWakeAt, wakeAt } from "../domain/schedule.ts";
import { type Place as Counted, placeOf } from "./census.ts";
import { CommonTexts } from "./common-texts.ts";
import type { Held } from "./held.ts";
import type { Partition } from "./partition.ts";
import type { WorkerContext } from "./partition-context.ts";
import { pause } from "./pause.ts";
import { Abandoned, type Bucket, type Stored } from "./ports.ts";
import type { Opened, RecordFault } from "./records.ts";
import { type RestingState, restingState } from "./resting-state.ts";
import type { ServerClock } from "./server-clock.ts";
import type { Shelf } from "./shelf.ts";

export interface LoadingDeps extends Pick<WorkerContext, "names" | "clock" | "store" | "records"> {
  /** How many there are in the installation. */
  partitions: number;
  /** Schedules that may be opened. */
  room: number;
  /** False: everything that was to be filled is over. */
  wanted(): boolean;
}

/** Schedules that are read at once. */
const BATCH_MAX = 256;

/** How long schedules are opened before others have a turn. */
const SLICE_MS = 20;

/** Where a key belongs. */
interface Place {
  shelf: Shelf;
  key: string;
  tenant: string;
}

export class Loading {
  readonly #deps: LoadingDeps;
  readonly #loops: ReadonlyMap<number, Pick<Partition, "shelf">>;
  readonly #serverNow: ServerClock;
  /** One string for all schedules of a tenant, of a creator, of a type. */
  readonly #texts = new CommonTexts();
  /** As long as they are so few that all may be opened; else null. */
  #states: Map<string, Stored> | null = new Map();
  readonly #unreadable = new Map<string, { place: Place; fault: RecordFault; revision: number }>();
  /** Cold, and to be read. */
  readonly #wanting = new Map<Held, Place>();
  readonly #ages = new Map<Held, number>();

  constructor(
    deps: LoadingDeps,
    loops: ReadonlyMap<number, Pick<Partition, "shelf">>,
    serverNow: ServerClock,
  ) {
    this.#deps = deps;
    this.#loops = loops;
    this.#serverNow = serverNow;
  }

  /** Returns how long ago each state that owes something was stored. Throws Abandoned where nobody waits for it any more. */
  async run(): Promise<ReadonlyMap<Held, number>> {
    this.#assertWanted();
    const partitions = [...this.#loops.keys()];
    await this.#deps.store.load(
      "state",
      partitions,
      (stored) => this.#enter(stored),
      () => this.#forget(),
    );
    for (const { place, fault, revision } of this.#unreadable.values())
      place.shelf.setAside(place, fault, revision);
    if (this.#states === null) await this.#readWanting();
    else await this.#openAll(this.#states, await this.#definitions(partitions));
    return this.#ages;
  }

  /** A key that is written meanwhile comes again. */
  #enter(stored: Stored): void {
    const { key, revision } = stored;
    const place = this.#placeOf("state", key);
    if (place === null) return;
    if (this.#unreadable.size > 0) this.#unreadable.delete(key);
    const resting = restingState(stored.value);
    const state =
      resting === null ? this.#deps.records.inspectState(stored) : ({ ok: true, record: resting } as const);
    if (!state.ok) {
      this.#unreadable.set(key, { place, fault: state.fault, revision });
      return;
    }
    this.#shelve(place, state.record, revision);
    if (this.#states?.set(key, stored) && this.#states.size > this.#deps.room) this.#states = null;
  }

  #shelve(place: Place, state: RestingState, revision: number): void {
    const { revision: definition, status, owed } = state;
    const outline = state.outline?.revision === definition ? state.outline : null;
    const held = place.shelf.addCold(place, {
      revision,
      definition,
      place: outline && this.#counted(place.tenant, status, outline),
      at: outline && stateWakeAt(state, outline.keepSeconds),
    });
    if (outline === null || owed.length > 0) this.#wanting.set(held, place);
    else if (this.#wanting.size > 0) this.#wanting.delete(held);
  }

  #counted(tenant: string, status: StateRecord["status"], { createdBy, type }: Outline): Counted {
    return { tenant, creator: this.#shared(createdBy), type: this.#shared(type), status };
  }

  /** The load begins anew. */
  #forget(): void {
    this.#unreadable.clear();
    this.#wanting.clear();
    if (this.#states !== null) this.#states = new Map();
  }

  /** By key, the last ones: the revision that a state names decides, and is nearly always this. */
  async #definitions(partitions: readonly number[]): Promise<ReadonlyMap<string, Stored>> {
    const definitions = new Map<string, Stored>();
    await this.#deps.store.load(
      "schedules",
      partitions,
      (stored) => void definitions.set(stored.key, stored),
    );
    for (const key of definitions.keys()) this.#placeOf("schedules", key);
    return definitions;
  }

  async #openAll(
    states: ReadonlyMap<string, Stored>,
    definitions: ReadonlyMap<string, Stored>,
  ): Promise<void> {
    const { clock, records } = this.#deps;
    let sliceMs = clock.monotonicMs();
    for (const [key, stored] of states) {
      const place = this.#unreadable.has(key) ? null : this.#placeOf("state", key);
      if (place === null) continue;
      const opened = await records.inspect(stored, definitions.get(key));
      if (opened.ok) this.#add(place, stored, opened);
      else place.shelf.setAside(place, opened.fault, stored.revision);
      if (clock.monotonicMs() - sliceMs < SLICE_MS) continue;
      await pause(clock, 0);
      this.#assertWanted();
      sliceMs = clock.monotonicMs();
    }
  }

  async #readWanting(): Promise<void> {
    const wanting = [...this.#wanting];
    for (let from = 0; from < wanting.length; from += BATCH_MAX) {
      this.#assertWanted();
      const batch = wanting.slice(from, from + BATCH_MAX);
      const read = await this.#deps.records.openAll(batch.flatMap(([{ shelved }]) => shelved ?? []));
      for (const [index, [held, place]] of batch.entries())
        await this.#settle(held, place, read[index] ?? null);
    }
  }

  /** Where it was written meanwhile, whatever stands there now counts; where it is gone, whoever asks for it finds that out. */
  async #settle(held: Held, place: Place, read: { stored: Stored; opened: Opened } | null): Promise<void> {
    const { store, records } = this.#deps;
    const stored = read?.stored ?? (await store.read("state", held.key));
    if (stored === null) return;
    const opened = read?.opened ?? (await records.inspect(stored));
    if (!opened.ok) return place.shelf.setAside(place, opened.fault, stored.revision);
    const { state, timeline } = opened.schedule;
    if (state.owed.length > 0 || timeline.fault !== null) this.#add(place, stored, opened);
    else
      place.shelf.addCold(place, {
        revision: stored.revision,
        definition: state.revision,
        place: placeOf(opened.schedule),
        at: wakeAt(opened.schedule),
      });
  }

  #add(place: Place, stored: Stored, { schedule }: Extract<Opened, { ok: true }>): void {
    const held = place.shelf.add(place, schedule, stored.revision);
    if (schedule.state.owed.length > 0)
      this.#ages.set(held, Math.max(1, this.#serverNow() - stored.storedAt));
  }

  /** It may take a minute, and who asked for it may take it over anew meanwhile. */
  #assertWanted(): void {
    if (!this.#deps.wanted()) throw new Abandoned("what is loaded was lost meanwhile");
  }

  /** Null: none of ours; told where no schedule can have this key, or not in this partition. */
  #placeOf(bucket: Bucket, key: string): Place | null {
    const parsed = this.#deps.names.keys.schedule.parse(key);
    if (parsed === null || !isName(parsed.tenant) || !isName(parsed.scheduleId))
      return this.#stray(bucket, key);
    const { tenant, scheduleId } = parsed;
    const partition = partitionOf(tenant, scheduleId, this.#deps.partitions);
    if (String(partition) !== parsed.partition) return this.#stray(bucket, key);
    const shelf = this.#loops.get(partition)?.shelf;
    return shelf === undefined ? null : { shelf, key, tenant: this.#shared(tenant) };
  }

  #shared(text: string): string {
    return this.#texts.of(text) ?? text;
  }

  #stray(bucket: Bucket, key: string): null {
    const { keys } = this.#deps.names;
    if (keys.term.parse(key) === null && key !== keys.installation)
      this.#deps.records.report(key, { bucket, message: "no schedule can have this key" });
    return null;
  }
}
