/**
 * Everything that runs behind the scenes of the demo, once there is a server: workers, auditor, sample services,
 * and the demo's own connection. Opened in order, ended in reverse; the workers drain.
 */

import { names } from "@carillon/contracts";
import { type Client, createClient } from "@carillon/contracts/client";
import type { NatsServer } from "@carillon/local";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Auditor, startAuditor } from "./auditor-process.ts";
import { SCHEDULE_IDS } from "./cast.ts";
import { Crew } from "./crew.ts";
import { EventFeed } from "./event-feed.ts";
import { startAnalytics } from "./samples/analytics.ts";
import { startNotification } from "./samples/notification.ts";
import type { Sample } from "./samples/sample.ts";

export interface House extends AsyncDisposable {
  /** Epoch ms. */
  readonly openedAt: number;
  readonly crew: Crew;
  readonly auditor: Auditor;
  readonly nc: NatsConnection;
  readonly client: Client;
  readonly feed: EventFeed;
  readonly samples: readonly Sample[];
}

const { streams } = names();

/** The first worker starts at once, since everybody waits for it. `redisUrl`: where leases are kept; null: in NATS. */
export async function openHouse({ url, pid }: NatsServer, redisUrl: string | null): Promise<House> {
  await using stack = new AsyncDisposableStack();
  const openedAt = Date.now();
  const crew = new Crew(url, redisUrl);
  stack.defer(() => crew.sendHome());
  crew.start();
  const auditor = startAuditor(url, openedAt);
  stack.defer(() => auditor.end());
  const nc = await connect({ servers: url, name: "demo" });
  stack.defer(() => nc.close());
  const client = createClient(nc, { actor: "demo" });
  if (pid === null) stack.defer(() => forget(client));
  const samples = [await startNotification(url, streams.targets), await startAnalytics(url)];
  stack.defer(async () => void (await Promise.all(samples.map((sample) => sample.close()))));
  const parts = stack.move();
  const feed = new EventFeed(nc);
  const end = (): Promise<void> => parts.disposeAsync();
  return { openedAt, crew, auditor, nc, client, feed, samples, [Symbol.asyncDispose]: end };
}

/** Leaves no schedule of ours on a server that others use. */
async function forget(client: Client): Promise<void> {
  await Promise.allSettled(SCHEDULE_IDS.map((scheduleId) => client.delete(scheduleId)));
}
