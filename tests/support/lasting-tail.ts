/**
 * A stream read to its end and on, through restarts of the server: each message once and in order. Nothing is kept of what was read, and
 * only what is asked for is looked at, so that a thousand messages a second cost next to nothing.
 */

import { jetstreamManager } from "@nats-io/jetstream";
import { createInbox, type Msg, type NatsConnection, type Subscription } from "@nats-io/transport-node";

export interface TailedMessage {
  readonly subject: string;
  readonly sequence: number;
  /** When the server stored it: milliseconds of the epoch, with fractions. */
  readonly storedAt: number;
  /** Empty where the message has none of that name. */
  header(name: string): string;
  body(): string;
}

export interface LastingTail {
  /** Of the last message that was read; 0: none yet. */
  readonly sequence: number;
  close(): void;
}

const NANOS_PER_MS = 1_000_000;
const IDLE_HEARTBEAT_MS = 1_000;
/** Nothing heard for so long: the consumer is gone. */
const SILENCE_MS_MAX = 3_000;
const LOOK_EVERY_MS = 500;
const INACTIVE_MS = 10_000;
/** Tokens of a delivery's reply subject without domain and account. */
const SHORT_FORM = 9;

/** `headersOnly`: the server keeps bodies to itself. `after`: begins behind that sequence. */
export function tailLasting(
  nc: NatsConnection,
  stream: string,
  each: (message: TailedMessage) => void,
  { headersOnly = false, after = 0 }: { headersOnly?: boolean; after?: number } = {},
): LastingTail {
  let sequence = after;
  let deliveries = 0;
  let heardAtMs = Number.NEGATIVE_INFINITY;
  let opening = false;
  let subscription: Subscription | null = null;

  const receive = (message: Msg): void => {
    heardAtMs = performance.now();
    if (message.headers?.code === 100) return;
    const place = placeOf(message.reply ?? "");
    // One was lost on the way, or the consumer began anew without being asked.
    if (place.delivery !== ++deliveries) lose();
    if (place.delivery !== deliveries || place.sequence <= sequence) return;
    sequence = place.sequence;
    each({
      subject: message.subject,
      sequence,
      storedAt: place.storedAt,
      header: (name) => message.headers?.get(name) ?? "",
      body: () => message.string(),
    });
  };
  const lose = (): void => {
    subscription?.unsubscribe();
    heardAtMs = Number.NEGATIVE_INFINITY;
  };
  const open = async (): Promise<void> => {
    lose();
    const inbox = createInbox();
    deliveries = 0;
    subscription = nc.subscribe(inbox, { callback: (_, message) => receive(message) });
    const manager = await jetstreamManager(nc, { checkAPI: false });
    await manager.consumers.add(stream, {
      deliver_subject: inbox,
      deliver_policy: "by_start_sequence",
      opt_start_seq: sequence + 1,
      ack_policy: "none",
      max_deliver: 1,
      headers_only: headersOnly,
      idle_heartbeat: IDLE_HEARTBEAT_MS * NANOS_PER_MS,
      inactive_threshold: INACTIVE_MS * NANOS_PER_MS,
      mem_storage: true,
      num_replicas: 1,
    });
    heardAtMs = performance.now();
  };
  const look = async (): Promise<void> => {
    if (opening || performance.now() - heardAtMs < SILENCE_MS_MAX) return;
    opening = true;
    // The server is away, or the stream is not there yet: asked again at the next look.
    await open().catch(() => lose());
    opening = false;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  void look();
  return {
    get sequence() {
      return sequence;
    },
    close: () => {
      clearInterval(timer);
      lose();
    },
  };
}

/** `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<sequence>.<delivery>.<nanos>.<pending>`, the longer form with one more. */
function placeOf(reply: string): { sequence: number; delivery: number; storedAt: number } {
  const tokens = reply.split(".");
  const [sequence, delivery, nanos] = tokens.slice(tokens.length === SHORT_FORM ? 5 : 7);
  return {
    sequence: Number(sequence),
    delivery: Number(delivery),
    // Nanoseconds of the epoch are beyond exact doubles; microseconds are not.
    storedAt: Number(nanos?.slice(0, -3)) / 1_000,
  };
}
