/**
 * Looks into streams: which one captures a subject, and whether it already holds a message id. Answers about
 * streams are remembered for half a minute, since every fire of a target asks for the same ones.
 */

import { matchesSubject } from "@carillon/contracts";
import type { StreamInfo } from "@nats-io/jetstream";
import type { Finder, StreamFacts } from "../../app/ports.ts";
import type { EpochMs } from "../../domain/instant.ts";
import { heardHeaders } from "./heard-headers.ts";
import { type PushReaderDeps, readToEnd } from "./push-reader.ts";
import { type Found, type Search, Searches } from "./searches.ts";
import { lastMessage, streamInfo } from "./stream-questions.ts";

/** An answer is used for so long before the server is asked again. */
const REMEMBERED_MS = 30_000;
/** Subjects remembered; at the limit all are forgotten, and worked out anew. */
const SUBJECTS_MAX = 10_000;
const NANOS = 1_000_000;

interface Remembered {
  facts: StreamFacts;
  /** Patterns that the stream captures; no other stream of the account can capture what they name. */
  subjects: readonly string[];
  askedAtMs: number;
}

/** Who captures a subject: the name of a remembered stream, or nobody, as of `askedAtMs`. */
type Answer = { stream: string } | { stream: null; askedAtMs: number };

export class NatsFinder implements Finder {
  readonly #deps: PushReaderDeps;
  readonly #streams = new Map<string, Remembered>();
  readonly #answers = new Map<string, Answer>();
  /** Questions under way by subject or stream, so that a thousand messages ask once. */
  readonly #asking = new Map<string, Promise<unknown>>();
  readonly #searches = new Searches((search) => this.#search(search));

  constructor(deps: PushReaderDeps) {
    this.#deps = deps;
  }

  async streamOf(subject: string, fresh = false): Promise<StreamFacts | null> {
    if (!fresh) {
      const facts = this.known(subject);
      if (facts !== undefined) return facts;
    }
    await this.#once(subject, () => this.#ask(subject));
    return this.#recall(subject) ?? null;
  }

  known(subject: string): StreamFacts | null | undefined {
    const facts = this.#recall(subject);
    if (facts === undefined) this.#once(subject, () => this.#ask(subject)).catch(() => {});
    return facts;
  }

  /** An old answer about a stream still counts, and is asked anew behind it; an old "nobody" is forgotten. */
  #recall(subject: string): StreamFacts | null | undefined {
    const answer = this.#answers.get(subject) ?? this.#infer(subject);
    if (answer === undefined) return undefined;
    if (answer.stream === null) return this.#isYoung(answer) ? null : undefined;
    const stream = this.#streams.get(answer.stream);
    if (stream === undefined) return undefined;
    if (!this.#isYoung(stream)) this.#once(answer.stream, () => this.#refresh(stream)).catch(() => {});
    return stream.facts;
  }

  /** Subjects that were never asked for: every schedule has event subjects of its own. */
  #infer(subject: string): Answer | undefined {
    for (const { facts, subjects } of this.#streams.values()) {
      if (subjects.some((pattern) => matchesSubject(pattern, subject))) {
        return this.#remember(subject, { stream: facts.name });
      }
    }
    return undefined;
  }

  find(search: Search): Promise<Found> {
    return this.#searches.find(search);
  }

  async #search(search: Search): Promise<Found> {
    const found = new Map<string, number>();
    const info = await streamInfo(this.#deps.api, search.stream);
    // A work queue forgets what was acknowledged, and lets nobody read beside its consumers.
    if (info === null || info.config.retention === "workqueue") return { found, complete: false };
    await readToEnd(this.#deps, this.#pass(search, found));
    return { found, complete: found.size === search.ids.size || reachesBack(info, search.since) };
  }

  #pass(
    { stream, subject, since, ids }: Search,
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
        const id = heardHeaders(message).get("Nats-Msg-Id") ?? "";
        if (ids.has(id) && !found.has(id)) found.set(id, streamSequence);
        return found.size === ids.size;
      },
      restarted: () => found.clear(),
    };
  }

  #once(what: string, ask: () => Promise<void>): Promise<unknown> {
    let asking = this.#asking.get(what);
    if (asking === undefined) {
      asking = ask().finally(() => this.#asking.delete(what));
      this.#asking.set(what, asking);
    }
    return asking;
  }

  async #ask(subject: string): Promise<void> {
    const { api, clock } = this.#deps;
    const { streams } = await api.ask<{ streams: string[] | null }>("STREAM.NAMES", { subject });
    const name = streams?.[0];
    const info = name === undefined ? null : await streamInfo(api, name);
    if (info !== null) this.#learn(info);
    const stream = info?.config.name ?? null;
    this.#remember(subject, stream === null ? { stream, askedAtMs: clock.monotonicMs() } : { stream });
  }

  /** A stream that is gone, or captures something else now, may have answered for any subject. */
  async #refresh({ facts, subjects }: Remembered): Promise<void> {
    const info = await streamInfo(this.#deps.api, facts.name);
    if (info !== null) this.#learn(info);
    else this.#streams.delete(facts.name);
    if (info?.config.subjects?.join() !== subjects.join()) this.#answers.clear();
  }

  #learn(info: StreamInfo): void {
    const askedAtMs = this.#deps.clock.monotonicMs();
    this.#streams.set(info.config.name, {
      facts: factsOf(info),
      subjects: info.config.subjects ?? [],
      askedAtMs,
    });
  }

  #remember(subject: string, answer: Answer): Answer {
    if (this.#answers.size >= SUBJECTS_MAX) this.#answers.clear();
    this.#answers.set(subject, answer);
    return answer;
  }

  #isYoung({ askedAtMs }: { askedAtMs: number }): boolean {
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
