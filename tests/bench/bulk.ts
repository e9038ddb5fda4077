/**
 * Schedules by the hundred thousand, as fast as the installation accepts them: durable commands straight to the inbox, so many
 * unconfirmed, so many stored and not yet accepted. Accepted is what the audit tells of, which is counted without being read,
 * since whoever reads it would take the processor from those who are measured.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names } from "@carillon/contracts";
import type { NatsConnection } from "@nats-io/transport-node";
import { patientManager } from "./patient-manager.ts";
import { Pipe } from "./pipe.ts";
import { lastSequence } from "./stored-range.ts";
import { writeDown } from "./written-down.ts";

export interface Creation {
  readonly scheduleId: string;
  /** JSON of the definition. */
  readonly body: string;
}

export interface Bulk {
  /** From the first publish until the last one is accepted. */
  readonly tookMs: number;
  readonly perSecond: number;
}

/** Publishes without an acknowledgement. */
const WINDOW_MAX = 1_000;
/** Stored and not yet accepted: no partition runs dry, and no command waits for so long that it is delivered again. */
const BACKLOG_MAX = 10_000;
const LOOK_EVERY_MS = 50;
/** So many looks in a row that see nothing accepted: something is broken. */
const STALLED_LOOKS = 2_400;

const { streams, command, event } = names();

/** Throws where one is refused. Nobody else may send commands meanwhile. */
export async function createBulk(
  nc: NatsConnection,
  count: number,
  creationOf: (n: number) => Creation,
): Promise<Bulk> {
  const ids: string[] = [];
  const bodyOf = writeDown(count, (n) => {
    const { scheduleId, body } = creationOf(n);
    ids.push(scheduleId);
    return body;
  });
  const audit = await auditOf(nc);
  const pipe = new Pipe(nc, WINDOW_MAX);
  const startedMs = performance.now();
  for (const [n, id] of ids.entries()) {
    await pipe.room();
    if (n % WINDOW_MAX === 0) await audit.until(n - BACKLOG_MAX);
    pipe.send({ subject: subjectOf(id), data: bodyOf(n) }, () => {});
  }
  await pipe.empty();
  await audit.until(count);
  const tookMs = performance.now() - startedMs;
  pipe.close();
  await audit.assertNoneRefused();
  return { tookMs, perSecond: (count * 1_000) / tookMs };
}

const subjectOf = (scheduleId: string): string =>
  command.build({ tenant: "default", verb: "create", scheduleId });

async function auditOf(nc: NatsConnection) {
  const base = await lastSequence(nc, streams.audit);
  let accepted = 0;
  return {
    /** Resolves once so many are accepted or refused since the beginning. */
    until: async (count: number): Promise<void> => {
      for (let looks = 0; accepted < count; looks++) {
        if (looks === STALLED_LOOKS) throw new Error(`${accepted} of ${count} are accepted`);
        const now = (await lastSequence(nc, streams.audit)) - base;
        if (now > accepted) looks = 0;
        accepted = now;
        if (accepted < count) await delay(LOOK_EVERY_MS);
      }
    },
    assertNoneRefused: async (): Promise<void> => {
      const manager = await patientManager(nc);
      const rejected = event.filter({ entity: "command", what: "rejected" });
      const last = await manager.streams.getMessage(streams.audit, { last_by_subj: rejected });
      if (last !== null && last.seq > base) throw new Error(`a creation was refused: ${last.string()}`);
    },
  };
}
