/**
 * A worker's life: find out which partitions are wanted of it, take those that nobody holds, hand on those that are wanted of others, and
 * give up what it lost. All workers come to the same wishes from the same heartbeats, so nobody coordinates them. Leases make ownership
 * efficient; what makes it safe are terms and compare-and-set.
 */

import type { WorkerRole } from "@carillon/contracts";
import type { EpochMs } from "../domain/instant.ts";
import { wantedFor } from "../domain/rendezvous.ts";
import { Fitness, type FitnessDeps } from "./fitness.ts";
import type { Partition } from "./partition.ts";
import { within } from "./pause.ts";
import { type Lease, Refused, TermOver } from "./ports.ts";
import type { Own, Roster } from "./roster.ts";
import { bugOf } from "./signals.ts";
import { LEASE_EXPIRED, Tenure } from "./tenure.ts";

/** What is wanted and missing is asked for this often, besides when something is heard that may have made it free. */
export const POLL_MS = 250;

/** Rest of a partition after a tenure that was lost, so that a lasting fault does not become a storm. */
const LOST_REST_MS = 250;

/** Why a tenure ended that nothing outside explains. */
const BUG = "bug";

/** Rest after that: whatever it was may come again, and the log must stay readable. */
const BUG_REST_MS = 1_000;

/** Why a tenure ended whose buckets are gone. */
const GROUND_LOST = "storage_lost";

/** A planned end is over after this, whatever is still in flight: it is owed, and the next owner pays it. */
export const STOP_MAX_MS = 8_000;

/** A worker that holds nothing waits so long for leases that it has asked for, to give them back; what comes later expires. */
const STOP_IDLE_MAX_MS = 1_000;

/** So many partitions are handed on at a time; the others go on firing meanwhile, so that none is idle for as long as all of them take. */
const HANDING_MAX = 4;

export interface WorkerDeps extends Omit<FitnessDeps, "changed"> {
  /** Name of a partition's lease. */
  leaseOf(partition: number): string;
  partitions: number;
  roster: Roster;
  /** What goes wrong ends the tenures concerned. */
  takeOver(tenures: readonly Tenure[]): Promise<void>;
  /** A term's lease ran out. */
  expired(partition: number, term: number): void;
}

