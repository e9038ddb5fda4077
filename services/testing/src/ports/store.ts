/** The buckets of schedules on a server in memory. */

import type { Bucket, Guard, Revision, Store, Stored, Written } from "../../../scheduler/src/app/ports.ts";
import type { EpochMs } from "../../../scheduler/src/domain/instant.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { Appended, Draft, Kept } from "../server/stream.ts";
import type { Wire } from "../wire.ts";
import type { Pipeline } from "./pipeline.ts";

const ALWAYS: Guard = () => true;
const encoder = new TextEncoder();

export class MemoryStore implements Store {
  readonly #server: MemoryServer;
  readonly #wire: Wire;
  readonly #pipeline: Pipeline;

  constructor({ server, wire, pipeline }: { server: MemoryServer; wire: Wire; pipeline: Pipeline }) {
    this.#server = server;
    this.#wire = wire;
    this.#pipeline = pipeline;
  }

  async serverNow(): Promise<EpochMs> {
    return (await this.#ask(() => this.#server.now())) ?? 0;
  }

  /** In two halves, so that a link that drops between them is noticed. */
  async load(
    bucket: Bucket,
    partitions: readonly number[],
    each: (stored: Stored) => void,
    restarted: () => void = () => {},
  ): Promise<void> {
    const wanted = new Set(partitions);
    for (;;) {
      const all = (await this.#ask(() => [...this.#server.bucket(bucket).lasts(this.#server.now())])) ?? [];
      const found = all.flatMap((kept) => this.#wanted(bucket, kept, wanted));
      const { connection } = this.#wire;
      const half = Math.ceil(found.length / 2);
      for (const stored of found.slice(0, half)) each(stored);
      await this.#ask(() => true);
      if (connection === this.#wire.connection) {
        for (const stored of found.slice(half)) each(stored);
        return;
      }
      restarted();
    }
  }

  async read(bucket: Bucket, key: string): Promise<Stored | null> {
    const last = await this.#last(bucket, key);
    return last === null || last.mark === true ? null : stored(key, last);
  }

  async lastRevision(bucket: Bucket, key: string): Promise<number> {
    return (await this.#last(bucket, key))?.sequence ?? 0;
  }

  async readRevision(bucket: Bucket, key: string, revision: number): Promise<Stored | null> {
    const [found = null] = await this.readRevisions(bucket, [{ key, revision }]);
    return found;
  }

  async readRevisions(bucket: Bucket, wanted: readonly Revision[]): Promise<(Stored | null)[]> {
    const at = ({ key, revision }: Revision): Stored | null => {
      const kept = this.#server.bucket(bucket).at(revision);
      return kept?.subject === this.#subject(bucket, key) && kept.mark !== true ? stored(key, kept) : null;
    };
    return (await this.#ask(() => wanted.map(at))) ?? [];
  }

  write(bucket: Bucket, key: string, value: string, expected: number | null, guard: Guard): Promise<Written> {
    return this.#append(bucket, { key, data: value, expected, mark: false }, guard);
  }

  purge(bucket: Bucket, key: string, expected: number | null, guard: Guard): Promise<Written> {
    return this.#append(bucket, { key, data: "", expected, mark: true }, guard);
  }

  async #append(
    bucket: Bucket,
    { key, ...write }: Pick<Draft, "data" | "expected" | "mark"> & { key: string },
    guard: Guard,
  ): Promise<Written> {
    const draft = { ...write, subject: this.#subject(bucket, key), headers: {}, id: null };
    const stream = this.#server.bucket(bucket);
    return written(await this.#pipeline.own(guard, () => stream.append(draft, this.#server.now())));
  }

  #last(bucket: Bucket, key: string): Promise<Kept | null> {
    const subject = this.#subject(bucket, key);
    return this.#ask(() => this.#server.bucket(bucket).last(subject, this.#server.now()));
  }

  #ask<T>(handle: () => T): Promise<T | null> {
    return this.#wire.request(handle, ALWAYS);
  }

  /** Of the wanted partitions, their term records included; whatever there is where all of them are wanted. */
  #wanted(bucket: Bucket, kept: Kept, partitions: ReadonlySet<number>): Stored[] {
    const { keys } = this.#server.names;
    const key = kept.subject.slice(this.#subject(bucket, "").length);
    const partition = (keys.schedule.parse(key) ?? keys.term.parse(key))?.partition;
    const isWanted = partitions.size === this.#server.partitions || partitions.has(Number(partition));
    return kept.mark === true || !isWanted ? [] : [stored(key, kept)];
  }

  #subject(bucket: Bucket, key: string): string {
    const { keys, buckets } = this.#server.names;
    return keys.subject(buckets[bucket], key);
  }
}

const stored = (key: string, { data, sequence, storedAt }: Kept): Stored => ({
  key,
  value: typeof data === "string" ? encoder.encode(data) : data,
  revision: sequence,
  storedAt,
});

const written = (appended: Appended): Written =>
  appended.kind === "stored" ? { kind: "written", revision: appended.sequence } : appended;
