/**
 * One holding of one partition: its lease, renewed while it lasts, and the partition's loop. It ends by plan (handed on) or by a loss, and
 * is over when the lease has been given back.
 */

import type { Partition } from "./partition.ts";
import { nextBeatMs } from "./pause.ts";
import type { Clock, Ground, Guard, Lease } from "./ports.ts";

export interface TenureDeps {
  clock: Clock;
  ground: Ground;
  leaseTtlMs: number;
  /** Something was thrown that ends the tenure: what to call it. */
  reasonOf(error: unknown): string;
  /** Nothing is held any more; `reason` null: it was handed on. */
  over(tenure: Tenure, reason: string | null): void;
}

/** Renewals in the life of a lease, at least. */
const RENEWALS = 3;

const HANDED_ON = "handed on";

/** Why a tenure ended whose lease was not renewed in time: its holder stalled, or could reach nobody. */
export const LEASE_EXPIRED = "lease_expired";

export class Tenure {
  readonly partition: number;
  readonly #deps: TenureDeps;
  readonly #lease: Lease;
  #loop: Partition | null = null;
  #term: number | null = null;
  #reason: string | null = null;
  #ending: Promise<void> | null = null;
  #returning = false;
  #cancelRenewal: () => void = () => {};
  #renewing: Promise<void> = Promise.resolve();

  constructor(deps: TenureDeps, partition: number, lease: Lease) {
    this.#deps = deps;
    this.partition = partition;
    this.#lease = lease;
    this.#renewLater();
  }

  /** May the holder still speak? */
  readonly guard: Guard = () =>
    this.#reason === null &&
    this.#deps.ground.firm() &&
    this.#deps.clock.monotonicMs() < this.#lease.deadlineMs();

  /** Null: it is still being taken over. */
  get loop(): Partition | null {
    return this.#loop;
  }

  get ending(): boolean {
    return this.#ending !== null;
  }

  /** The term that this tenure is about to begin; null: that is not known yet. */
  get term(): number | null {
    return this.#term;
  }

  aim(term: number): void {
    this.#term = term;
  }

  /** The partition's loop, which is loading. */
  begin(loop: Partition): void {
    this.#loop = loop;
    if (this.#ending !== null) loop.end();
  }

  /** At once: nothing more is said. What ended it first is the reason. */
  lose(reason: string): void {
    this.#reason ??= reason;
    this.#loop?.end();
    this.#ending ??= this.#giveBack();
  }

  /** Something was thrown. */
  fail(error: unknown): void {
    if (this.#reason === null) this.lose(this.#deps.reasonOf(error));
  }

  /** A planned end: no input, what is in flight ends or is owed, everything is stored. Resolves when the lease is given back. */
  handOn(): Promise<void> {
    this.#ending ??= (this.#loop?.close() ?? Promise.resolve()).then(() => this.#giveBack());
    return this.#ending;
  }

  /** A renewal on its way is waited for: one that came after the release would hold the lease for nobody. */
  async #giveBack(): Promise<void> {
    this.#returning = true;
    this.#cancelRenewal();
    await this.#renewing;
    const lost = this.#reason;
    this.#reason ??= HANDED_ON;
    this.#loop?.end();
    await this.#lease.release().catch(() => undefined);
    this.#deps.over(this, lost);
  }

  /** All leases of a worker at the same moments: they go out together, and so do the answers. */
  #renewLater(): void {
    const { clock, leaseTtlMs } = this.#deps;
    const nowMs = clock.monotonicMs();
    this.#cancelRenewal = clock.after(nextBeatMs(nowMs, leaseTtlMs / RENEWALS) - nowMs, () => {
      this.#renewing = this.#lease.renew().then(
        (kept) => {
          if (!kept) this.lose(LEASE_EXPIRED);
          else if (!this.#returning) this.#renewLater();
        },
        () => this.lose("lease_unreachable"),
      );
    });
  }
}