export class Worker {
  readonly #deps: WorkerDeps;
  readonly #tenures = new Map<number, Tenure>();
  /** Partitions whose leases are being asked for. */
  readonly #asked = new Set<number>();
  /** Until when (monotonic) a partition is left alone. */
  readonly #restUntilMs = new Map<number, number>();
  readonly #pending = new Set<Promise<void>>();
  readonly #fitness: Fitness;
  #role: WorkerRole = "starting";
  #sinceAt: EpochMs;
  #stopping = false;
  #woken = false;
  #wake: () => void = () => {};
  #life: Promise<void> = Promise.resolve();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    // Others must know, and a worker that holds all that is wanted of it would rest and never ask again.
    const changed = (): void => {
      deps.roster.announce();
      this.#rouse();
    };
    this.#fitness = new Fitness({ ...deps, changed });
    this.#sinceAt = deps.clock.now();
  }

  /** Those that may be spoken for now. */
  speaking(): Partition[] {
    return this.loops().filter(({ speaking }) => speaking);
  }

  /** Those whose leases are held and that are loaded, or are being loaded. */
  loops(): Partition[] {
    return [...this.#tenures.values()].flatMap(({ loop }) => (loop === null ? [] : [loop]));
  }

  /** active: all that is wanted of it is held; standby: nothing is wanted of it. */
  get role(): { role: WorkerRole; sinceAt: EpochMs } {
    return { role: this.#role, sinceAt: this.#sinceAt };
  }

  /** Partitions that nobody is known to hold. */
  unowned(): number[] {
    const held = this.#deps.roster.held();
    const own = new Set(this.speaking().map(({ partition }) => partition));
    return this.#all().filter((partition) => !held.has(partition) && !own.has(partition));
  }

  start(): void {
    this.#life = this.#live().catch((error: unknown) => this.#deps.tell(bugOf(error)));
  }

  /** Hands on what it holds; resolves when nothing of it is left, after STOP_MAX_MS at the latest, sooner where it holds nothing. */
  async stop(): Promise<void> {
    const { clock, roster } = this.#deps;
    this.#stopping = true;
    this.#rouse();
    roster.announce();
    const limitMs = this.#tenures.size > 0 ? STOP_MAX_MS : STOP_IDLE_MAX_MS;
    await within(clock, limitMs, Promise.all([this.#handOnAll(), ...this.#pending]));
    for (const tenure of this.#tenures.values()) tenure.lose("stopped");
    await within(clock, STOP_IDLE_MAX_MS, Promise.all([this.#life, roster.end()]));
  }

  async #handOnAll(): Promise<void> {
    const waiting = this.#tenures.values();
    const inTurn = async (): Promise<void> => {
      for (const tenure of waiting) await tenure.handOn();
    };
    await Promise.all(Array.from({ length: HANDING_MAX }, inTurn));
  }

  async #live(): Promise<void> {
    const { roster, ground } = this.#deps;
    const stopMinding = ground.onLost(() => this.#rouse());
    await roster.start(
      () => this.#own(),
      () => this.#rouse(),
    );
    while (!this.#stopping) {
      this.#woken = false;
      this.#round();
      if (!this.#woken) await this.#rest(this.#role === "starting" ? POLL_MS : null);
    }
    stopMinding();
  }

  #round(): void {
    const { ground, roster, worker } = this.#deps;
    if (!ground.firm()) for (const tenure of this.#tenures.values()) tenure.lose(GROUND_LOST);
    const workers = [worker, ...roster.ready()];
    const wanted = this.#all().filter((partition) => wantedFor(partition, workers) === worker);
    const mine = new Set(wanted);
    const others = [...this.#tenures.values()].filter(({ partition }) => !mine.has(partition));
    const places = HANDING_MAX - others.filter(({ ending }) => ending).length;
    for (const tenure of others.filter(({ ending }) => !ending).slice(0, Math.max(0, places)))
      this.#track(tenure.handOn());
    const missing = this.#missing(wanted);
    if (missing.length > 0) this.#track(this.#take(missing));
    else if (!this.#fitness.leasesReached) this.#track(this.#probe());
    this.#become(this.#roleBy(wanted));
  }

  /** What is wanted, and free as far as anybody knows. */
  #missing(wanted: readonly number[]): number[] {
    const { roster, clock } = this.#deps;
    if (!this.#fitness.mayAsk) return [];
    const nowMs = clock.monotonicMs();
    const held = roster.held();
    // Where leases could not be reached, one that is held tells as well that they can be again.
    const free = (partition: number): boolean => !held.has(partition) || !this.#fitness.leasesReached;
    return wanted.filter(
      (partition) =>
        free(partition) &&
        !this.#tenures.has(partition) &&
        !this.#asked.has(partition) &&
        nowMs >= (this.#restUntilMs.get(partition) ?? nowMs),
    );
  }

  #roleBy(wanted: readonly number[]): WorkerRole {
    if (!this.#fitness.fit) return "starting";
    if (wanted.length === 0 && this.#tenures.size === 0) return "standby";
    const all = wanted.every((partition) => this.#tenures.get(partition)?.loop?.speaking === true);
    return all ? "active" : "starting";
  }

  async #take(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#asked.add(partition);
    const asked = await Promise.all(
      partitions.map(async (partition) => {
        const lease = await this.#fitness.acquire(this.#deps.leaseOf(partition));
        return { partition, lease };
      }),
    );
    const tenures: Tenure[] = [];
    for (const { partition, lease } of asked) {
      this.#asked.delete(partition);
      if (lease !== null) tenures.push(this.#hold(partition, lease));
      else this.#leaveAlone(partition, POLL_MS);
    }
    if (tenures.length === 0) return;
    this.#deps.roster.announce();
    if (this.#stopping) await Promise.all(tenures.map((tenure) => tenure.handOn()));
    else await this.#deps.takeOver(tenures);
    this.#rouse();
  }

  /** Where nothing is missing, nothing is asked for, and that leases can be reached again would never be noticed. */
  async #probe(): Promise<void> {
    if (await this.#fitness.probe()) this.#rouse();
  }

  #leaveAlone(partition: number, forMs: number): void {
    this.#restUntilMs.set(partition, this.#deps.clock.monotonicMs() + forMs);
  }

  #hold(partition: number, lease: Lease): Tenure {
    const { clock, ground, leaseTtlMs } = this.#deps;
    const deps = {
      clock,
      ground,
      leaseTtlMs,
      reasonOf: (error: unknown) => this.#reasonOf(error),
      over: (tenure: Tenure, reason: string | null) => this.#over(tenure, reason),
    };
    const tenure = new Tenure(deps, partition, lease);
    this.#tenures.set(partition, tenure);
    return tenure;
  }

  #over({ partition, term }: Tenure, reason: string | null): void {
    const { leases, leaseOf, roster, tell } = this.#deps;
    if (reason === LEASE_EXPIRED && term !== null) this.#deps.expired(partition, term);
    this.#tenures.delete(partition);
    if (reason !== null) {
      tell({ kind: "lease.lost", backend: leases.backend, name: leaseOf(partition), reason });
      this.#leaveAlone(partition, reason === BUG ? BUG_REST_MS : LOST_REST_MS);
    }
    roster.announce();
    this.#rouse();
  }

  #own(): Own {
    const state = this.#stopping ? "leaving" : this.#fitness.fit ? "ready" : "unfit";
    return { state, partitions: [...this.#tenures.keys()].sort((one, two) => one - two) };
  }

  #reasonOf(error: unknown): string {
    const { tell, leases } = this.#deps;
    if (error instanceof TermOver) {
      tell({ kind: "lease.failed", backend: leases.backend, reason: "fenced" });
      return "fenced";
    }
    if (error instanceof Error && error.name === "Abandoned")
      return this.#deps.ground.firm() ? LEASE_EXPIRED : GROUND_LOST;
    if (error instanceof Refused) {
      this.#fitness.refuse(error);
      return "refused";
    }
    tell(bugOf(error));
    return BUG;
  }

  #become(role: WorkerRole): void {
    if (role === this.#role) return;
    const { clock, tell, worker } = this.#deps;
    this.#sinceAt = clock.now();
    this.#role = role;
    if (role === "standby") tell({ kind: "worker.standby", worker });
  }

  #all(): number[] {
    return Array.from({ length: this.#deps.partitions }, (_, partition) => partition);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#deps.tell(bugOf(error)))
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  #rouse(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Resolves after `limitMs` (null: no limit), or sooner where something happened. */
  #rest(limitMs: number | null): Promise<void> {
    return new Promise((resume) => {
      const cancel = limitMs === null ? () => {} : this.#deps.clock.after(limitMs, resume);
      this.#wake = () => {
        cancel();
        resume();
      };
    });
  }
}
