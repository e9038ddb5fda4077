/**
 * The workers on duty: started, found out which one is active, killed, sent home. At most one is active, since
 * one worker holds all partitions and the others stand by.
 */

import { startWorker, type Worker } from "./worker.ts";

export class Crew {
  readonly #natsUrl: string;
  readonly #redisUrl: string | null;
  readonly #workers: Worker[] = [];
  #started = 0;

  constructor(natsUrl: string, redisUrl: string | null) {
    this.#natsUrl = natsUrl;
    this.#redisUrl = redisUrl;
  }

  start(): Worker {
    this.#started++;
    const worker = startWorker(`worker ${this.#started}`, this.#natsUrl, this.#redisUrl);
    this.#workers.push(worker);
    return worker;
  }

  /** Those that run, oldest first. */
  living(): Worker[] {
    return this.#workers.filter(({ process }) => process.ending() === null);
  }

  /** The one that holds the partitions; null when none does. */
  async active(): Promise<Worker | null> {
    const living = this.living();
    const owned = await Promise.all(living.map((worker) => worker.partitionsOwned()));
    return living.find((_, index) => (owned[index] ?? 0) > 0) ?? null;
  }

  /** Rejects when one of those that run now ends. */
  death(): Promise<never> {
    const deaths = this.living().map(async ({ name, process }): Promise<never> => {
      await process.ended;
      throw new Error(`${name} ended (${process.ending()})`);
    });
    return Promise.race(deaths);
  }

  /** SIGTERM to all; each drains, and all have ended when this resolves. */
  async sendHome(): Promise<void> {
    await Promise.all(this.living().map(({ process }) => process.end()));
  }

  /** What the workers said last, for when something goes wrong. */
  lastWords(): string[] {
    return this.#workers.flatMap(({ name, process, log }) => [
      `${name} (${process.ending() ?? "running"}):`,
      ...log,
    ]);
  }
}
