/*
 * The short pass of the soak run: a quarter of a minute of firing, with one worker paused and another killed.
 */

import { expect, it } from "vitest";
import { say } from "../support/measure.ts";
import { soakLoad } from "./load.ts";

const MINUTES = 0.25;

it("loses and doubles nothing while workers are killed and paused", { timeout: 120_000 }, async () => {
  const { lines, faults } = await soakLoad({ minutes: MINUTES });
  for (const line of lines) say(line);
  expect(faults).toEqual([]);
});
