/**
 * A sample service that sends notifications: a durable JetStream consumer of the stream that captures
 * `cmd.notification.>`. What is published while it is away waits in the stream; what it does not acknowledge
 * comes again. It knows nothing of schedules: to it, a command is a command.
 */

import { AckPolicy, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { untilStream } from "../stream-wait.ts";
import type { Sample } from "./sample.ts";

const SUBJECTS = "cmd.notification.>";
const CONSUMER = "demo-notification";
/** The server forgets the consumer when the service has been away for so long. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** `stream`: the one that captures its commands; it may come into being later. */
export async function startNotification(natsUrl: string, stream: string): Promise<Sample> {
  const nc = await connect({ servers: natsUrl, name: CONSUMER });
  let received = 0;
  const take = (message: JsMsg): void => {
    received++;
    message.ack();
  };
  consume(nc, stream, take).catch((error: unknown) => {
    if (!nc.isClosed()) throw error;
  });
  return { name: "notification", received: () => received, close: () => nc.close() };
}

async function consume(nc: NatsConnection, stream: string, take: (message: JsMsg) => void): Promise<void> {
  await untilStream(nc, stream);
  const manager = await jetstreamManager(nc);
  await manager.consumers.add(stream, {
    durable_name: CONSUMER,
    filter_subject: SUBJECTS,
    ack_policy: AckPolicy.Explicit,
    inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
  });
  const consumer = await jetstream(nc).consumers.get(stream, CONSUMER);
  await consumer.consume({ callback: take });
}
