/**
 * Looks into streams: which one captures a subject, and whether it already holds a message id. Answers about
 * streams are remembered for half a minute, since every fire of a target asks for the same ones.
 */

import type { StreamInfo } from "@nats-io/jetstream";
import type { Finder, StreamFacts } from "../../app/ports.ts";
import type { EpochMs } from "../../domain/instant.ts";
import { type PushReaderDeps, readToEnd } from "./push-reader.ts";
import { lastMessage, streamInfo } from "./stream-questions.ts";

/** An answer is used for so long before the server is asked again. */
const REMEMBERED_MS = 30_000;
/** Subjects remembered; at the limit all are forgotten and asked anew. */
const SUBJECTS_MAX = 10_000;
const NANOS = 1_000_000;

interface Remembered {
  facts: StreamFacts | null;
  askedAtMs: number;
}

export class NatsFinder implements Finder {
  readonly #deps: PushReaderDeps;
  readonly #remembered = new Map<string, Remembered>();
  /** Questions under way, so that a thousand messages to one subject ask once. */
  readonly #asking = new Map<string, Promise<StreamFacts | null>>();

  constructor(deps: PushReaderDeps) {
    this.#deps = deps;
  }

  async streamOf(subject: string, fresh = false): Promise<StreamFacts | null> {
    const remembered = this.#remembered.get(subject);
    if (!fresh && remembered !== undefined && this.#isYoung(remembered)) return remembered.facts;
    return this.#ask(subject);
  }

  /** An old answer still counts here, and is asked anew behind it. */
  known(subject: string): StreamFacts | null | undefined {
    const remembered = this.#remembered.get(subject);
    if (remembered === undefined || !this.#isYoung(remembered)) this.#ask(subject).catch(() => {});
    return remembered?.facts;
  }

  async find(search: { stream: string; subject: string; since: EpochMs; ids: ReadonlySet<string> }): Promise<{
    found: ReadonlyMap<string, number>;
    complete: boolean;
  }> {
    const found = new Map<string, number>();
    const info = await streamInfo(this.#deps.api, search.stream);
    // A work queue forgets what was acknowledged, and lets nobody read beside its consumers.
    if (info === null || info.config.retention === "workqueue") return { found, complete: false };
    await readToEnd(this.#deps, this.#pass(search, found));
    return { found, complete: found.size === search.ids.size || reachesBack(info, search.since) };
  }

  #pass(
    {
      stream,
      subject,
      since,
      ids,
    }: { stream: string; subject: string; since: EpochMs; ids: ReadonlySet<string> },
    found: Map<string, number>,
  ): Parameters<typeof readToEnd>[1] {
    return {
      stream,
      consumer: {
        deliver_policy: "by_start_time",
        opt_start_time: new Date(since).toISOString(),
        filter_subject: subject,
        headers_only: true,
      },
      lastSequence: async () => {
        const last = await lastMessage(this.#deps.api, stream, subject);
        return last === null || Date.parse(last.time) < since ? 0 : last.seq;
      },
      each(message, { streamSequence }) {
        const id = message.headers?.get("Nats-Msg-Id") ?? "";
        if (ids.has(id) && !found.has(id)) found.set(id, streamSequence);
        return found.size === ids.size;
      },
      restarted: () => found.clear(),
    };
  }

  #ask(subject: string): Promise<StreamFacts | null> {
    let asking = this.#asking.get(subject);
    if (asking === undefined) {
      asking = this.#lookUp(subject).finally(() => this.#asking.delete(subject));
      this.#asking.set(subject, asking);
    }
    return asking;
  }

  async #lookUp(subject: string): Promise<StreamFacts | null> {
    const { api, clock } = this.#deps;
    const { streams } = await api.ask<{ streams: string[] | null }>("STREAM.NAMES", { subject });
    const name = streams?.[0];
    const info = name === undefined ? null : await streamInfo(api, name);
    const facts = info === null ? null : factsOf(info);
    if (this.#remembered.size >= SUBJECTS_MAX) this.#remembered.clear();
    this.#remembered.set(subject, { facts, askedAtMs: clock.monotonicMs() });
    return facts;
  }

  #isYoung({ askedAtMs }: Remembered): boolean {
    return this.#deps.clock.monotonicMs() - askedAtMs < REMEMBERED_MS;
  }
}

function factsOf({ config }: StreamInfo): StreamFacts {
  return {
    name: config.name,
    duplicateWindowMs: config.duplicate_window / NANOS,
    workQueue: config.retention === "workqueue",
  };
}

/**
 * True when every message stored since `since` is still there: a stream by limits, older than that, whose first
 * message is older too (or the very first), and from whose middle nothing was deleted.
 */
function reachesBack({ config, state, created }: StreamInfo, since: EpochMs): boolean {
  if (config.retention !== "limits" || (state.num_deleted ?? 0) > 0 || Date.parse(created) > since)
    return false;
  if (state.first_seq <= 1) return true;
  return state.messages > 0 && Date.parse(state.first_ts) <= since;
}
