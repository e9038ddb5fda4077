/** Three nats-servers that form a cluster on loopback, each with a store of its own. */

import { freePort, LOOPBACK, type NatsServer, startNats } from "@carillon/local";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const SIZE = 3;

/** A cluster that has not elected a leader within this counts as stuck. */
const ELECTION_MS_MAX = 30_000;

/** Resolves once JetStream answers, so that streams can be made. */
export async function startCluster(): Promise<readonly NatsServer[]> {
  const ports = await Promise.all(Array.from({ length: SIZE }, () => freePort()));
  const routes = ports.map((port) => `"nats://${LOOPBACK}:${port}"`).join(", ");
  const configs = ports.map(
    (port) =>
      `cluster { name: "test", listen: "${LOOPBACK}:${port}", no_advertise: true, routes: [${routes}] }`,
  );
  const servers = await Promise.all(configs.map((config) => startNats({ config, ignoreEnvironment: true })));
  await elected(servers);
  return servers;
}

async function elected(servers: readonly NatsServer[]): Promise<void> {
  const nc = await connect({ servers: servers.map(({ url }) => url), noAsyncTraces: true });
  const endMs = performance.now() + ELECTION_MS_MAX;
  try {
    for (;;) {
      const ready = await jetstreamManager(nc, { timeout: 1_000 }).then(
        () => true,
        () => false,
      );
      if (ready) return;
      if (performance.now() > endMs) throw new Error("the cluster elected no leader");
    }
  } finally {
    await nc.close();
  }
}
