/** Heartbeats on a server in memory. */

import type { Cancel, Heartbeats } from "../../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { Wire } from "../wire.ts";

type Deps = { server: MemoryServer; wire: Wire };
type Heard = (worker: string, heartbeat: string | null) => void;

/** One attempt waits so long for its confirmation. */
const BEAT_MS_MAX = 1_000;
const TTL_UNIT_MS = 1_000;

export class MemoryHeartbeats implements Heartbeats {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async beat(worker: string, heartbeat: string, ttlMs: number): Promise<boolean> {
    const keptMs = Math.ceil(ttlMs / TTL_UNIT_MS) * TTL_UNIT_MS;
    return this.#once(() => this.#deps.server.heartbeats.beat(worker, heartbeat, keptMs));
  }

  async end(worker: string): Promise<void> {
    await this.#once(() => this.#deps.server.heartbeats.end(worker));
  }

  async watch(heard: Heard): Promise<Cancel> {
    const { server, wire } = this.#deps;
    const there = new Set<string>();
    let closed = false;
    const hear: Heard = (worker, heartbeat) => {
      if (closed) return;
      const known = heartbeat === null ? there.delete(worker) : there.add(worker);
      if (known) heard(worker, heartbeat);
    };
    // What is there now takes the way of all changes, or it could be heard after a later one.
    const all = (told: () => void): void => {
      const tell = (found: ReadonlyMap<string, string>): void => {
        for (const worker of [...there]) if (!found.has(worker)) hear(worker, null);
        for (const [worker, heartbeat] of found) hear(worker, heartbeat);
        told();
      };
      const ask = (): void => {
        const found = server.heartbeats.all();
        wire.push(() => tell(found));
      };
      void wire.request(ask, () => true);
    };
    const unwatch = server.heartbeats.watch((worker, heartbeat) => wire.push(() => hear(worker, heartbeat)));
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const forgetReconnect = wire.onReconnect(() => all(resolve));
    all(resolve);
    await told;
    return () => {
      closed = true;
      unwatch();
      forgetReconnect();
    };
  }

  async #once(call: () => void): Promise<boolean> {
    let sent = false;
    const done = await this.#deps.wire
      .request(
        () => {
          call();
          return true;
        },
        () => !sent,
        BEAT_MS_MAX,
      )
      .catch(() => null);
    sent = true;
    return done ?? false;
  }
}
