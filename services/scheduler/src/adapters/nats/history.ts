/**
 * Reads what streams hold. A pass is an ephemeral push consumer that delivers up to the last message of its subjects, as the stream's
 * leader names it.
 */

import type { StreamInfo } from "@nats-io/jetstream";
import type { History, PastMessage, Reach } from "../../app/history.ts";
import { heardHeaders, parseHeaders } from "./heard-headers.ts";
import { type PushReaderDeps, readToEnd } from "./push-reader.ts";
import { dataOf, lastMessage, messageAt, streamInfo } from "./stream-questions.ts";

type Passage = Parameters<History["read"]>[0];

export class NatsHistory implements History {
  readonly #deps: PushReaderDeps;

  constructor(deps: PushReaderDeps) {
    this.#deps = deps;
  }

  async reach(stream: string): Promise<Reach | null> {
    const info = await streamInfo(this.#deps.api, stream);
    if (info === null) return null;
    return { wholeSince: wholeSince(info), firstSequence: Math.max(1, info.state.first_seq) };
  }

  /** The server names at most 100,000 a page. */
  async subjects(stream: string, pattern: string): Promise<readonly string[]> {
    const subjects: string[] = [];
    for (;;) {
      const body = { subjects_filter: pattern, offset: subjects.length };
      const { state, total = 0 } = await this.#deps.api.ask<StreamInfo & { total?: number }>(
        `STREAM.INFO.${stream}`,
        body,
      );
      const page = Object.keys(state.subjects ?? {});
      subjects.push(...page);
      if (page.length === 0 || subjects.length >= total) return subjects;
    }
  }

  read(passage: Passage, each: (message: PastMessage) => boolean, restarted: () => void): Promise<void> {
    const { stream, subjects, since, headersOnly = false } = passage;
    return readToEnd(this.#deps, {
      stream,
      consumer: {
        ...(since === null
          ? { deliver_policy: "all" }
          : { deliver_policy: "by_start_time", opt_start_time: new Date(since).toISOString() }),
        ...(subjects.length === 1 ? { filter_subject: subjects[0] } : { filter_subjects: subjects }),
        headers_only: headersOnly,
      },
      lastSequence: () => this.#lastSequence(passage),
      each: (message, { streamSequence, storedAt }) => {
        const { get } = heardHeaders(message);
        return each({ sequence: streamSequence, storedAt, data: message.data, header: get });
      },
      restarted,
    });
  }

  async at(stream: string, sequence: number): Promise<PastMessage | null> {
    const stored = await messageAt(this.#deps.api, stream, sequence);
    if (stored === null) return null;
    const headers = parseHeaders(Buffer.from(stored.hdrs ?? "", "base64"));
    return { sequence, storedAt: Date.parse(stored.time), data: dataOf(stored), header: headers.get };
  }

  /** Of all subjects of the passage; 0: none has a message since then. */
  async #lastSequence({ stream, subjects, since }: Passage): Promise<number> {
    const lasts = await Promise.all(subjects.map((subject) => lastMessage(this.#deps.api, stream, subject)));
    const sequences = lasts.map((last) =>
      last === null || (since !== null && Date.parse(last.time) < since) ? 0 : last.seq,
    );
    return Math.max(0, ...sequences);
  }
}

/**
 * What bounds cut off is the beginning, so from the first message on everything is there. A message that somebody deleted from the middle
 * is no bound: it is missing, and is to be missed.
 */
function wholeSince({ config, state, created }: StreamInfo): number | null {
  if (config.retention !== "limits" || (config.max_msgs_per_subject ?? 0) > 0) return null;
  if (state.first_seq <= 1) return Date.parse(created);
  return state.messages === 0 ? Number.POSITIVE_INFINITY : Date.parse(state.first_ts);
}
