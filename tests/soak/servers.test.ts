/*
 * The short pass of the soak run's outages: nats-server stopped, killed and paused under load, and back again.
 */

import { expect, it } from "vitest";
import { say } from "../support/measure.ts";
import { soakServers } from "./servers.ts";

const OUTAGE_MS = 3_000;

it("loses and doubles nothing while nats-server is stopped, killed and paused", {
  timeout: 120_000,
}, async () => {
  const { lines, faults } = await soakServers({ outageMs: OUTAGE_MS });
  for (const line of lines) say(line);
  expect(faults).toEqual([]);
});
