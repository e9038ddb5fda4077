/** Heartbeats in memory: what each worker last said, until it is repeated, withdrawn, or its time to live is over. */

import type { VirtualTime } from "../virtual-time.ts";

type Heard = (worker: string, heartbeat: string | null) => void;

export class HeartbeatTable {
  readonly #time: VirtualTime;
  readonly #entries = new Map<string, { readonly heartbeat: string }>();
  readonly #watchers = new Set<Heard>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  beat(worker: string, heartbeat: string, ttlMs: number): void {
    const entry = { heartbeat };
    this.#entries.set(worker, entry);
    this.#time.after(ttlMs, () => {
      if (this.#entries.get(worker) === entry) this.end(worker);
    });
    this.#tell(worker, heartbeat);
  }

  end(worker: string): void {
    if (this.#entries.delete(worker)) this.#tell(worker, null);
  }

  /** Whoever lived lives no more. */
  clear(): void {
    for (const worker of [...this.#entries.keys()]) this.end(worker);
  }

  /** What is there now, by worker. */
  all(): ReadonlyMap<string, string> {
    return new Map([...this.#entries].map(([worker, { heartbeat }]) => [worker, heartbeat]));
  }

  watch(heard: Heard): () => void {
    this.#watchers.add(heard);
    return () => void this.#watchers.delete(heard);
  }

  #tell(worker: string, heartbeat: string | null): void {
    for (const heard of [...this.#watchers]) heard(worker, heartbeat);
  }
}
