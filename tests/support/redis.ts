/** Redis nodes of a test's own, links to them that can be troubled, and holders of leases on them. */

import { setTimeout as delay } from "node:timers/promises";
import { names } from "@carillon/contracts";
import { type RedisServer, startRedis } from "@carillon/local";
import { RedisLink } from "../../services/scheduler/src/adapters/redis/connection.ts";
import { RedisLeases } from "../../services/scheduler/src/adapters/redis/leases.ts";
import { systemClock } from "../../services/scheduler/src/adapters/system-clock.ts";
import type { Clock } from "../../services/scheduler/src/app/ports.ts";
import type { Signal } from "../../services/scheduler/src/app/signals.ts";
import { leaseAccess } from "../../services/scheduler/src/config-leases.ts";
import { type LinkProxy, openProxy } from "./proxy.ts";

const LOOK_EVERY_MS = 10;

/** Servers that a test may kill, pause and restart, whatever the environment names. */
export const startNodes = (count: number, config?: string): Promise<RedisServer[]> =>
  Promise.all(
    Array.from({ length: count }, () =>
      startRedis({ ignoreEnvironment: true, ...(config === undefined ? {} : { config }) }),
    ),
  );

/** REDIS_URL of all of them. */
export const urlOf = (servers: readonly Pick<RedisServer, "port">[]): string =>
  servers.map(({ port }) => `redis://127.0.0.1:${port}`).join(",");

export interface Holder extends AsyncDisposable {
  readonly clock: Clock;
  readonly link: RedisLink;
  readonly leases: RedisLeases;
  /** What operators were told. */
  readonly told: readonly Signal[];
}

/** One that may hold leases on the nodes of a REDIS_URL; it need not be connected yet. */
export function holderOn(url: string): Holder {
  const clock = systemClock();
  const told: Signal[] = [];
  const { access, faults } = leaseAccess({ REDIS_URL: url });
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const link = new RedisLink({ clock, tell: (signal) => void told.push(signal) }, access.nodes, "test");
  return {
    clock,
    link,
    told,
    leases: new RedisLeases({ clock, link, names: names() }),
    [Symbol.asyncDispose]: async () => link.close(),
  };
}

/** The same, connected to every node. */
export async function connectedTo(url: string): Promise<Holder> {
  const holder = holderOn(url);
  await eventually(() => holder.link.nodes.every((node) => node.up()));
  return holder;
}

export interface TroubledHolder extends Holder {
  /** Its link to each node. */
  readonly proxies: readonly LinkProxy[];
}

/** A holder whose links can be troubled. */
export async function troubledOn(servers: readonly RedisServer[]): Promise<TroubledHolder> {
  const proxies = await Promise.all(servers.map(({ port }) => openProxy(port)));
  const holder = await connectedTo(urlOf(proxies.map(({ url }) => ({ port: Number(new URL(url).port) }))));
  return {
    ...holder,
    proxies,
    [Symbol.asyncDispose]: async () => {
      holder.link.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(LOOK_EVERY_MS);
}
