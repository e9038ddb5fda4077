/**
 * Leases as keys on Redis nodes, by redlock: a majority of them must agree. A key holds a token of its holder's alone, and expires.
 *
 * Whose answer is lost while the connection lasts is cleaned up by redlock. Where the connection ends in that moment, the key may be held
 * by a token that nobody knows: for one time to live nobody gets the lease, as after a crash of its holder.
 */

import type { Names } from "@carillon/contracts";
import type Redlock from "redlock";
import { pause } from "../../app/pause.ts";
import { Abandoned, type Clock, type Lease, type Leases, Refused } from "../../app/ports.ts";
import { believedUntilMs } from "../../domain/lease.ts";
import { extend, give, take } from "./ballot.ts";
import type { RedisLink } from "./connection.ts";
import { codeOf } from "./node.ts";

type Deps = { clock: Clock; link: RedisLink; names: Names };

/** Between two attempts to renew while too few nodes answer. */
const RETRY_MS = 100;
/** The user may not do what leases need. */
const FORBIDDEN = "NOPERM";

/** Too few nodes answered. */
export class NoQuorum extends Error {
  override name = "NoQuorum";
}

export class RedisLeases implements Leases {
  readonly backend = "redis";
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** One attempt; throws NoQuorum. The owner is not stored: redlock's tokens are its own. */
  async acquire(name: string, _owner: string, ttlMs: number): Promise<Lease | null> {
    const { clock, link, names } = this.#deps;
    const requestedAtMs = clock.monotonicMs();
    const outcome = await take(link.nodes, names.redisKey(name), ttlMs);
    if (outcome.kind === "granted")
      return new RedisLease(this.#deps, { lock: outcome.lock, ttlMs, requestedAtMs });
    if (outcome.heard) return null;
    throw link.closed() ? new Abandoned(`closed before lease ${name} was answered`) : faultIn(outcome.errors);
  }
}

function faultIn(errors: readonly Error[]): Error {
  const forbidden = errors.find((error) => codeOf(error) === FORBIDDEN);
  if (forbidden !== undefined) return new Refused(`Redis: ${forbidden.message}`);
  return new NoQuorum("too few Redis nodes answered", { cause: errors[0] });
}

class RedisLease implements Lease {
  readonly #deps: Deps;
  readonly #lock: Redlock.Lock;
  readonly #ttlMs: number;
  #deadlineMs: number;
  #released = false;

  constructor(deps: Deps, of: { lock: Redlock.Lock; ttlMs: number; requestedAtMs: number }) {
    this.#deps = deps;
    this.#lock = of.lock;
    this.#ttlMs = of.ttlMs;
    this.#deadlineMs = believedUntilMs(of.requestedAtMs, of.ttlMs);
  }

  deadlineMs(): number {
    return this.#deadlineMs;
  }

  async renew(): Promise<boolean> {
    const { clock, link } = this.#deps;
    while (clock.monotonicMs() < this.#deadlineMs && !link.closed()) {
      const requestedAtMs = clock.monotonicMs();
      const outcome = await extend(link.nodes, this.#lock, this.#ttlMs);
      if (this.#released) return false;
      if (outcome.kind === "granted") {
        this.#deadlineMs = believedUntilMs(requestedAtMs, this.#ttlMs);
        return true;
      }
      if (outcome.settled) return false;
      await pause(clock, RETRY_MS);
    }
    return false;
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#deadlineMs = Number.NEGATIVE_INFINITY;
    await give(this.#deps.link.nodes, this.#lock);
  }
}
