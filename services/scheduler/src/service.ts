/**
 * One worker, put together and running: tenants, health, NATS, scheduler, rpc. What must not start throws an error that exit.ts knows.
 * Parts are stopped in the reverse order of their start.
 */

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { names as namesOf } from "@carillon/contracts";
import { connectNats } from "./adapters/nats/connection.ts";
import { offerService } from "./adapters/nats/micro.ts";
import { openPorts } from "./adapters/nats/ports.ts";
import { serveHealth } from "./adapters/ops/http.ts";
import type { Metrics } from "./adapters/ops/metrics.ts";
import { readTenants, type TenantsSettings } from "./adapters/ops/tenants-file.ts";
import { watchTenants } from "./adapters/ops/tenants-watch.ts";
import { RedisLink } from "./adapters/redis/connection.ts";
import { RedisLeases } from "./adapters/redis/leases.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { watchClock } from "./app/clock-watch.ts";
import type { Clock } from "./app/ports.ts";
import type { Tell } from "./app/signals.ts";
import { compose } from "./compose.ts";
import type { Config } from "./config.ts";
import { Misconfigured } from "./exit.ts";
import { healthOf, offerOf, probesOf, type Running } from "./operation.ts";
import { connectionOf, defaultsOf, topologyOf } from "./settings.ts";

export interface Service {
  /** Reads the tenants file again. */
  reread(): Promise<void>;
  /** Resolves where it cannot go on: its settings fit the installation no longer. */
  readonly outdated: Promise<Misconfigured>;
  /** Drains, then ends every part. */
  stop(): Promise<void>;
}

/** `closing`: gives up waiting for NATS. */
export async function startService(
  config: Config,
  { metrics, tell }: { metrics: Metrics; tell: Tell },
  closing: AbortSignal,
): Promise<Service> {
  await using parts = new AsyncDisposableStack();
  const clock = systemClock();
  const names = namesOf();
  const worker = workerName();
  const tenantsSettings = {
    path: config.tenantsFile,
    maxSchedulesPerCreator: config.maxSchedulesPerCreator,
    installation: names,
  };
  const first = await firstTenants(tenantsSettings, tell);
  const running: Running = {};
  const health = await serveHealth(
    { host: config.apiHost, port: config.apiPort },
    healthOf(config, metrics, running),
  );
  parts.defer(() => health.close());
  tell({ kind: "health.listening", address: `http://${config.apiHost}:${health.port}` });

  const redis = connectRedis({ clock, tell }, config, worker);
  if (redis !== null) {
    parts.defer(() => redis.close());
    running.redis = redis;
  }
  const link = await connectNats({ clock, tell }, connectionOf(config, names, worker), closing);
  parts.defer(() => link.close());
  running.link = link;
  const ports = await openPorts(
    { clock, link, names, tell },
    topologyOf(config, names, first.tenants.captured),
  );
  parts.defer(() => ports.ground.close());
  running.unfit = ports.ground.faults;
  const tenants = watchTenants({
    settings: tenantsSettings,
    first,
    admit: async ({ captured }) => ({ faults: await ports.capture(captured), warnings: [] }),
    tell,
  });
  parts.defer(() => tenants.close());
  const leases = redis === null ? ports.leases : new RedisLeases({ clock, link: redis, names });
  const adapters = { ...ports, leases };
  const scheduler = compose(adapters, {
    names,
    worker,
    version: config.serviceVersion,
    tzdata: config.tzdata,
    natsServer: () => link.serverVersion(),
    partitions: config.partitions,
    leaseTtlMs: config.lockTimeoutMs,
    warmMax: config.warmMax,
    defaults: defaultsOf(config),
    tenants: () => tenants.current(),
    randomId: () => randomUUID(),
  });
  running.scheduler = scheduler;
  metrics.leasesIn(ports.leases.backend);
  metrics.watch(probesOf(ports, scheduler));
  metrics.buildInfo.set({ version: config.serviceVersion, nats_server: link.serverVersion() }, 1);
  parts.defer(watchClock(clock, tell));
  scheduler.worker.start();
  parts.defer(async () => {
    await scheduler.worker.stop();
    tell({ kind: "worker.stopped" });
  });
  parts.defer(
    await offerService(link, offerOf(config, names, scheduler), (error) => tell({ kind: "bug", error })),
  );
  tell({
    kind: "worker.started",
    worker,
    version: config.serviceVersion,
    natsServer: link.serverVersion(),
    tzdata: config.tzdata,
  });

  const started = parts.move();
  return {
    reread: () => tenants.reread(),
    outdated: ports.ground.superseded.then((wayOn) => new Misconfigured([wayOn])),
    stop: () => started.disposeAsync(),
  };
}

/** Null where leases are kept in NATS. It connects by itself, and need not be there at the start. */
const connectRedis = (deps: { clock: Clock; tell: Tell }, { leases }: Config, worker: string) =>
  leases.backend === "redis" ? new RedisLink(deps, leases.nodes, worker) : null;

const workerName = (): string =>
  `${hostname().replace(/[^A-Za-z0-9_-]/g, "_")}-${process.pid}-${randomUUID().slice(0, 8)}`;

async function firstTenants(settings: TenantsSettings, tell: Tell) {
  const first = await readTenants(settings);
  if (!first.ok) throw new Misconfigured(first.faults);
  for (const message of first.warnings) tell({ kind: "warning", message });
  return first;
}
