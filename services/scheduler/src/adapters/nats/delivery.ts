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

/** Nanoseconds have six digits more than milliseconds; cut as text, since they do not fit a double. */
const NUMBERS = String.raw`(\d+)\.(\d+)\.(\d+)\.(\d+)\d{6}\.(\d+)`;
const DELIVERY = new RegExp(
  String.raw`^\$JS\.ACK\.(?:[^.]+\.[^.]+\.)??[^.]+\.[^.]+\.${NUMBERS}(?:\.[^.]+)?$`,
);

/** null when the subject is not one of JetStream's. */
export function readDelivery(reply: string | undefined): Delivery | null {
  const found = reply === undefined ? null : DELIVERY.exec(reply);
  if (found === null) return null;
  return {
    deliveries: Number(found[1]),
    streamSequence: Number(found[2]),
    consumerSequence: Number(found[3]),
    storedAt: Number(found[4]),
    pending: Number(found[5]),
  };
}
