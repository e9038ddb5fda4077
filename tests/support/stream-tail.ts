/**
 * Everything that a stream holds and comes to hold, with the time at which the server stored it: what really is there,
 * as opposed to what somebody says was sent.
 */

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Board, createBoard } from "./board.ts";

export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  /** When the server stored it: milliseconds of the epoch, with fractions. */
  readonly storedAt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StreamTail extends Board<StoredMessage> {
  /** Resolves when everything that the stream holds now has been read. */
  caughtUp(): Promise<void>;
}

const NANOS_PER_MICRO = 1_000n;

/** Calls `each` for every message, and keeps none. The stream must exist. Ends with the connection. */
export async function follow(
  nc: NatsConnection,
  stream: string,
  each: (message: StoredMessage) => void,
): Promise<void> {
  const consumer = await jetstream(nc).consumers.getPushConsumer(stream);
  await consumer.consume({
    callback: (message) => {
      const storedAt = Number(message.timestampNanos / NANOS_PER_MICRO) / 1_000;
      const headers: Record<string, string> = {};
      for (const [name, [value]] of message.headers ?? []) headers[name] = value ?? "";
      const { subject, seq: sequence } = message;
      each({ subject, sequence, storedAt, headers, body: message.string() });
    },
  });
}

/** The stream must exist. Ends with the connection. */
export async function tailOf(nc: NatsConnection, stream: string): Promise<StreamTail> {
  const board = createBoard<StoredMessage>(stream, ({ sequence, subject, headers }) => {
    return `${sequence} ${subject} ${headers["Nats-Msg-Id"] ?? ""}`;
  });
  await follow(nc, stream, board.add);
  const manager = await jetstreamManager(nc);
  const caughtUp = async (): Promise<void> => {
    const { state } = await manager.streams.info(stream);
    const read = (): boolean => (board.items.at(-1)?.sequence ?? 0) >= state.last_seq;
    await board.until(read, `sequence ${state.last_seq}`);
  };
  return { ...board, caughtUp };
}
