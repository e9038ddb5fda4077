/**
 * Waits for a stream that somebody else creates. The scheduler declares its streams when its first worker
 * starts; services that start earlier have nothing to read yet, which is no fault of theirs.
 */

import { setTimeout as delay } from "node:timers/promises";
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";

const POLL_MS = 50;

/** Resolves when `stream` is there, or when the connection is closed and nobody waits any more. */
export async function untilStream(nc: NatsConnection, stream: string): Promise<void> {
  const manager = await jetstreamManager(nc);
  while (!nc.isClosed()) {
    try {
      await manager.streams.info(stream);
      return;
    } catch (error) {
      if (nc.isClosed()) return;
      if (!isNotFound(error)) throw error;
      await delay(POLL_MS);
    }
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
