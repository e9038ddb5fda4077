/** Leases in memory: a key with a holder and a time to live, which the server itself ends. */

import type { VirtualTime } from "../virtual-time.ts";

interface Entry {
  readonly token: string;
  readonly expiresMs: number;
}

export class LeaseTable {
  readonly #time: VirtualTime;
  readonly #entries = new Map<string, Entry>();
  #tokens = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** One that nobody else has, whatever its owner is called. */
  tokenOf(owner: string): string {
    return `${owner} ${++this.#tokens}`;
  }

  /** True: `token` holds the lease from now on, for `ttlMs`; whoever has it already gets it again. */
  claim(name: string, token: string, ttlMs: number): boolean {
    const holder = this.#entries.get(name);
    if (holder !== undefined && holder.token !== token) return false;
    this.#hold(name, token, ttlMs);
    return true;
  }

  /** False: it expired, or somebody else has it. */
  renew(name: string, token: string, ttlMs: number): boolean {
    if (this.#entries.get(name)?.token !== token) return false;
    this.#hold(name, token, ttlMs);
    return true;
  }

  release(name: string, token: string): void {
    if (this.#entries.get(name)?.token === token) this.#entries.delete(name);
  }

  /** A lease is lost, as a failover to a replica loses it that had not heard of it. */
  lose(name: string): void {
    this.#entries.delete(name);
  }

  /** Whoever held something holds it no more. */
  clear(): void {
    this.#entries.clear();
  }

  #hold(name: string, token: string, ttlMs: number): void {
    const entry = { token, expiresMs: this.#time.nowMs + ttlMs };
    this.#entries.set(name, entry);
    this.#time.after(ttlMs, () => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
    });
  }
}
