/**
 * The publisher of the application: stream messages through the ack inbox, core messages confirmed by a round trip
 * of the connection, and answers to reply subjects for which nothing is promised.
 */

import { PermissionViolationError } from "@nats-io/nats-core";
import { pause } from "../../app/pause.ts";
import {
  Abandoned,
  type Clock,
  type Guard,
  type Message,
  type Publisher,
  type Receipt,
} from "../../app/ports.ts";
import type { AckInbox } from "./ack-inbox.ts";
import type { Link } from "./connection.ts";
import { encodeHeaders, headerBlock } from "./encoded-headers.ts";
import type { NatsOutcomes } from "./outcomes.ts";
import { type Outcome, refused } from "./shipment.ts";

type Deps = { clock: Clock; link: Link; inbox: AckInbox; outcomes: Pick<NatsOutcomes, "hear"> };

/** Pause between two attempts to hand a core message to a server that is away: doubled from the first to the second. */
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;

export class NatsPublisher implements Publisher {
  readonly #deps: Deps;
  /** Subjects that the server refused since somebody last began to send to them. */
  readonly #denied = new Set<string>();
  #flushing: Promise<void> | null = null;
  #coreOpen = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    deps.link.onError((error) => {
      const denied = error instanceof PermissionViolationError && error.operation === "publish";
      if (denied && this.#coreOpen > 0) this.#denied.add(error.subject);
    });
  }

  room(lane: string): number {
    return this.#deps.inbox.room(lane);
  }

  inflight(): number {
    return this.#deps.inbox.inflight() + this.#coreOpen;
  }

  send(
    { subject, data, id, headers }: Message,
    { lane, guard, patienceMs }: { lane: string; guard: Guard; patienceMs: number | null },
  ): Promise<Receipt> {
    return this.#deps.inbox
      .ship({ subject, data, headers: headerBlock(id, headers), lane, guard, patienceMs })
      .then(receiptOf);
  }

  async sendCore(message: Message, guard: Guard): Promise<Receipt> {
    this.#coreOpen++;
    try {
      for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
        if (!guard() || this.#deps.link.closed())
          throw new Abandoned(`may not speak any more: ${message.subject}`);
        const receipt = await this.#tryCore(message);
        if (receipt !== null) return receipt;
        await pause(this.#deps.clock, waitMs);
      }
    } finally {
      this.#coreOpen--;
    }
  }

  reply(subject: string, data: string, headers: Readonly<Record<string, string>>): void {
    const { link, outcomes } = this.#deps;
    if (!link.up() || outcomes.hear(subject, data)) return;
    const encoded = encodeHeaders(null, headers);
    try {
      link.nc.publish(subject, data, encoded === null ? {} : { headers: encoded });
    } catch {
      // Too large, malformed, or closing: whoever asked runs into its own time-out, as with any lost answer.
    }
  }

  /** null: the link is down or broke; nobody knows whether the server has it. */
  async #tryCore({ subject, data, id, headers }: Message): Promise<Receipt | null> {
    const { link } = this.#deps;
    if (!link.up()) return null;
    const encoded = encodeHeaders(id, headers);
    if (Buffer.byteLength(data) + (encoded?.bytes.length ?? 0) > link.maxPayload()) {
      return refused("too_large", "larger than the server's max_payload");
    }
    this.#denied.delete(subject);
    try {
      link.nc.publish(subject, data, encoded === null ? {} : { headers: encoded });
      await this.#flush();
    } catch (error) {
      if (link.up() && error instanceof Error && error.name.startsWith("Invalid"))
        return refused("refused", error.message);
      return null;
    }
    // A violation is reported before the round trip ends, but reaches us through a queue of its own.
    await pause(this.#deps.clock, 0);
    if (this.#denied.has(subject))
      return refused("permission", `the NATS user may not publish to ${subject}`);
    return { kind: "stored", stream: "", sequence: 0, duplicate: false };
  }

  /** Everything published in one turn of the event loop shares one round trip. */
  #flush(): Promise<void> {
    this.#flushing ??= Promise.resolve().then(() => {
      this.#flushing = null;
      return this.#deps.link.nc.flush();
    });
    return this.#flushing;
  }
}

const receiptOf = (outcome: Outcome): Receipt =>
  outcome.kind === "stale" ? refused("refused", "wrong last sequence") : outcome;
