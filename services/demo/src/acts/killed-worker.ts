/** SIGKILL of the active worker: no warning, no clean-up. The standby waits for the lease to expire and goes on. */

import type { Act } from "../stage.ts";

const WATCH_MS = 2_500;

export const killedWorker: Act = {
  title: "kill -9 of the active worker",
  run: async ({ crew, auditor, say, next, watch }) => {
    const active = await crew.active();
    if (active === null) throw new Error("no worker says that it holds partitions");
    const killedAt = Date.now();
    const heir = next(
      "a fire of the standby",
      ({ what, event }) => what === "dispatched" && firedAt(event.data) > killedAt,
    );
    await active.process.kill();
    say(`${active.name} is killed. Its lease of two seconds must expire before anybody else may fire.`);
    const { event } = await heir;
    const untilAt = firedAt(event.data);
    auditor.outage({ fromAt: killedAt, untilAt: Date.now() });
    const [standby] = crew.living();
    crew.start();
    say(
      `${standby?.name ?? "The standby"} took over: a gap of ${Math.round(untilAt - killedAt)} ms. What fell due in it fires late, once.`,
    );
    await watch(WATCH_MS);
  },
};

/** Epoch ms; NaN where the event tells of no fire. */
const firedAt = (data: object): number =>
  "firedAt" in data && typeof data.firedAt === "string" ? Date.parse(data.firedAt) : Number.NaN;
