/**
 * Leases as keys with a time to live. The server removes a key that is not renewed; the revision of its last write
 * is what a renewal must name, so a holder that was replaced is refused.
 *
 * An attempt whose answer is lost may have counted. The value names its writer, so it is read back; and the
 * deadline is then counted from the oldest attempt that may be the stored one.
 *
 * The server's word that a key is still there is not believed for ever: killed, it may bring keys back that had expired
 * before its last orderly end, and never removes them again (2.15.1). What nobody renews for its whole time is free.
 */

import { randomUUID } from "node:crypto";
import type { Names } from "@carillon/contracts";
import { pause } from "../../app/pause.ts";
import { Abandoned, type Clock, type Guard, type Lease, type Leases, Refused } from "../../app/ports.ts";
import { believedUntilMs } from "../../domain/lease.ts";
import { isPassing } from "./api-codes.ts";
import type { Link } from "./connection.ts";
import { encodeHeaders } from "./encoded-headers.ts";
import { denialIn, type JsApi } from "./js-api.ts";
import { type Answer, readAnswer } from "./pub-ack.ts";
import { dataOf, isMarker, keptMsOf, lastMessage, type StoredMessage } from "./stream-questions.ts";
import { ttlHeader, wholeSeconds } from "./time-to-live.ts";

type Deps = { clock: Clock; link: Link; api: JsApi; names: Names };

/** One attempt waits for its answer no longer than this share of the lease. */
const ATTEMPT_SHARE = 1 / 3;
const RETRY_MS = 100;
/** A given-up lease leaves a mark for so long. */
const RELEASED_MS = 10_000;
const RELEASE_MS_MAX = 1_000;
const EXPECTED = "Nats-Expected-Last-Subject-Sequence";
/** The server removes what has expired a moment later. */
const REMOVAL_MS_MAX = 1_000;

export class NatsLeases implements Leases {
  readonly backend = "nats";
  readonly #deps: Deps;
  /** The lease of others that was seen last under a name, and since when (monotonic). */
  readonly #seen = new Map<string, { revision: number; sinceMs: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | null> {
    const outlived = (last: StoredMessage): boolean => this.#outlived(name, last);
    const lease = new NatsLease(this.#deps, { name, token: `${owner} ${randomUUID()}`, ttlMs, outlived });
    for (;;) {
      if (this.#deps.link.closed()) throw new Abandoned(`closed before lease ${name} was answered`);
      const answer = await lease.claim();
      if (answer !== "unanswered") return answer === "mine" ? lease : null;
      await pause(this.#deps.clock, RETRY_MS);
    }
  }

  /** Each renewal is a revision of its own, so nobody renewed what has been the same for so long by our clock. */
  #outlived(name: string, last: StoredMessage): boolean {
    const nowMs = this.#deps.clock.monotonicMs();
    const seen = this.#seen.get(name);
    if (seen?.revision === last.seq) {
      const keptMs = keptMsOf(last) ?? Number.POSITIVE_INFINITY;
      return nowMs - seen.sinceMs > keptMs + REMOVAL_MS_MAX;
    }
    this.#seen.set(name, { revision: last.seq, sinceMs: nowMs });
    return false;
  }
}

interface Claim {
  name: string;
  token: string;
  ttlMs: number;
  /** Whether a lease of somebody else is over, whatever the server says. */
  outlived(last: StoredMessage): boolean;
}

type Verdict = "mine" | "theirs" | "unanswered";

class NatsLease implements Lease {
  readonly #deps: Deps;
  readonly #subject: string;
  readonly #stream: string;
  readonly #token: string;
  readonly #ttlMs: number;
  readonly #outlived: Claim["outlived"];
  /** Of our last confirmed write; 0: none. */
  #revision = 0;
  #deadlineMs = Number.NEGATIVE_INFINITY;
  /** When the oldest write was requested whose answer is still missing; null: none is. */
  #unansweredSinceMs: number | null = null;

  constructor(deps: Deps, { name, token, ttlMs, outlived }: Claim) {
    const bucket = deps.names.buckets.leases;
    this.#deps = deps;
    this.#subject = deps.names.keys.subject(bucket, name);
    this.#stream = deps.names.keys.stream(bucket);
    this.#token = token;
    this.#outlived = outlived;
    this.#ttlMs = wholeSeconds(ttlMs);
  }

  deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** One attempt to become the writer of a key that nobody holds. */
  async claim(): Promise<Verdict> {
    const last = await this.#last();
    if (last === null || isMarker(last)) return this.#seize(last?.seq ?? 0);
    const verdict = this.#adoptIfOurs(last);
    return verdict === "theirs" && this.#outlived(last) ? this.#seize(last.seq) : verdict;
  }

  async renew(): Promise<boolean> {
    const { clock, link } = this.#deps;
    while (clock.monotonicMs() < this.#deadlineMs && !link.closed()) {
      let verdict = await this.#write(this.#revision);
      if (verdict === "theirs") verdict = await this.#lookAndAdopt();
      if (verdict !== "unanswered") return verdict === "mine";
      await pause(clock, RETRY_MS);
    }
    return false;
  }

  async release(): Promise<void> {
    if (this.#revision === 0 || !this.#deps.link.up()) return;
    const headers = { "KV-Operation": "DEL", ...ttlHeader(RELEASED_MS), [EXPECTED]: String(this.#revision) };
    this.#deadlineMs = Number.NEGATIVE_INFINITY;
    this.#revision = 0;
    // Unanswered, it expires by itself.
    await this.#request("", headers, RELEASE_MS_MAX);
  }

  /** Refused, it may have been by our own earlier write, whose answer was lost. */
  async #seize(expected: number): Promise<Verdict> {
    const verdict = await this.#write(expected);
    const last = verdict === "theirs" ? await this.#last() : null;
    return last === null ? verdict : this.#adoptIfOurs(last);
  }

  #last(guard?: Guard): Promise<StoredMessage | null> {
    return lastMessage(this.#deps.api, this.#stream, this.#subject, guard);
  }

  /** A renewal was refused: by our own earlier one, whose answer was lost, or by somebody who holds it now. */
  async #lookAndAdopt(): Promise<Verdict> {
    const { clock } = this.#deps;
    try {
      const last = await this.#last(() => clock.monotonicMs() < this.#deadlineMs);
      return last === null || isMarker(last) ? "theirs" : this.#adoptIfOurs(last);
    } catch (error) {
      if (error instanceof Abandoned) return "unanswered";
      throw error;
    }
  }

  #adoptIfOurs(last: StoredMessage): Verdict {
    if (new TextDecoder().decode(dataOf(last)) !== this.#token) return "theirs";
    this.#confirm(last.seq, this.#unansweredSinceMs);
    return "mine";
  }

  async #write(expected: number): Promise<Verdict> {
    const requestedAtMs = this.#deps.clock.monotonicMs();
    const headers = { ...ttlHeader(this.#ttlMs), [EXPECTED]: String(expected) };
    this.#unansweredSinceMs ??= requestedAtMs;
    const answer = await this.#request(this.#token, headers, this.#ttlMs * ATTEMPT_SHARE);
    if (answer.kind === "stored") this.#confirm(answer.sequence, requestedAtMs);
    return verdictOn(answer);
  }

  /** Silence and a broken link are answers here too: foreign ones. Throws Refused where the server does not allow it. */
  async #request(data: string, headers: Record<string, string>, patienceMs: number): Promise<Answer> {
    try {
      return readAnswer(
        await this.#deps.api.request(this.#subject, data, encodeHeaders(null, headers), patienceMs),
      );
    } catch (error) {
      const denied = denialIn(error);
      if (denied !== null) throw new Refused(denied);
      return { kind: "foreign" };
    }
  }

  #confirm(revision: number, requestedAtMs: number | null): void {
    this.#revision = revision;
    this.#unansweredSinceMs = null;
    if (requestedAtMs === null) return;
    this.#deadlineMs = Math.max(this.#deadlineMs, believedUntilMs(requestedAtMs, this.#ttlMs));
  }
}

function verdictOn(answer: Answer): Verdict {
  if (answer.kind === "stored") return "mine";
  // Any lasting refusal means that this holder has no lease.
  if (answer.kind === "error" && !isPassing(answer.apiCode, answer.httpCode)) return "theirs";
  return "unanswered";
}
