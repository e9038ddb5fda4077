/**
 * A worker's life: stand by until the lease is free, take over, hold, and either hand on (a planned end) or give up (the lease or a term is
 * lost) and stand by again. The lease makes ownership efficient; what makes it safe are terms and compare-and-set.
 */

import type { WorkerRole } from "@carillon/contracts";
import type { EpochMs } from "../domain/instant.ts";
import type { Owner, OwnerDeps } from "./owner.ts";
import { pause, within } from "./pause.ts";
import { type Clock, type Ground, type Guard, type Lease, type Leases, Refused, TermOver } from "./ports.ts";
import type { Tell } from "./signals.ts";

/** A standby asks for the lease this often. */
export const STANDBY_POLL_MS = 500;

/** Pause after a takeover that failed, so that a lasting fault does not become a storm. */
const FAILED_TAKEOVER_PAUSE_MS = 250;

/** Why a term ended that nothing outside explains. */
const BUG = "bug";

/** Pause after a term that a bug ended: whatever it was may come again, and the log must stay readable. */
const BUG_PAUSE_MS = 1_000;

/** Why a term ended, or never began: NATS does not allow it, or has no room for it. */
const REFUSED = "refused";

/** Pause after that: somebody has to change something first. */
const REFUSED_PAUSE_MS = 5_000;

/** Why a term ended whose buckets are gone. */
const GROUND_LOST = "storage_lost";

/** A planned end is over after this, whatever is still in flight: it is owed, and the next owner pays it. */
export const STOP_MAX_MS = 8_000;

/** A worker that holds nothing waits so long for the lease that it has asked for, to give it back; what comes later expires. */
const STOP_IDLE_MAX_MS = 1_000;

export interface WorkerDeps {
  leases: Leases;
  leaseName: string;
  leaseTtlMs: number;
  worker: string;
  clock: Clock;
  tell: Tell;
  ground: Ground;
  /** Takes the partitions over, believing in them while `guard` is true. */
  takeOver(guard: Guard, ended: OwnerDeps["ended"]): Promise<Owner>;
}

