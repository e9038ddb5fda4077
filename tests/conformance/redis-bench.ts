/** A bench of redis-servers of its own, each behind links that can be troubled. */

import { setTimeout as delay } from "node:timers/promises";
import { names as namesOf } from "@carillon/contracts";
import { type RedisServer, startRedis } from "@carillon/local";
import { RedisLink } from "../../services/scheduler/src/adapters/redis/connection.ts";
import { RedisLeases } from "../../services/scheduler/src/adapters/redis/leases.ts";
import { systemClock } from "../../services/scheduler/src/adapters/system-clock.ts";
import { openProxy } from "../support/proxy.ts";
import { count, type LeaseBench, type LeaseWorker } from "./bench.ts";

const LOOK_EVERY_MS = 10;

export async function redisBench(nodes: number): Promise<LeaseBench> {
  const servers = await Promise.all(count(nodes).map(() => startRedis({ ignoreEnvironment: true })));
  const opened: (() => Promise<void>)[] = [];
  return {
    worker: async () => {
      const { worker, close } = await workerOn(servers);
      opened.push(close);
      return worker;
    },
    pass: (forMs) => delay(forMs),
    until,
    done: (answer) => answer,
    close: async () => {
      for (const close of opened) await close();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(LOOK_EVERY_MS);
}

async function workerOn(
  servers: readonly RedisServer[],
): Promise<{ worker: LeaseWorker; close: () => Promise<void> }> {
  const proxies = await Promise.all(servers.map(({ port }) => openProxy(port)));
  const clock = systemClock();
  const addresses = proxies.map(({ url }) => ({
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    username: null,
    password: null,
    db: 0,
    tls: false,
  }));
  const link = new RedisLink({ clock, tell: () => {} }, addresses, "test");
  const up = (): boolean => link.nodes.every((node) => node.up());
  await until(up);
  const worker: LeaseWorker = {
    ports: { clock, leases: new RedisLeases({ clock, link, names: namesOf() }) },
    cut: async () => {
      for (const proxy of proxies) proxy.cut();
      await until(() => !link.nodes.some((node) => node.up()));
    },
    mend: async () => {
      for (const proxy of proxies) proxy.mend();
      await until(up);
    },
    deafen: () => {
      for (const proxy of proxies) proxy.drop("toClient");
    },
  };
  const close = async (): Promise<void> => {
    link.close();
    await Promise.all(proxies.map((proxy) => proxy.close()));
  };
  return { worker, close };
}
