/**
 * The workers of the installation as their heartbeats show them, and our own heartbeat. What others say is at most a heartbeat old, and
 * nothing here is a right: who may act is a matter of leases and terms.
 */

import { type Heartbeat, isHeartbeat, parseJson, type WorkerSettings } from "@carillon/contracts";
import type { Cancel, Clock, Heartbeats } from "./ports.ts";
import type { Tell } from "./signals.ts";

/** A heartbeat is repeated so often in its life, besides when something changes. */
const BEATS = 5;

/**
 * A worker whose heartbeat is gone counts for so long still where ours was missed too: after an outage of the server all come back within
 * that time.
 */
export const GONE_GRACE_MS = 1_000;

/** What a worker says of itself. */
export type Own = Pick<Heartbeat, "state" | "partitions">;

export interface RosterDeps {
  clock: Clock;
  heartbeats: Heartbeats;
  tell: Tell;
  /** Who we are. */
  worker: string;
  /** How long a heartbeat that is not repeated is believed. */
  ttlMs: number;
  settings(): WorkerSettings;
}

interface Other {
  heartbeat: Heartbeat;
  /** Ask whether it lives. */
  asking: ((lives: boolean) => void)[];
  /** Calls off its being forgotten; null: its heartbeat is there. */
  fading: Cancel | null;
}

export class Roster {
  readonly #deps: RosterDeps;
  readonly #others = new Map<string, Other>();
  #own: () => Own = () => ({ state: "unfit", partitions: [] });
  readonly #listeners: (() => void)[] = [];
  #beating: Promise<void> | null = null;
  #again = false;
  #ended = false;
  #cancelBeat: Cancel = () => {};
  #stopWatching: Cancel = () => {};
  #differences = "";
  /** Since when (monotonic) every heartbeat of ours has been stored, and when the last one was sent that was. */
  #steady = { sinceMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };

  constructor(deps: RosterDeps) {
    this.#deps = deps;
  }

