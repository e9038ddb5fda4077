/**
 * Leases in memory, on the server itself or elsewhere, as Redis keeps them; believed as long as the real ones: from the request on, less a
 * margin.
 */

import type { Clock, Guard, Lease, Leases } from "../../../scheduler/src/app/ports.ts";
import { believedUntilMs } from "../../../scheduler/src/domain/lease.ts";
import type { LeaseTable } from "../server/lease-table.ts";
import type { Wire } from "../wire.ts";

/** Leases that are elsewhere are given up for this time if nobody has answered by then; on the server they are waited for. */
const ELSEWHERE_MS_MAX = 1_000;

const RELEASE_MS_MAX = 1_000;

/** Where leases are, and the way there. */
export interface LeaseHome {
  readonly backend: Leases["backend"];
  readonly table: LeaseTable;
  readonly wire: Wire;
}

type Deps = LeaseHome & { clock: Clock };

export class MemoryLeases implements Leases {
  readonly backend: Leases["backend"];
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.backend = deps.backend;
    this.#deps = deps;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | null> {
    const token = this.#deps.table.tokenOf(owner);
    const lease = new MemoryLease(this.#deps, { name, token, ttlMs });
    const held = await lease.claim(this.backend === "nats" ? null : ELSEWHERE_MS_MAX);
    if (held === null) throw new Error("the leases cannot be reached");
    return held ? lease : null;
  }
}

class MemoryLease implements Lease {
  readonly #deps: Deps;
  readonly #of: { name: string; token: string; ttlMs: number };
  #deadlineMs = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps, of: { name: string; token: string; ttlMs: number }) {
    this.#deps = deps;
    this.#of = of;
  }

  deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Null: not known after `patienceMs` (null: waits without limit). */
  claim(patienceMs: number | null): Promise<boolean | null> {
    return this.#ask((name, token, ttlMs) => this.#deps.table.claim(name, token, ttlMs), patienceMs);
  }

  async renew(): Promise<boolean> {
    const leftMs = this.#deadlineMs - this.#deps.clock.monotonicMs();
    if (leftMs <= 0) return false;
    const renew = (name: string, token: string, ttlMs: number): boolean =>
      this.#deps.table.renew(name, token, ttlMs);
    return (await this.#ask(renew, leftMs)) ?? false;
  }

  /** One attempt; unanswered, the lease expires by itself. */
  async release(): Promise<void> {
    const { table, wire } = this.#deps;
    const { name, token } = this.#of;
    this.#deadlineMs = Number.NEGATIVE_INFINITY;
    let sent = false;
    const once: Guard = () => {
      const first = !sent;
      sent = true;
      return first;
    };
    await wire.request(() => table.release(name, token), once, RELEASE_MS_MAX).catch(() => null);
  }

  /** Counted from the first attempt, since that may be the one that was heard. */
  async #ask(
    handle: (name: string, token: string, ttlMs: number) => boolean,
    patienceMs: number | null,
  ): Promise<boolean | null> {
    const { clock, wire } = this.#deps;
    const { name, token, ttlMs } = this.#of;
    const requestedAtMs = clock.monotonicMs();
    const always: Guard = () => true;
    const held = await wire.request(() => handle(name, token, ttlMs), always, patienceMs);
    if (held === true) this.#deadlineMs = Math.max(this.#deadlineMs, believedUntilMs(requestedAtMs, ttlMs));
    return held;
  }
}
