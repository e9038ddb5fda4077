/**
 * The command stream in memory: commands by partition until they are acknowledged, and the consumers that deliver them in order. One filter
 * has one consumer, that of the newest term; what it has not acknowledged is delivered again to the one after it.
 */

import { type Names, partitionOf } from "@carillon/contracts";
import type { Kept, MemoryStream } from "./stream.ts";

/** Delivered and unacknowledged; at the limit the server waits. */
const ACK_PENDING_MAX = 1_000;

/** Whose messages: of one partition, or (null) of what fits no form. */
type Filter = number | null;

export interface Consumer {
  readonly filter: Filter;
  readonly term: number;
  alive: boolean;
  /** Set once somebody reads. */
  reader: ConsumerReader | null;
  delivered: number;
  readonly pending: Set<number>;
}

export interface ConsumerReader {
  deliver(message: Kept): void;
  /** The consumer is gone: somebody deleted it. */
  gone(): void;
}

export class CommandQueue {
  readonly #stream: MemoryStream;
  readonly #names: Names;
  readonly #partitions: number;
  readonly #consumers = new Map<Filter, Consumer>();
  readonly #waiting = new Map<Filter, Map<number, Kept>>();
  /** Hears of each acknowledgement that counts. */
  heardAck: (sequence: number) => void = () => {};

  constructor(stream: MemoryStream, { names, partitions }: { names: Names; partitions: number }) {
    this.#stream = stream;
    this.#names = names;
    this.#partitions = partitions;
    stream.onStored((message) => this.#enqueue(message));
  }

  /** The subject under which a command is stored, as the server's transform spells it. */
  subjectOf(subject: string): string {
    const parsed = this.#names.command.parse(subject);
    if (parsed === null || subject.includes("*") || subject.includes(">")) return subject;
    return this.#names.inbox.build({
      partition: partitionOf(parsed.tenant, parsed.scheduleId, this.#partitions),
      ...parsed,
    });
  }

  /** Null: a consumer of a higher term exists. Those of the same and of lower terms are deleted. */
  take(filter: Filter, term: number): Consumer | null {
    const before = this.#consumers.get(filter);
    if (before !== undefined && before.term > term) return null;
    if (before !== undefined) {
      before.alive = false;
      before.reader?.gone();
    }
    const consumer = { filter, term, alive: true, reader: null, delivered: 0, pending: new Set<number>() };
    this.#consumers.set(filter, consumer);
    return consumer;
  }

  read(consumer: Consumer, reader: ConsumerReader): void {
    consumer.reader = reader;
    if (consumer.alive) this.#deliver(consumer);
    else reader.gone();
  }

  /** One that was deleted acknowledges nothing. */
  ack(consumer: Consumer, sequence: number): void {
    if (!consumer.alive) return;
    consumer.pending.delete(sequence);
    this.#waiting.get(consumer.filter)?.delete(sequence);
    this.#stream.remove(sequence);
    this.heardAck(sequence);
    this.#deliver(consumer);
  }

  /** Commands that nobody has acknowledged. */
  get pending(): number {
    return this.#stream.count;
  }

  #enqueue(message: Kept): void {
    const partition = this.#names.inbox.parse(message.subject)?.partition;
    const filter = partition === undefined ? null : Number(partition);
    const waiting = this.#waiting.get(filter) ?? new Map<number, Kept>();
    this.#waiting.set(filter, waiting.set(message.sequence, message));
    const consumer = this.#consumers.get(filter);
    if (consumer !== undefined) this.#deliver(consumer);
  }

  #deliver(consumer: Consumer): void {
    const { reader, pending } = consumer;
    if (reader === null) return;
    for (const message of this.#waiting.get(consumer.filter)?.values() ?? []) {
      if (pending.size >= ACK_PENDING_MAX) return;
      if (message.sequence <= consumer.delivered) continue;
      consumer.delivered = message.sequence;
      pending.add(message.sequence);
      reader.deliver(message);
    }
  }
}
