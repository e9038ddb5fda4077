/*
 * The short pass of the run of chaos: a few faults with few schedules and short leases. How long gaps are is for the long run, since other
 * tests run beside this one.
 */

import { expect, it } from "vitest";
import { say } from "../support/measure.ts";
import { chaos } from "./run.ts";

it("loses and doubles nothing while workers and the server come and go", { timeout: 120_000 }, async () => {
  const { lines, faults } = await chaos({
    cycles: 4,
    workers: 3,
    schedules: 200,
    leaseMs: 2_000,
    leases: "nats",
    seed: 7,
    boundsMs: {},
    say,
  });
  for (const line of lines) say(line);
  expect(faults).toEqual([]);
});
