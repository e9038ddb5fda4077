/**
 * A sample service that collects figures: a plain NATS subscription to `cmd.analytics.>`, with no stream in
 * between. What is published while it is away is not for it; a command that was published twice, because a
 * worker died in the middle, carries the same execution id both times, and the second is let go.
 */

import { FIRE_HEADERS } from "@carillon/contracts";
import { connect } from "@nats-io/transport-node";
import type { Sample } from "./sample.ts";

const SUBJECTS = "cmd.analytics.>";
/** Execution ids remembered; a repeat comes within seconds, so older ones may be forgotten. */
const EXECUTIONS_MAX = 1000;

export async function startAnalytics(natsUrl: string): Promise<Sample> {
  const nc = await connect({ servers: natsUrl, name: "demo-analytics" });
  const seen = new Set<string>();
  let received = 0;
  nc.subscribe(SUBJECTS, {
    callback: (_, message) => {
      const executionId = message.headers?.get(FIRE_HEADERS.executionId) ?? "";
      if (seen.has(executionId)) return;
      seen.add(executionId);
      const [oldest] = seen;
      if (seen.size > EXECUTIONS_MAX && oldest !== undefined) seen.delete(oldest);
      received++;
    },
  });
  return { name: "analytics", received: () => received, close: () => nc.close() };
}
