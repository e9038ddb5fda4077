/**
 * Searches for message ids that want the same subject of the same stream share one pass over it: after a long outage
 * every schedule of a target asks at once. What is asked while a pass runs goes into the next.
 */

import type { EpochMs } from "../../domain/instant.ts";

export interface Search {
  stream: string;
  subject: string;
  /** Where the pass begins. */
  since: EpochMs;
  ids: ReadonlySet<string>;
}

export interface Found {
  /** Sequence by id. */
  found: ReadonlyMap<string, number>;
  /** False: absence proves nothing. */
  complete: boolean;
}

interface Asked {
  search: Search;
  resolve(found: Found): void;
  reject(error: unknown): void;
}

export class Searches {
  readonly #pass: (search: Search) => Promise<Found>;
  readonly #asked = new Map<string, Asked[]>();
  readonly #running = new Set<string>();

  /** `pass`: one search over the stream. */
  constructor(pass: (search: Search) => Promise<Found>) {
    this.#pass = pass;
  }

  find(search: Search): Promise<Found> {
    const key = `${search.stream} ${search.subject}`;
    return new Promise((resolve, reject) => {
      const asked = this.#asked.get(key) ?? [];
      asked.push({ search, resolve, reject });
      this.#asked.set(key, asked);
      if (!this.#running.has(key)) void this.#run(key);
    });
  }

  async #run(key: string): Promise<void> {
    this.#running.add(key);
    // Whatever is asked in this turn of the event loop joins the first pass.
    await Promise.resolve();
    for (let asked = this.#take(key); asked.length > 0; asked = this.#take(key)) await this.#answer(asked);
    this.#running.delete(key);
  }

  #take(key: string): Asked[] {
    const asked = this.#asked.get(key) ?? [];
    this.#asked.delete(key);
    return asked;
  }

  async #answer(asked: readonly Asked[]): Promise<void> {
    try {
      const { found, complete } = await this.#pass(union(asked.map(({ search }) => search)));
      for (const { search, resolve } of asked) {
        const mine = new Map([...found].filter(([id]) => search.ids.has(id)));
        resolve({ found: mine, complete: complete || mine.size === search.ids.size });
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

function union(searches: readonly Search[]): Search {
  const [first, ...rest] = searches;
  if (first === undefined) throw new RangeError("nothing is searched");
  const ids = new Set(searches.flatMap((search) => [...search.ids]));
  return { ...first, since: rest.reduce((since, search) => Math.min(since, search.since), first.since), ids };
}
