/**
 * How many commands a tenant, and a creator in it, may send a second. Each worker counts what it admits, and what the others say they have
 * admitted, so that together they hold the rate but for what arrives between two tallies.
 */

import type { Count } from "@carillon/contracts";
import { admit, charge, giveBack } from "../domain/rate.ts";
import type { Tenant } from "../domain/tenants.ts";
import type { Clock } from "./ports.ts";

/** Tenants and creators remembered; at the limit those without a debt are forgotten. */
const REMEMBERED_MAX = 10_000;

export class Rates {
  readonly #clock: Clock;
  readonly #arrivals = new Map<string, number>();
  /** Admitted here since the others were last told. */
  readonly #admitted = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long a command of `creator` has to wait; it counts from now on unless it would wait and `refusing` is true. */
  take(tenant: Tenant, creator: string, refusing: boolean): number {
    const nowMs = this.#clock.monotonicMs();
    const admissions = limitsOf(tenant, creator).map(({ key, rate }) => ({
      key,
      ...admit(this.#arrivals.get(key) ?? 0, rate, nowMs),
    }));
    const waitMs = Math.max(0, ...admissions.map((admission) => admission.waitMs));
    if (waitMs > 0 && refusing) return waitMs;
    for (const { key, arrivalMs } of admissions) {
      this.#arrivals.set(key, arrivalMs);
      this.#admitted.set(key, (this.#admitted.get(key) ?? 0) + 1);
    }
    if (this.#arrivals.size > REMEMBERED_MAX) this.#forget(nowMs);
    // Nobody asks for the tally of a worker that is alone.
    if (this.#admitted.size > REMEMBERED_MAX) this.#admitted.clear();
    return waitMs;
  }

  /** A command that was counted is not handled: it does not count. */
  giveBack(tenant: Tenant, creator: string): void {
    for (const { key, rate } of limitsOf(tenant, creator)) {
      const arrivalMs = this.#arrivals.get(key);
      if (arrivalMs === undefined) continue;
      this.#arrivals.set(key, giveBack(arrivalMs, rate));
      const admitted = this.#admitted.get(key) ?? 0;
      if (admitted > 0) this.#admitted.set(key, admitted - 1);
    }
  }

  /** What was admitted here since this was last asked. */
  tally(): Count[] {
    const counts = [...this.#admitted].filter(([, count]) => count > 0).map(([of, count]) => ({ of, count }));
    this.#admitted.clear();
    return counts;
  }

  /** Another worker has admitted so many; `tenant` is theirs. */
  charge({ of, count }: Count, tenant: Tenant): void {
    const rate = of === tenant.name ? tenant.maxCommandsPerSecond : tenant.maxCommandsPerSecondPerCreator;
    if (rate === null) return;
    const nowMs = this.#clock.monotonicMs();
    this.#arrivals.set(of, charge(this.#arrivals.get(of) ?? 0, rate, count, nowMs));
    if (this.#arrivals.size > REMEMBERED_MAX) this.#forget(nowMs);
  }

  #forget(nowMs: number): void {
    for (const [key, arrivalMs] of this.#arrivals) if (arrivalMs <= nowMs) this.#arrivals.delete(key);
  }
}

function limitsOf(tenant: Tenant, creator: string): { key: string; rate: number }[] {
  return [
    { key: tenant.name, rate: tenant.maxCommandsPerSecond },
    { key: `${tenant.name}.${creator}`, rate: tenant.maxCommandsPerSecondPerCreator },
  ].flatMap(({ key, rate }) => (rate === null ? [] : [{ key, rate }]));
}
