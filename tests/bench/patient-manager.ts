/** How long whoever measures waits for an answer: a server that is being saturated takes its time. */

import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

const ANSWER_MS_MAX = 60_000;

export const patientManager = (nc: NatsConnection): Promise<JetStreamManager> =>
  jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS_MAX });
