/**
 * The three messages of a real fire, as a worker's are stored, and the streams that took them: what the bare loop sends byte by byte.
 */

import { DEFAULT_TENANT, names } from "@carillon/contracts";
import type { StoredMsg, StreamConfig } from "@nats-io/jetstream";
import { TARGET } from "../support/definition.ts";
import { scheduleKey } from "../support/schedule-key.ts";
import { openRunning } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { createAll, everySecond, idOf, TENANTS } from "./fleet.ts";
import { patientManager } from "./patient-manager.ts";

export interface ModelMessage {
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Of the stream that took it. */
  readonly stream: StreamConfig;
}

/** In the order in which they are sent. */
export const MESSAGES = ["state", "command", "event"] as const;

export interface ModelFire extends Readonly<Record<(typeof MESSAGES)[number], ModelMessage>> {
  readonly scheduleId: string;
}

/** As a worker has them unless it is told. */
const PARTITIONS = 32;
/** By then a schedule names the occurrence before, as those do that go on. */
const FIRES = 3;
const FIRES_MS_MAX = 30_000;

export async function modelFire(): Promise<ModelFire> {
  const { stack } = await openRunning({ tenants: TENANTS });
  try {
    const { streams, buckets, keys, event } = names();
    const scheduleId = idOf("model", 0);
    await createAll(stack, [scheduleId], everySecond);
    const manager = await patientManager(stack.nc);
    const told = async (): Promise<boolean> =>
      (await manager.streams.info(streams.executions)).state.messages >= FIRES;
    if (!(await until(told, FIRES_MS_MAX))) throw new Error("the model does not fire");
    const last = async (stream: string, subject: string): Promise<ModelMessage> => {
      const stored = await manager.streams.getMessage(stream, { last_by_subj: subject });
      if (stored === null) throw new Error(`${stream} holds no ${subject}`);
      const { config } = await manager.streams.info(stream);
      return { subject, headers: headersOf(stored), body: stored.data, stream: config };
    };
    const entity = { tenant: DEFAULT_TENANT, entity: "execution", what: "dispatched", scheduleId };
    return {
      scheduleId,
      state: await last(
        keys.stream(buckets.state),
        keys.subject(buckets.state, scheduleKey(scheduleId, PARTITIONS)),
      ),
      command: await last(streams.targets, TARGET),
      event: await last(streams.executions, event.build(entity)),
    };
  } finally {
    await stack.close();
  }
}

const headersOf = ({ header }: StoredMsg): [string, string][] =>
  [...header].map(([name, [value = ""]]) => [name, value]);