  /** Resolves once the others are known that were there. `changed`: what is known of them is no longer the same. */
  async start(own: () => Own, changed: () => void): Promise<void> {
    this.#own = own;
    this.onChange(changed);
    this.announce();
    this.#stopWatching = await this.#deps.heartbeats.watch((worker, text) => this.#hear(worker, text));
    if (this.#ended) this.#stopWatching();
  }

  /** Calls back whenever `changed` is. */
  onChange(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /** Says at once how we are now. */
  announce(): void {
    if (this.#beating === null) this.#beating = this.#beat().finally(() => this.#rest());
    else this.#again = true;
  }

  /** Names of the others that may own partitions. */
  ready(): string[] {
    return [...this.#others].filter(([, { heartbeat }]) => heartbeat.state === "ready").map(([name]) => name);
  }

  /** Partitions that others say they hold. */
  held(): ReadonlySet<number> {
    return new Set([...this.#others.values()].flatMap(({ heartbeat }) => heartbeat.partitions));
  }

  /** Whether this is one of the others, as far as is known. */
  has(worker: string): boolean {
    return this.#others.has(worker);
  }

  /**
   * Whether one of the others lives: heard again, or gone. Until then one that was killed looks as if it lived, and its leases may have run
   * out before. Who is neither, since nothing is heard, counts as alive.
   */
  lives(worker: string): Promise<boolean> {
    const { clock, ttlMs } = this.#deps;
    const other = this.#others.get(worker);
    if (other === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const giveUp = clock.after(ttlMs + GONE_GRACE_MS, () => resolve(true));
      other.asking.push((lives) => {
        giveUp();
        resolve(lives);
      });
    });
  }

  /** How many others live. */
  get size(): number {
    return this.#others.size;
  }

  /** Settings in which workers differ that should be the same for all, by name. */
  differences(): (keyof WorkerSettings)[] {
    const own = this.#deps.settings();
    const others = [...this.#others.values()].map(({ heartbeat }) => heartbeat.settings);
    const names = Object.keys(own) as (keyof WorkerSettings)[];
    return names.filter((name) => others.some((settings) => settings[name] !== own[name]));
  }

  /** We are gone, and the others know at once; for us there are no others any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#cancelBeat();
    this.#stopWatching();
    for (const worker of [...this.#others.keys()]) this.#forget(worker);
    this.#changed();
    await this.#beating;
    // What was still to be said is said, or the others take us for dead and wait.
    if (this.#again) await this.#beat();
    await this.#deps.heartbeats.end(this.#deps.worker);
  }

  async #beat(): Promise<void> {
    const { heartbeats, clock, worker, ttlMs, settings } = this.#deps;
    this.#cancelBeat();
    const heartbeat: Heartbeat = { v: 1, worker, ...this.#own(), settings: settings() };
    const lastMs = clock.monotonicMs();
    const before = this.#isBeating(lastMs) ? this.#steady.sinceMs : Number.POSITIVE_INFINITY;
    const stored = await heartbeats.beat(worker, JSON.stringify(heartbeat), ttlMs);
    if (stored) this.#steady = { sinceMs: Math.min(before, lastMs), lastMs };
    else this.#steady.sinceMs = Number.POSITIVE_INFINITY;
  }

  /** None of ours is missing: neither the server was away, nor were we. */
  #isBeating(nowMs: number): boolean {
    return nowMs - this.#steady.lastMs < (2 * this.#deps.ttlMs) / BEATS;
  }

  /** That has been so for as long as a heartbeat lives: whoever lives could be heard. */
  #isSteady(): boolean {
    const nowMs = this.#deps.clock.monotonicMs();
    return this.#isBeating(nowMs) && nowMs - this.#steady.sinceMs >= this.#deps.ttlMs;
  }

  #rest(): void {
    this.#beating = null;
    if (this.#ended) return;
    if (this.#again) {
      this.#again = false;
      this.announce();
    } else this.#cancelBeat = this.#deps.clock.after(this.#deps.ttlMs / BEATS, () => this.announce());
  }

  #hear(worker: string, text: string | null): void {
    if (this.#ended) return;
    if (worker === this.#deps.worker) {
      // Ours ran out while nobody heard us.
      if (text === null) this.announce();
      return;
    }
    const before = this.#others.get(worker);
    if (text === null) this.#fade(worker, before);
    else this.#note(worker, before, text);
    this.#compare();
  }

  #note(worker: string, before: Other | undefined, text: string): void {
    const parsed = parseJson(text);
    if (!parsed.ok || !isHeartbeat(parsed.value)) return;
    before?.fading?.();
    for (const answer of before?.asking ?? []) answer(true);
    this.#others.set(worker, { heartbeat: parsed.value, asking: [], fading: null });
    if (before === undefined || !says(before.heartbeat, parsed.value)) this.#changed();
  }

  #fade(worker: string, other: Other | undefined): void {
    if (other === undefined || other.fading !== null) return;
    const forget = (): void => {
      this.#forget(worker);
      this.#compare();
      this.#changed();
    };
    if (other.heartbeat.state === "leaving" || this.#isSteady()) forget();
    else other.fading = this.#deps.clock.after(GONE_GRACE_MS, forget);
  }

  #forget(worker: string): void {
    const { fading, asking } = this.#others.get(worker) ?? { fading: null, asking: [] };
    fading?.();
    this.#others.delete(worker);
    for (const answer of asking) answer(false);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #compare(): void {
    const fields = this.differences();
    const text = fields.join(" ");
    if (text === this.#differences) return;
    this.#differences = text;
    this.#deps.tell({ kind: "workers.differ", fields });
  }
}

/** Whether a heartbeat says of partitions what another one said. */
const says = (one: Heartbeat, other: Heartbeat): boolean =>
  one.state === other.state && String(one.partitions) === String(other.partitions);
