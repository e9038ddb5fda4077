/** Who owns what, as heartbeats tell it, and whether that is what heartbeats call for. */

import { isHeartbeat, names, parseJson } from "@carillon/contracts";
import { wantedFor } from "../../services/scheduler/src/domain/rendezvous.ts";
import type { TailedMessage } from "../support/lasting-tail.ts";
import { PARTITIONS } from "./fleet.ts";

interface Said {
  readonly ready: boolean;
  readonly partitions: ReadonlySet<number>;
  readonly atMs: number;
}

const { buckets, keys } = names();
const PREFIX = keys.subject(buckets.workers, "");

export class Owners {
  readonly #said = new Map<string, Said>();
  readonly #ttlMs: number;

  /** A heartbeat that is older than `ttlMs` is none. */
  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  hear(message: TailedMessage): void {
    const worker = keys.worker.parse(message.subject.slice(PREFIX.length))?.workerId;
    const parsed = parseJson(message.body());
    if (worker === undefined || !parsed.ok || !isHeartbeat(parsed.value)) {
      if (worker !== undefined) this.#said.delete(worker);
      return;
    }
    const { state, partitions } = parsed.value;
    this.#said.set(worker, {
      ready: state === "ready",
      partitions: new Set(partitions),
      atMs: message.storedAt,
    });
  }

  /** What one of them says that it holds. */
  heldBy(worker: string): ReadonlySet<number> {
    return this.#said.get(worker)?.partitions ?? new Set();
  }

  /** The owner of each partition; of one that nobody holds there is none. */
  all(workers: readonly string[]): ReadonlyMap<number, string> {
    return new Map(
      workers.flatMap((worker) => [...this.heldBy(worker)].map((partition) => [partition, worker])),
    );
  }

  /** These and no others are ready, and each holds what is wanted of it. */
  settledAmong(workers: readonly string[], now: number): boolean {
    const fresh = (worker: string): boolean => {
      const said = this.#said.get(worker);
      return said?.ready === true && now - said.atMs < this.#ttlMs;
    };
    return (
      workers.every(fresh) &&
      Array.from({ length: PARTITIONS }, (_, partition) => partition).every((partition) => {
        const holders = workers.filter((worker) => this.heldBy(worker).has(partition));
        return holders.length === 1 && holders[0] === wantedFor(partition, workers);
      })
    );
  }
}
