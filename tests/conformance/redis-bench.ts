/** A bench of redis-servers of its own. */

import { setTimeout as delay } from "node:timers/promises";
import { eventually, startNodes, type TroubledHolder, troubledOn } from "../support/redis.ts";
import type { LeaseBench, LeaseWorker } from "./bench.ts";

export async function redisBench(nodes: number): Promise<LeaseBench> {
  const servers = await startNodes(nodes);
  const holders: TroubledHolder[] = [];
  return {
    worker: async () => {
      const holder = await troubledOn(servers);
      holders.push(holder);
      return workerOf(holder);
    },
    pass: (forMs) => delay(forMs),
    until: eventually,
    done: (answer) => answer,
    close: async () => {
      for (const holder of holders) await holder[Symbol.asyncDispose]();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

function workerOf({ clock, leases, link, proxies }: TroubledHolder): LeaseWorker {
  return {
    ports: { clock, leases },
    cut: async () => {
      for (const proxy of proxies) proxy.cut();
      await eventually(() => !link.nodes.some((node) => node.up()));
    },
    mend: async () => {
      for (const proxy of proxies) proxy.mend();
      await eventually(() => link.nodes.every((node) => node.up()));
    },
    deafen: () => {
      for (const proxy of proxies) proxy.drop("toClient");
    },
  };
}
