/**
 * The command stream as the partitions read it. A reader lives as long as its term: whenever the order of
 * deliveries is in doubt it takes a fresh consumer, whose first message is the first unacknowledged one, and says
 * so; a consumer of a higher term ends it. Messages are acknowledged through the consumer that delivered them, so
 * a late acknowledgement counts for nothing.
 */

import type { Names } from "@carillon/contracts";
import type { Msg } from "@nats-io/nats-core";
import { pause } from "../../app/pause.ts";
import {
  Abandoned,
  type Cancel,
  type Clock,
  type Inbox,
  type InboxMessage,
  type InboxReader,
  InboxRefused,
  OWN_LANE,
  Refused,
  TermOver,
} from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";
import type { AckInbox } from "./ack-inbox.ts";
import type { Link } from "./connection.ts";
import type { Delivery } from "./delivery.ts";
import { headerBlock } from "./encoded-headers.ts";
import { heardHeaders } from "./heard-headers.ts";
import { type Holding, takeConsumer } from "./inbox-consumer.ts";
import { type Moved, readInstallation } from "./installation.ts";
import type { JsApi } from "./js-api.ts";
import { asFirstStored } from "./moved.ts";
import { PullReader } from "./pull-reader.ts";
import { streamInfo } from "./stream-questions.ts";

type Deps = {
  clock: Clock;
  link: Link;
  api: JsApi;
  inbox: AckInbox;
  names: Names;
  tell: Tell;
  inboxPrefix: string;
};

/** An api answers its caller within two seconds; what the stream has not confirmed by then is unknown. */
const POST_MS_MAX = 1_500;
/** Pause before a fresh consumer is tried again after a failure that is none of the known ones. */
const RENEW_MS = 1_000;
const ACK = new TextEncoder().encode("+ACK");

/** The command stream must exist. */
export async function openInbox(deps: Deps): Promise<Inbox> {
  let createdAt = await creationOf(deps);
  const moved = (await readInstallation(deps))?.moved ?? null;
  return {
    get createdAt() {
      return createdAt;
    },
    open: async (partition, term) => {
      const consumer = await takeConsumer(deps, { partition, term }, () => true);
      createdAt = await creationOf(deps);
      return new Reader(deps, { partition, term, createdAt, moved }, consumer);
    },
    post: (subject, data, headers) => post(deps, subject, data, headers),
    pending: async () => (await streamInfo(deps.api, deps.names.streams.commands))?.state.messages ?? 0,
  };
}

async function creationOf({ api, names }: Deps): Promise<string> {
  const stream = names.streams.commands;
  const info = await streamInfo(api, stream);
  if (info === null) throw new Refused(`stream ${stream} does not exist`);
  return info.created;
}

/** The sequence in the stream that captures the command. Throws InboxRefused, or Abandoned when nobody knows. */
async function post(
  { inbox }: Deps,
  subject: string,
  data: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const order = {
    subject,
    data,
    headers: headerBlock(null, headers),
    lane: OWN_LANE,
    guard: () => true,
    patienceMs: POST_MS_MAX,
  };
  const outcome = await inbox.ship(order);
  if (outcome.kind === "stored") return outcome.sequence;
  if (outcome.kind === "refused") throw new InboxRefused(outcome.code, outcome.description);
  throw new Abandoned(`no acknowledgement of ${subject}`);
}

/** `createdAt`: of the inbox that is read, and of no other. `moved`: what of it was stored anew; null: nothing. */
type Held = Holding & { createdAt: string; moved: Moved | null };

class Reader implements InboxReader {
  readonly #deps: Deps;
  readonly #holding: Held;
  /** The consumer to read from next; taken over by `#read`. */
  #consumer: string;
  #pull: PullReader | null = null;
  #calls: { deliver: (message: InboxMessage) => void; restarted: () => void; lost: () => void } | null = null;
  #renewing: Promise<void> | null = null;
  #closed = false;
  #lost = false;
  readonly #forgetReconnect: Cancel;

  constructor(deps: Deps, holding: Held, consumer: string) {
    this.#deps = deps;
    this.#holding = holding;
    this.#consumer = consumer;
    this.#forgetReconnect = deps.link.onReconnect(() => this.#renew("reconnected"));
  }

  start(deliver: (message: InboxMessage) => void, restarted: () => void, lost: () => void): void {
    if (this.#lost) lost();
    if (this.#closed || this.#calls !== null) return;
    this.#calls = { deliver, restarted, lost };
    if (this.#renewing === null) this.#read();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#forgetReconnect();
    this.#pull?.close();
    this.#pull = null;
    await this.#renewing;
  }

  #read(): void {
    const calls = this.#calls;
    if (calls === null) return;
    const { link, names } = this.#deps;
    const consumer = { stream: names.streams.commands, name: this.#consumer };
    this.#pull = new PullReader(this.#deps, consumer, {
      deliver: (message, delivery) => calls.deliver(this.#messageOf(link, message, delivery)),
      broken: (reason) => this.#renew(reason),
    });
  }

  #messageOf(link: Link, message: Msg, delivery: Delivery): InboxMessage {
    const { moved, createdAt } = this.#holding;
    return asFirstStored(inboxMessage(link, message, delivery), { moved, inbox: createdAt });
  }

  #renew(reason: string): void {
    if (this.#closed || this.#renewing !== null) return;
    this.#pull?.close();
    this.#pull = null;
    // At once: what was delivered and is not begun comes again, after what was not confirmed before it.
    this.#calls?.restarted();
    this.#renewing = this.#takeAnew(reason).finally(() => {
      this.#renewing = null;
    });
  }

  async #takeAnew(reason: string): Promise<void> {
    while (!this.#closed) {
      try {
        this.#consumer = await takeConsumer(this.#deps, this.#holding, () => !this.#closed);
        // Looked at after the consumer was made, which lives in one inbox only.
        if ((await creationOf(this.#deps)) !== this.#holding.createdAt)
          throw new TermOver("the inbox is another one");
        if (this.#closed) return;
        this.#read();
        return;
      } catch (error) {
        if (error instanceof Abandoned) return;
        if (error instanceof TermOver) {
          this.#lose();
          return;
        }
        const message = error instanceof Error ? error.message : String(error);
        this.#deps.tell({ kind: "warning", message: `the inbox (${reason}) gets no consumer: ${message}` });
        await pause(this.#deps.clock, RENEW_MS);
      }
    }
  }

  #lose(): void {
    this.#closed = true;
    this.#lost = true;
    this.#forgetReconnect();
    this.#calls?.lost();
  }
}

function inboxMessage(link: Link, message: Msg, delivery: Delivery): InboxMessage {
  const headers = heardHeaders(message);
  return {
    subject: message.subject,
    data: message.data,
    header: headers.get,
    sequence: delivery.streamSequence,
    storedAt: delivery.storedAt,
    ack: () => {
      // Lost with the link, an acknowledgement is asked for again by the fresh consumer after it.
      if (link.up() && !link.closed() && message.reply !== undefined) link.nc.publish(message.reply, ACK);
    },
  };
}
