/**
 * The workers on duty: started, asked who owns how many of the partitions that they share, killed, sent home.
 */

import { setTimeout as delay } from "node:timers/promises";
import { startWorker, type Worker } from "./worker.ts";

/** Partitions have their owners long before. */
const SETTLE_MS_MAX = 5_000;
const LOOK_EVERY_MS = 50;

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

  /** Resolves once everybody has what is wanted of it, or after SETTLE_MS_MAX: who then owns how many, in words. */
  async shares(): Promise<string> {
    const untilMs = performance.now() + SETTLE_MS_MAX;
    while (!(await this.#settled()) && performance.now() < untilMs) await delay(LOOK_EVERY_MS);
    const owned = this.living().map(async (worker) => `${worker.name} ${await worker.partitionsOwned()}`);
    return (await Promise.all(owned)).join(", ");
  }

  async #settled(): Promise<boolean> {
    const ready = await Promise.all(this.living().map((worker) => worker.ready()));
    return ready.every(Boolean);
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
