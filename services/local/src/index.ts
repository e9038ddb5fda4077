/**
 * The local stack: a nats-server, a redis-server or a Prometheus where asked, on this machine's loopback.
 *
 * The demo, `--local`, development and the tests all start their servers here. Nothing is installed:
 * a binary that the machine lacks is unpacked into the project's cache folder (see server-search.ts).
 */

export type { ServerBinary } from "./finding.ts";
export { freePort, LOOPBACK } from "./free-port.ts";
export { natsGreeting, redisGreeting } from "./greeting.ts";
export type {
  LocalServer as NatsServer,
  LocalServer as PrometheusServer,
  LocalServer as RedisServer,
} from "./local-server.ts";
export { LocalStackError, type LocalStackErrorCode } from "./local-stack-error.ts";
export { findNatsServer, type NatsOptions, startNats } from "./nats-server.ts";
export { boundToParent, guardAgainstOrphan } from "./orphan-guard.ts";
export { findPrometheus, type PrometheusOptions, startPrometheus } from "./prometheus-server.ts";
export { findRedisServer, type RedisOptions, startRedis } from "./redis-server.ts";
