/** Leases on a server in memory, believed as long as the real ones: from the request on, less a margin. */

import type { Clock, Guard, Lease, Leases } from "../../../scheduler/src/app/ports.ts";
import { believedUntilMs } from "../../../scheduler/src/domain/lease.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { Wire } from "../wire.ts";

type Deps = { server: MemoryServer; wire: Wire; clock: Clock };

export class MemoryLeases implements Leases {
  readonly backend = "nats";
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | null> {
    const token = this.#deps.server.leases.tokenOf(owner);
    const lease = new MemoryLease(this.#deps, { name, token, ttlMs });
    return (await lease.claim()) ? lease : null;
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

  async claim(): Promise<boolean> {
    return this.#ask((name, token, ttlMs) => this.#deps.server.leases.claim(name, token, ttlMs), null);
  }

  async renew(): Promise<boolean> {
    const leftMs = this.#deadlineMs - this.#deps.clock.monotonicMs();
    if (leftMs <= 0) return false;
    return this.#ask((name, token, ttlMs) => this.#deps.server.leases.renew(name, token, ttlMs), leftMs);
  }

  async release(): Promise<void> {
    const { server, wire } = this.#deps;
    const { name, token } = this.#of;
    this.#deadlineMs = Number.NEGATIVE_INFINITY;
    wire.cast(() => server.leases.release(name, token));
  }

  /** Counted from the first attempt, since that may be the one that was heard. */
  async #ask(
    handle: (name: string, token: string, ttlMs: number) => boolean,
    patienceMs: number | null,
  ): Promise<boolean> {
    const { clock, wire } = this.#deps;
    const { name, token, ttlMs } = this.#of;
    const requestedAtMs = clock.monotonicMs();
    const always: Guard = () => true;
    const held = (await wire.request(() => handle(name, token, ttlMs), always, patienceMs)) ?? false;
    if (held) this.#deadlineMs = Math.max(this.#deadlineMs, believedUntilMs(requestedAtMs, ttlMs));
    return held;
  }
}
