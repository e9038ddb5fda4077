/**
 * Whether this worker may own anything: its buckets are there, leases can be reached, and NATS has not refused it what an owner needs. A
 * worker that is not fit says so in its heartbeat, so that its share goes to others.
 */

import { type Clock, type Ground, type Lease, type Leases, Refused } from "./ports.ts";
import type { Tell } from "./signals.ts";

/** Rest after a refusal: somebody has to change something first, and others may do better meanwhile. */
const REFUSED_REST_MS = 5_000;

/** Nobody could say who holds a lease. */
const UNKNOWN = "unknown";

export interface FitnessDeps {
  clock: Clock;
  ground: Ground;
  leases: Leases;
  leaseTtlMs: number;
  /** Name of a lease that belongs to no partition. */
  probeLease: string;
  worker: string;
  tell: Tell;
  /** It is no longer as it was. */
  changed(): void;
}

export class Fitness {
  readonly #deps: FitnessDeps;
  #leasesReached = true;
  #probing = false;
  /** Monotonic. */
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(deps: FitnessDeps) {
    this.#deps = deps;
  }

  get fit(): boolean {
    return this.mayAsk && this.#leasesReached;
  }

  /** False: a lease would be of no use now. */
  get mayAsk(): boolean {
    const { ground, clock } = this.#deps;
    return ground.firm() && clock.monotonicMs() >= this.#restsUntilMs;
  }

  /** False: nobody answered when a lease was last asked for. */
  get leasesReached(): boolean {
    return this.#leasesReached;
  }

  /** Null: somebody holds it, or it cannot be had now; that is told. */
  async acquire(name: string): Promise<Lease | null> {
    const { leases, clock, tell } = this.#deps;
    const startedMs = clock.monotonicMs();
    const lease = await this.#ask(name);
    if (lease === UNKNOWN) return null;
    const { backend } = leases;
    if (lease === null) tell({ kind: "lease.failed", backend, reason: "held" });
    else tell({ kind: "lease.acquired", backend, name, tookMs: clock.monotonicMs() - startedMs });
    return lease;
  }

  /**
   * One attempt at a time; true: leases can be reached again. Only taking one tells: a server may answer whoever reads and refuse all who
   * write.
   */
  async probe(): Promise<boolean> {
    if (this.#probing || !this.mayAsk) return false;
    this.#probing = true;
    const lease = await this.#ask(this.#deps.probeLease);
    if (lease !== UNKNOWN) await lease?.release().catch(() => undefined);
    this.#probing = false;
    return this.#leasesReached;
  }

  async #ask(name: string): Promise<Lease | null | typeof UNKNOWN> {
    const { leases, leaseTtlMs, worker, tell } = this.#deps;
    try {
      const lease = await leases.acquire(name, worker, leaseTtlMs);
      this.#reach(true);
      return lease;
    } catch (error) {
      if (error instanceof Refused) this.refuse(error);
      else {
        tell({ kind: "lease.failed", backend: leases.backend, reason: "unreachable" });
        this.#reach(false);
      }
      return UNKNOWN;
    }
  }

  /** What NATS refused concerns all partitions at once, and is told once. */
  refuse({ message }: Refused): void {
    const { clock, tell, changed } = this.#deps;
    const nowMs = clock.monotonicMs();
    const known = nowMs < this.#restsUntilMs;
    this.#restsUntilMs = nowMs + REFUSED_REST_MS;
    if (known) return;
    tell({ kind: "takeover.refused", message });
    changed();
  }

  #reach(reached: boolean): void {
    if (reached === this.#leasesReached) return;
    this.#leasesReached = reached;
    this.#deps.changed();
  }
}
