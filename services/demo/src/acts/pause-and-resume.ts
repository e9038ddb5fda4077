/** Nothing fires under a pause; the resumption says what becomes of it, and what does not fire is explained. */

import { digest } from "../cast.ts";
import type { Act } from "../stage.ts";

const BEFORE_MS = 1_500;
const PAUSE_MS = 5_200;
const AFTER_MS = 2_000;

export const pauseAndResume: Act = {
  title: "Pause, then resume with catch-up",
  run: async ({ client, say, watch }) => {
    await client.create("digest", digest());
    await watch(BEFORE_MS);
    await client.pause("digest", { reason: "nobody reads it now" });
    say("digest is paused: once that is acknowledged, it fires no more.");
    await watch(PAUSE_MS);
    await client.resume("digest", { from: "catch_up" });
    say(
      "Resumed to catch up. Its policy makes up for three misfires; older ones are missed, and an event says so.",
    );
    await watch(AFTER_MS);
    await client.delete("digest");
  },
};
