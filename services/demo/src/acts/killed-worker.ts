/**
 * SIGKILL of a worker: no warning, no clean-up. What it owned waits until its lease and its heartbeat have run out, and then the others
 * share it; what they own goes on meanwhile.
 */

import { DEFAULT_TENANT, partitionOf } from "@carillon/contracts";
import type { Act, Stage } from "../stage.ts";
import type { Worker } from "../worker.ts";

const WATCH_MS = 1_500;
/** Of all schedules it fires most often, so it shows the gap best. */
const WATCHED = "heartbeat";

export const killedWorker: Act = {
  title: "kill -9 of one of three workers",
  run: async (stage) => {
    const { crew, auditor, say, next, watch } = stage;
    const doomed = await ownerOf(WATCHED, stage);
    const owned = await doomed.partitionsOwned();
    let killedAt = Number.POSITIVE_INFINITY;
    const heir = next(
      `a fire of ${WATCHED}`,
      ({ what, scheduleId, event }) =>
        what === "dispatched" && scheduleId === WATCHED && firedAt(event.data) > killedAt,
    );
    await doomed.process.kill();
    killedAt = Date.now();
    say(
      `${doomed.name}, which owned ${owned} partitions, is killed. What others own fires on; for these, its lease and heartbeat of two seconds must run out.`,
    );
    const { event } = await heir;
    auditor.outage({ fromAt: killedAt, untilAt: Date.now() });
    say(
      `The others took over (${await crew.shares()}): for ${WATCHED} a gap of ${Math.round(firedAt(event.data) - killedAt)} ms. What fell due in it fires late, once.`,
    );
    crew.start();
    say(`Another one joins and takes its share, and no more moves: ${await crew.shares()}.`);
    await watch(WATCH_MS);
  },
};

/** Who owns a schedule's partition, as the installation's `status` says. */
async function ownerOf(scheduleId: string, { client, crew }: Stage): Promise<Worker> {
  const { partitions } = await client.status();
  const partition = partitionOf(DEFAULT_TENANT, scheduleId, partitions.total);
  const owner = partitions.owners.find((one) => one.partition === partition);
  const worker = crew.living().find((one) => one.id() === owner?.worker);
  if (worker === undefined) throw new Error(`no worker says that it owns ${scheduleId}`);
  return worker;
}

/** Epoch ms; NaN where the event tells of no fire. */
const firedAt = (data: object): number =>
  "firedAt" in data && typeof data.firedAt === "string" ? Date.parse(data.firedAt) : Number.NaN;
