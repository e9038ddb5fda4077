/**
 * How far a change of the number of partitions has come, kept in the installation's record, where it also keeps workers from starting.
 * Every step is written down before the next begins, with compare-and-set.
 */

import { headerBlock } from "../encoded-headers.ts";
import { type InstallationRecord, isReadable, readRecord, textOf } from "../installation.ts";
import { dataOf, isMarker, lastMessage } from "../stream-questions.ts";
import { RepartitionRefused, type StepDeps, store } from "./deps.ts";

export class Mark {
  readonly #deps: StepDeps;
  #record: InstallationRecord;
  #revision: number;

  private constructor(deps: StepDeps, record: InstallationRecord, revision: number) {
    this.#deps = deps;
    this.#record = record;
    this.#revision = revision;
  }

  /** Throws RepartitionRefused where there is nothing to change. */
  static async read(deps: StepDeps): Promise<Mark> {
    const { api, names } = deps;
    const found = await lastMessage(api, names.keys.stream(names.buckets.state), subjectOf(deps));
    if (found === null || isMarker(found))
      throw new RepartitionRefused(
        "there is no installation here: its number of partitions is fixed at the first start",
      );
    const record = readRecord(dataOf(found));
    if (!isReadable(record))
      throw new RepartitionRefused(
        `the key "${names.keys.installation}" of the bucket of states cannot be read`,
      );
    return new Mark(deps, record, found.seq);
  }

  get record(): InstallationRecord {
    return this.#record;
  }

  async write({ v: _, ...record }: InstallationRecord & { v?: number }): Promise<void> {
    const headers = headerBlock(null, { "Nats-Expected-Last-Subject-Sequence": String(this.#revision) });
    const data = textOf(record);
    const revision = await store(this.#deps, { subject: subjectOf(this.#deps), data, headers });
    if (revision === null) {
      const now = await Mark.read(this.#deps);
      if (textOf(now.record) !== data)
        throw new RepartitionRefused("somebody else changed the installation meanwhile; run this again");
      this.#revision = now.#revision;
    } else this.#revision = revision;
    this.#record = record;
  }
}

const subjectOf = ({ names }: StepDeps): string =>
  names.keys.subject(names.buckets.state, names.keys.installation);
