/** The tenants file says whom a tenant may command; a refusal says which line is missing. */

import { CarillonError } from "@carillon/contracts/client";
import { payday } from "../cast.ts";
import type { Act } from "../stage.ts";

const WATCH_MS = 3_000;

export const forbiddenTarget: Act = {
  title: "A target that nobody allowed",
  run: async ({ client, say, watch }) => {
    const refusal = await client.create("payday", payday()).catch((error: unknown) => error);
    if (!(refusal instanceof CarillonError) || refusal.code !== "target_not_allowed") {
      throw new Error("the forbidden target was not refused", { cause: refusal });
    }
    say(refusal.message);
    await watch(WATCH_MS);
  },
};
