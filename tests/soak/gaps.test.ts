/*
 * The short pass of the soak run's long absence: a tenth of its schedules.
 */

import { expect, it } from "vitest";
import { say } from "../support/measure.ts";
import { soakGaps } from "./gaps.ts";

it("tells a gap of ten days in two events, and begins to fire at once", { timeout: 120_000 }, async () => {
  const { lines, faults } = await soakGaps({ schedules: 1_000 });
  for (const line of lines) say(line);
  expect(faults).toEqual([]);
});
