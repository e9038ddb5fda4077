/** A command is durable before anybody reads it: published while no worker runs, it takes effect when one comes. */

import { reminder } from "../cast.ts";
import { type Act, isFireOf } from "../stage.ts";
import { duration } from "../wording.ts";

const DUE_IN_SECONDS = 2;
const ABSENCE_MS = 3_500;
const WATCH_MS = 2_500;

export const noWorker: Act = {
  title: "A reminder for nobody: created while no worker runs",
  run: async ({ client, crew, auditor, say, next, watch }) => {
    const fromAt = Date.now();
    await crew.sendHome();
    const { stream, seq } = await client.durable.create("reminder", reminder(DUE_IN_SECONDS));
    say(`All workers have drained and ended. A plain publish: ${stream} holds it as message ${seq}.`);
    await watch(ABSENCE_MS);

    const fired = next("the reminder", isFireOf("reminder"));
    crew.start();
    const { event } = await fired;
    auditor.outage({ fromAt, untilAt: Date.now() });
    for (let more = 0; more < 2; more++) crew.start();
    const lagMs = "lagMs" in event.data ? (event.data.lagMs ?? 0) : 0;
    say(
      `A worker is back: the reminder fired once, ${duration(lagMs)} late, like all that fell due meanwhile.`,
    );
    await watch(WATCH_MS);
  },
};
