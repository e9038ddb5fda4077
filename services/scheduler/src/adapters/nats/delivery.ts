/**
 * What JetStream tells about a delivery in the reply subject of the message:
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>`, or the longer form
 * with domain and account in front of the stream and one token at the end.
 */

export interface Delivery {
  /** 1 for a first delivery. */
  deliveries: number;
  streamSequence: number;
  /** Counts this consumer's deliveries from 1, redeliveries included. */
  consumerSequence: number;
  /** When the server stored the message, epoch milliseconds. */
  storedAt: number;
  /** Messages that match and come after this one, by the server's count at that moment. */
  pending: number;
}

const SHORT_TOKENS = 9;
const LONG_TOKENS = 12;
/** Where `deliveries` stands in the two forms. */
const SHORT_FIRST = 4;
const LONG_FIRST = 6;
/** Nanoseconds have six digits more than milliseconds; cut as text, since they do not fit a double. */
const NANO_DIGITS = 6;

/** null when the subject is not one of JetStream's. */
export function readDelivery(reply: string | undefined): Delivery | null {
  if (reply?.startsWith("$JS.ACK.") !== true) return null;
  const tokens = reply.split(".");
  const first =
    tokens.length === SHORT_TOKENS ? SHORT_FIRST : tokens.length >= LONG_TOKENS - 1 ? LONG_FIRST : 0;
  const [deliveries, streamSequence, consumerSequence, nanos, pending] = tokens.slice(first, first + 5);
  if (first === 0 || pending === undefined) return null;
  return {
    deliveries: Number(deliveries),
    streamSequence: Number(streamSequence),
    consumerSequence: Number(consumerSequence),
    storedAt: Number(nanos?.slice(0, -NANO_DIGITS)),
    pending: Number(pending),
  };
}
