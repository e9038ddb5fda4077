/**
 * What a stream came to hold between two looks, read once it is all there: while it is being measured, nobody reads, so that reading
 * costs neither the server nor the machine anything in the time that counts.
 */

import type { NatsConnection } from "@nats-io/transport-node";
import { type TailedMessage, tailLasting } from "../support/lasting-tail.ts";
import { until } from "../support/until.ts";
import { patientManager } from "./patient-manager.ts";

const READ_MS_MAX = 60_000;

export async function lastSequence(nc: NatsConnection, stream: string): Promise<number> {
  const manager = await patientManager(nc);
  return (await manager.streams.info(stream)).state.last_seq;
}

/** All that follow sequence `after`, headers only, up to the last that the stream holds now; resolves to that one's sequence. */
export async function readStored(
  nc: NatsConnection,
  stream: string,
  after: number,
  each: (message: TailedMessage) => void,
): Promise<number> {
  const last = await lastSequence(nc, stream);
  if (last <= after) return after;
  const take = (message: TailedMessage): void => {
    if (message.sequence <= last) each(message);
  };
  const tail = tailLasting(nc, stream, take, { headersOnly: true, after });
  const complete = await until(() => tail.sequence >= last, READ_MS_MAX);
  tail.close();
  if (!complete) throw new Error(`${stream} was read up to ${tail.sequence} of ${last} only`);
  return last;
}
