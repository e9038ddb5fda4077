/** How many commands a tenant, and a creator in it, may send a second. Counted by the worker that handles them. */

import { admit, giveBack } from "../domain/rate.ts";
import type { Tenant } from "../domain/tenants.ts";
import type { Clock } from "./ports.ts";

/** Tenants and creators remembered; at the limit those without a debt are forgotten. */
const REMEMBERED_MAX = 10_000;

export class Rates {
  readonly #clock: Clock;
  readonly #arrivals = new Map<string, number>();

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
    for (const { key, arrivalMs } of admissions) this.#arrivals.set(key, arrivalMs);
    if (this.#arrivals.size > REMEMBERED_MAX) this.#forget(nowMs);
    return waitMs;
  }

  /** A command that was counted is not handled: it does not count. */
  giveBack(tenant: Tenant, creator: string): void {
    for (const { key, rate } of limitsOf(tenant, creator)) {
      const arrivalMs = this.#arrivals.get(key);
      if (arrivalMs !== undefined) this.#arrivals.set(key, giveBack(arrivalMs, rate));
    }
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
