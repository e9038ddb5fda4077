/** A bench of a nats-server of its own, with the ports of the real worker, each behind a link that can be troubled. */

import { setTimeout as delay } from "node:timers/promises";
import { names as namesOf } from "@carillon/contracts";
import type { NatsServer } from "@carillon/local";
import { DiscardPolicy, type JetStreamManager, jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { connectNats } from "../../services/scheduler/src/adapters/nats/connection.ts";
import { openPorts } from "../../services/scheduler/src/adapters/nats/ports.ts";
import { systemClock } from "../../services/scheduler/src/adapters/system-clock.ts";
import { openProxy } from "../support/proxy.ts";
import { startTestNats } from "../support/servers.ts";
import { type Bench, WINDOW_MS, type Worker } from "./bench.ts";

const LOOK_EVERY_MS = 10;
const NANOS_PER_MS = 1_000_000;
const INBOX_PREFIX = "_INBOX_test";

export async function natsBench({ partitions }: { partitions: number }): Promise<Bench> {
  const server = await startTestNats();
  const nc = await connect({ servers: server.url });
  const manager = await jetstreamManager(nc);
  const opened: (() => Promise<void>)[] = [];
  return {
    worker: async () => {
      const { worker, close } = await workerOn(server, partitions);
      opened.push(close);
      return worker;
    },
    pass: (forMs) => delay(forMs),
    until,
    done: (answer) => answer,
    addStream: async ({ name, subjects, workQueue = false }) => {
      const retention = workQueue ? RetentionPolicy.Workqueue : RetentionPolicy.Limits;
      await manager.streams.add({
        name,
        retention,
        subjects: [...subjects],
        duplicate_window: WINDOW_MS * NANOS_PER_MS,
      });
    },
    count: async (stream) => (await manager.streams.info(stream)).state.messages,
    empty: async (stream) => void (await manager.streams.purge(stream)),
    fill: (stream) => fill(manager, stream),
    close: async () => {
      for (const close of opened) await close();
      await nc.close();
      await server.stop();
    },
  };
}

async function fill(manager: JetStreamManager, stream: string): Promise<void> {
  const { config, state } = await manager.streams.info(stream);
  await manager.streams.update(stream, { ...config, max_bytes: state.bytes, discard: DiscardPolicy.New });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(LOOK_EVERY_MS);
}

async function workerOn(
  server: NatsServer,
  partitions: number,
): Promise<{ worker: Worker; close: () => Promise<void> }> {
  const proxy = await openProxy(server.port);
  const [clock, tell] = [systemClock(), () => {}];
  const link = await connectNats(
    { clock, tell },
    {
      servers: [proxy.url],
      name: "test",
      user: null,
      password: null,
      credsFile: null,
      nkeySeedFile: null,
      token: null,
      tls: null,
      inboxPrefix: INBOX_PREFIX,
    },
  );
  const ports = await openPorts(
    { clock, link, names: namesOf(), tell },
    {
      partitions,
      poolSize: 4_096,
      inboxPrefix: INBOX_PREFIX,
      leases: "nats",
      replicas: 1,
      executionRetentionDays: 30,
      auditRetentionDays: 400,
      eventsMaxBytes: null,
      commandsFrom: null,
      captures: [],
    },
  );
  // From here on it hears what is sent to it.
  await link.nc.flush();
  const worker: Worker = {
    ports,
    cut: async () => {
      proxy.cut();
      // At once, whatever has arrived and is not read.
      await link.nc.reconnect();
      await until(() => !link.up());
    },
    mend: async () => {
      proxy.mend();
      await until(() => link.up());
    },
    deafen: () => proxy.drop("toClient"),
  };
  const close = async (): Promise<void> => {
    ports.ground.close();
    await link.close();
    await proxy.close();
  };
  return { worker, close };
}