export class Worker {
  readonly #deps: WorkerDeps;
  #owner: Owner | null = null;
  #holding = false;
  #role: WorkerRole = "starting";
  #sinceAt: EpochMs;
  #stopping = false;
  #wake: () => void = () => {};
  #life: Promise<void> = Promise.resolve();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#sinceAt = deps.clock.now();
  }

  get owner(): Owner | null {
    return this.#owner;
  }

  get standingBy(): boolean {
    return this.#role === "standby";
  }

  get role(): { role: WorkerRole; sinceAt: EpochMs } {
    return { role: this.#role, sinceAt: this.#sinceAt };
  }

  start(): void {
    this.#life = this.#live();
  }

  /** Hands on what it holds; resolves when nothing of it is left, after STOP_MAX_MS at the latest, sooner where it holds nothing. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await within(this.#deps.clock, this.#holding ? STOP_MAX_MS : STOP_IDLE_MAX_MS, this.#life);
    this.#owner?.end();
  }

  async #live(): Promise<void> {
    const { ground, tell } = this.#deps;
    const stopMinding = ground.onLost(() => this.#wake());
    while (!this.#stopping) {
      if (!ground.firm()) {
        await this.#woken(STANDBY_POLL_MS);
        continue;
      }
      const lease = await this.#acquire();
      if (lease === "refused") await this.#woken(REFUSED_PAUSE_MS);
      else if (lease !== null && this.#stopping) await lease.release().catch(() => undefined);
      else if (lease === null) await this.#standBy();
      else await this.#hold(lease).catch((error: unknown) => tell({ kind: "bug", error: asError(error) }));
    }
    stopMinding();
  }

  async #acquire(): Promise<Lease | null | "refused"> {
    const { leases, leaseName, leaseTtlMs, worker, clock, tell } = this.#deps;
    const startedMs = clock.monotonicMs();
    const { backend } = leases;
    try {
      const lease = await leases.acquire(leaseName, worker, leaseTtlMs);
      const tookMs = clock.monotonicMs() - startedMs;
      if (lease !== null) tell({ kind: "lease.acquired", backend, name: leaseName, tookMs });
      else if (!this.standingBy) tell({ kind: "lease.failed", backend, reason: "held" });
      return lease;
    } catch (error) {
      if (error instanceof Refused) return this.#refused(error);
      tell({ kind: "lease.failed", backend, reason: "unreachable" });
      return null;
    }
  }

  async #standBy(): Promise<void> {
    if (!this.standingBy) this.#deps.tell({ kind: "worker.standby", worker: this.#deps.worker });
    this.#become("standby");
    await this.#woken(STANDBY_POLL_MS);
  }

  #become(role: WorkerRole): void {
    if (role !== this.#role) this.#sinceAt = this.#deps.clock.now();
    this.#role = role;
  }

  async #hold(lease: Lease): Promise<void> {
    const { clock, tell, ground } = this.#deps;
    let over: string | null = null;
    const end = (reason: string): void => {
      over ??= reason;
      this.#wake();
    };
    const guard: Guard = () => over === null && ground.firm() && clock.monotonicMs() < lease.deadlineMs();
    const stopRenewing = this.#renew(lease, end);
    this.#holding = true;
    try {
      this.#owner = await this.#deps.takeOver(guard, (_partition, error) => end(this.#reasonOf(error)));
      this.#become("active");
      while (over === null && !this.#stopping) {
        await this.#woken(null);
        if (!ground.firm()) end(GROUND_LOST);
      }
      if (over === null) await this.#owner.close();
    } catch (error) {
      end(this.#reasonOf(error));
      await pause(clock, FAILED_TAKEOVER_PAUSE_MS);
    } finally {
      this.#owner?.end();
      this.#owner = null;
      if (this.#role === "active") this.#become("starting");
      await stopRenewing();
      if (over !== null)
        tell({
          kind: "lease.lost",
          backend: this.#deps.leases.backend,
          name: this.#deps.leaseName,
          reason: over,
        });
      await lease.release().catch(() => undefined);
      this.#holding = false;
      if (over === BUG) await this.#woken(BUG_PAUSE_MS);
      if (over === REFUSED) await this.#woken(REFUSED_PAUSE_MS);
    }
  }

  /**
   * Prolongs the lease three times in its life; `lost` is called when that fails. What it returns ends that, and waits for a renewal on its
   * way: one that came after the release would hold the lease for nobody.
   */
  #renew(lease: Lease, lost: (reason: string) => void): () => Promise<void> {
    const { clock, leaseTtlMs } = this.#deps;
    const everyMs = leaseTtlMs / 3;
    let ended = false;
    let cancel = (): void => {};
    let renewing = Promise.resolve();
    const again = (): void => {
      if (ended) return;
      cancel = clock.after(everyMs, () => {
        renewing = lease.renew().then(
          (kept) => (kept ? again() : lost("lease_expired")),
          () => lost("lease_unreachable"),
        );
      });
    };
    again();
    return () => {
      ended = true;
      cancel();
      return renewing;
    };
  }

  #reasonOf(error: unknown): string {
    const { tell, leases } = this.#deps;
    if (error instanceof TermOver) {
      tell({ kind: "lease.failed", backend: leases.backend, reason: "fenced" });
      return "fenced";
    }
    if (error instanceof Error && error.name === "Abandoned")
      return this.#deps.ground.firm() ? "lease_expired" : GROUND_LOST;
    if (error instanceof Refused) return this.#refused(error);
    tell({ kind: "bug", error: asError(error) });
    return BUG;
  }

  #refused({ message }: Refused): typeof REFUSED {
    this.#deps.tell({ kind: "takeover.refused", message });
    return REFUSED;
  }

  /** Resolves after `limitMs` (null: no limit), or sooner where something happened; at once where the worker is to stop. */
  #woken(limitMs: number | null): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resume) => {
      const cancel = limitMs === null ? () => {} : this.#deps.clock.after(limitMs, resume);
      this.#wake = () => {
        cancel();
        resume();
      };
    });
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
