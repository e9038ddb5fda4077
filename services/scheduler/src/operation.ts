/** What a running worker shows of itself: health, gauges, and the rpc that it offers. */

import { type Names, SCHEDULE_VERBS, TENANT_VERBS, type TenantVerb } from "@carillon/contracts";
import type { Link } from "./adapters/nats/connection.ts";
import type { ServiceOffer } from "./adapters/nats/micro.ts";
import type { NatsPorts } from "./adapters/nats/ports.ts";
import type { HealthSource, Readiness } from "./adapters/ops/http.ts";
import type { Metrics } from "./adapters/ops/metrics.ts";
import type { Probes } from "./adapters/ops/probes.ts";
import type { RedisLink } from "./adapters/redis/connection.ts";
import type { Scheduler } from "./compose.ts";
import type { Config } from "./config.ts";

/** What has been started so far. */
export interface Running {
  link?: Link;
  /** Where leases are kept in Redis. */
  redis?: RedisLink;
  /** Once everything is declared: what is wrong with the streams now. */
  unfit?: () => readonly string[];
  scheduler?: Scheduler;
}

export const healthOf = (config: Config, metrics: Metrics, running: Running): HealthSource => ({
  service: config.serviceName,
  version: config.serviceVersion,
  readiness: () => readinessOf(running),
  details: () => detailsOf(running),
  metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
});

/** Ready: connected, to Redis too where leases are kept there, everything declared and still so, and what is wanted of this worker is held. */
function readinessOf({ link, redis, unfit, scheduler }: Running): Readiness {
  const connected = link?.up() ?? false;
  const leasable = redis?.up() ?? true;
  const role = scheduler?.gauges().role ?? "starting";
  const streams = unfit?.().length === 0;
  return {
    ready: connected && leasable && streams && role !== "starting",
    checks: {
      nats: wordOf(connected),
      ...(redis === undefined ? {} : { redis: wordOf(leasable) }),
      streams,
      role,
    },
  };
}

const wordOf = (connected: boolean): string => (connected ? "connected" : "disconnected");

function detailsOf({ link, redis, unfit, scheduler }: Running): Readonly<Record<string, unknown>> {
  if (link === undefined || scheduler === undefined) return {};
  const { schedules, running, ...gauges } = scheduler.gauges();
  return {
    natsServer: link.serverVersion(),
    ...(redis === undefined
      ? {}
      : { redisNodes: Object.fromEntries(redis.nodes.map((node) => [node.address, wordOf(node.up())])) }),
    unfitStreams: unfit?.() ?? [],
    ...gauges,
    schedules: Object.fromEntries(schedules),
    running: Object.fromEntries(running),
  };
}

export const probesOf = ({ watch, ground }: NatsPorts, scheduler: Scheduler): Probes => ({
  gauges: () => scheduler.gauges(),
  inboxPending: () => watch.inboxPending(),
  clockSkewSeconds: () => watch.clockSkewSeconds(),
  streamUsedRatios: () => watch.streamUsedRatios(),
  streamsUnfit: () => ground.faults().length,
});

/** Of verbs about a tenant; a name stands once. */
const ENDPOINT_NAMES: Readonly<Record<TenantVerb, string>> = {
  preview: "preview-trigger",
  verify: "verify-tenant",
  list: "list",
  status: "status",
};

/** One endpoint for each verb about a schedule, and for each about a tenant. */
export function offerOf(config: Config, names: Names, { rpc, stray }: Scheduler): ServiceOffer {
  const about = SCHEDULE_VERBS.map((verb) => ({
    name: verb,
    subject: names.rpc.filter({ verb }),
    handler: rpc,
  }));
  const tenants = TENANT_VERBS.map((verb) => ({
    name: ENDPOINT_NAMES[verb],
    subject: names.rpcTenant.filter({ verb }),
    handler: rpc,
  }));
  return {
    name: config.serviceName,
    version: config.serviceVersion,
    description: "A durable scheduler for NATS",
    endpoints: [...about, ...tenants],
    catchAll: { name: "stray", subject: names.allRpc, handler: stray },
  };
}
