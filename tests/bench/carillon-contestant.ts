/** Workers with all their guarantees on, whose commands a stream captures. Late is from due to stored, by the server's clock. */

import { setTimeout as delay } from "node:timers/promises";
import { FIRE_HEADERS, names } from "@carillon/contracts";
import { startCrew } from "../support/sharing.ts";
import { openStack } from "../support/stack.ts";
import type { Contestant } from "./contestant.ts";
import { createAll, everySecond, idOf, TENANTS } from "./fleet.ts";
import { lastSequence, readStored } from "./stored-range.ts";

const { streams } = names();

export const carillon = (workers: number): Contestant => ({
  name: workers === 1 ? "Carillon" : `Carillon, ${workers} workers`,
  open: async () => {
    const stack = await openStack({ tenants: TENANTS });
    await startCrew(stack, workers);
    let size = 0;
    return {
      grow: async (schedules) => {
        const from = size;
        size = schedules;
        const ids = Array.from({ length: schedules - from }, (_, n) => idOf("every", from + n));
        await createAll(stack, ids, (index) => everySecond(from + index));
      },
      watch: async (windowMs) => {
        const after = await lastSequence(stack.nc, streams.targets);
        const fromAt = Date.now();
        await delay(windowMs);
        const lags: number[] = [];
        await readStored(stack.nc, streams.targets, after, ({ storedAt, header }) => {
          if (storedAt >= fromAt && storedAt < fromAt + windowMs)
            lags.push(storedAt - Date.parse(header(FIRE_HEADERS.dueAt)));
        });
        return lags;
      },
      close: () => stack.close(),
    };
  },
});
