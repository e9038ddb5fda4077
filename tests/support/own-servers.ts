/** Servers that the tests of servers start: binaries there before the first test, a folder for each test, and nothing left after it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer, findRedisServer } from "@carillon/local";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeAll, beforeEach } from "vitest";

/** On a fresh machine the binaries are fetched first. */
const FETCH_MS_MAX = 300_000;

export interface OwnServers {
  /** Of the test that runs. */
  readonly folder: string;
  /** Has it stopped after the test, and answers it. */
  keep<Server extends { stop(): Promise<void> }>(server: Server): Server;
}

/** To be called outside of tests. */
export function ownServers(): OwnServers {
  const running: { stop(): Promise<void> }[] = [];
  let folder = "";
  beforeAll(async () => {
    await findNatsServer();
    await findRedisServer();
  }, FETCH_MS_MAX);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "carillon-test-"));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    get folder() {
      return folder;
    },
    keep: (server) => {
      running.push(server);
      return server;
    },
  };
}

/** Publishes into a stream, which it makes when there is none, and returns the sequence. */
export async function publishTo(url: string): Promise<number> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "KEPT", subjects: ["kept"] });
  const { seq } = await jetstream(connection).publish("kept");
  await connection.close();
  return seq;
}
