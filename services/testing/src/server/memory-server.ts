/**
 * What nats-server is to the scheduler, in memory: the streams and buckets of one installation, those of targets, leases, and subjects
 * without a stream. Answers at once; the way to it, and what may happen on it, is the wire's.
 */

import { DEFAULT_INSTALLATION, isReplySubject, type Names, names as namesOf } from "@carillon/contracts";
import type { Bucket } from "../../../scheduler/src/app/ports.ts";
import type { EpochMs } from "../../../scheduler/src/domain/instant.ts";
import type { VirtualTime } from "../virtual-time.ts";
import { CommandQueue } from "./command-queue.ts";
import { HeartbeatTable } from "./heartbeat-table.ts";
import { LeaseTable } from "./lease-table.ts";
import { PeerCircle } from "./peer-circle.ts";
import { type Appended, type Draft, MemoryStream, type StreamSettings } from "./stream.ts";

export interface ServerSettings {
  readonly time: VirtualTime;
  /** What the server's clock would have shown when `time` began. */
  readonly epochAt: EpochMs;
  readonly partitions: number;
  /** Captured patterns of targets; none: no stream. */
  readonly captures?: readonly string[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DUPLICATE_WINDOW_MS = 10 * MINUTE_MS;
/** Versions of a definition that are kept. */
const DEFINITIONS_HISTORY = 20;

export class MemoryServer {
  readonly names: Names = namesOf(DEFAULT_INSTALLATION);
  readonly leases: LeaseTable;
  readonly heartbeats: HeartbeatTable;
  readonly peers = new PeerCircle();
  readonly commands: CommandQueue;
  readonly createdAt: string;
  readonly partitions: number;
  readonly #time: VirtualTime;
  readonly #epochAt: EpochMs;
  readonly #streams = new Map<string, MemoryStream>();
  readonly #buckets: Readonly<Record<Bucket, MemoryStream>>;
  readonly #listeners = new Map<string, (data: string) => void>();
  readonly #commandStream: MemoryStream;
  /** Hears core messages that no stream captures. */
  heardCore: (message: Draft, at: EpochMs) => void = () => {};

  constructor({ time, epochAt, partitions, captures = [] }: ServerSettings) {
    const { streams, buckets, keys, executionEvents, auditEvents, deadLetter, allCommands } = this.names;
    this.#time = time;
    this.#epochAt = epochAt;
    this.createdAt = new Date(epochAt).toISOString();
    this.partitions = partitions;
    this.leases = new LeaseTable(time);
    this.heartbeats = new HeartbeatTable(time);
    const windowed = (name: string, subjects: readonly string[]) =>
      this.addStream({ name, subjects, duplicateWindowMs: DUPLICATE_WINDOW_MS });
    const bucket = (name: string, history: number) =>
      this.addStream({
        name: keys.stream(name),
        subjects: [keys.subject(name, ">")],
        duplicateWindowMs: 2 * MINUTE_MS,
        history,
      });
    const { installation } = this.names;
    this.#commandStream = this.addStream({
      name: streams.commands,
      subjects: [allCommands, `${installation}.inbox.>`],
      duplicateWindowMs: DUPLICATE_WINDOW_MS,
      workQueue: true,
    });
    this.commands = new CommandQueue(this.#commandStream, { names: this.names, partitions });
    windowed(streams.executions, [executionEvents]);
    windowed(streams.audit, auditEvents);
    windowed(streams.deadLetters, [deadLetter.pattern]);
    this.#buckets = {
      schedules: bucket(buckets.schedules, DEFINITIONS_HISTORY),
      state: bucket(buckets.state, 1),
    };
    if (captures.length > 0)
      this.addStream({
        name: streams.targets,
        subjects: captures,
        duplicateWindowMs: DUPLICATE_WINDOW_MS,
        maxAgeMs: DAY_MS,
      });
  }

  /** The server's own clock. */
  now(): EpochMs {
    return this.#epochAt + this.#time.nowMs;
  }

  addStream(settings: StreamSettings): MemoryStream {
    const stream = new MemoryStream(settings, this.now());
    this.#streams.set(settings.name, stream);
    return stream;
  }

  removeStream(name: string): void {
    this.#streams.delete(name);
  }

  stream(name: string): MemoryStream | null {
    return this.#streams.get(name) ?? null;
  }

  streams(): Iterable<MemoryStream> {
    return this.#streams.values();
  }

  bucket(bucket: Bucket): MemoryStream {
    return this.#buckets[bucket];
  }

  /** The stream that captures a subject; null: none. */
  capturing(subject: string): MemoryStream | null {
    for (const stream of this.#streams.values()) if (stream.captures(subject)) return stream;
    return null;
  }

  /** Null: no stream captures the subject. */
  publish(draft: Draft): Appended | null {
    const stream = this.capturing(draft.subject);
    if (stream === null) return null;
    const subject = stream === this.#commandStream ? this.commands.subjectOf(draft.subject) : draft.subject;
    return stream.append({ ...draft, subject }, this.now());
  }

  /** To whoever listens; a stream that captures the subject takes it too, except for answers. */
  publishCore(draft: Draft): void {
    if (isReplySubject(draft.subject)) {
      this.#listeners.get(draft.subject)?.(String(draft.data));
      return;
    }
    if (this.publish(draft) === null) this.heardCore(draft, this.now());
  }

  listen(subject: string, heard: (data: string) => void): () => void {
    this.#listeners.set(subject, heard);
    return () => void this.#listeners.delete(subject);
  }

  /** Starts anew on the same store. */
  restart(): void {
    for (const stream of this.#streams.values()) stream.restart();
  }
}
