/**
 * Health and metrics over HTTP, for orchestrators and Prometheus: /live /ready /health /health/detailed /metrics, read only, JSON (or
 * the exposition format). It decides nothing about health; it asks. /live answers while the event loop turns, whatever NATS does.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Readiness {
  readonly ready: boolean;
  /** What was looked at, and what was found; short words, no addresses with credentials. */
  readonly checks: Readonly<Record<string, string | number | boolean>>;
}

export interface HealthSource {
  readonly service: string;
  readonly version: string;
  readiness(): Readiness;
  /** More for people: partitions, backlog, next due … */
  details(): Readonly<Record<string, unknown>>;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface HealthServer {
  /** The port that it listens on, also where any was asked for. */
  readonly port: number;
  /** Resolves once nothing is open any more, within CLOSE_MS; may be called again. */
  close(): Promise<void>;
}

/** The address cannot be listened on: a matter of configuration. `message` is the one line for the operator. */
export class AddressUnavailable extends Error {
  override name = "AddressUnavailable";
}

/** Open connections at most; further ones are closed at once. */
const CONNECTIONS_MAX = 100;
/** A request that takes longer to arrive, headers and all, is answered 408. */
const REQUEST_MS = 5_000;
const KEEP_ALIVE_MS = 5_000;
/** Answers under way at close get so long; then their connections are cut. */
const CLOSE_MS = 1_000;

/** Listens on `host`:`port` (0: any); rejects with AddressUnavailable. */
export async function serveHealth(
  at: { host: string; port: number },
  source: HealthSource,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    respond(source, request, response).catch(() => answer(response, 500, { status: "error" }));
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listen(server, at);
  let closed: Promise<void> | null = null;
  return {
    port,
    close: () => {
      closed ??= close(server);
      return closed;
    },
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (cause) => reject(new AddressUnavailable(reasonOf(cause, host, port), { cause })));
  server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  return promise;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use",
  EACCES: "needs more rights",
  EADDRNOTAVAIL: "is no address of this machine",
  ENOTFOUND: "has an unknown host name",
};

function reasonOf(cause: Error, host: string, port: number): string {
  const code = "code" in cause ? String(cause.code) : cause.message;
  return `API_HOST, API_PORT: ${host}:${port} ${REASONS[code] ?? `cannot be listened on (${code})`}; expected a free port, or 0 for any`;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  server.close(() => {
    clearTimeout(cut);
    resolve();
  });
  server.closeIdleConnections();
  return promise;
}

type Answer = readonly [status: number, body: Readonly<Record<string, unknown>>];

const PAGES: Readonly<Record<string, (source: HealthSource) => Answer>> = {
  "/live": () => [200, { status: "alive" }],
  "/ready": (source) => {
    const { ready, checks } = source.readiness();
    return [ready ? 200 : 503, { status: ready ? "ready" : "not_ready", checks }];
  },
  "/health": (source) => {
    const { ready } = source.readiness();
    return [ready ? 200 : 503, healthOf(source, ready)];
  },
  "/health/detailed": (source) => {
    const { ready, checks } = source.readiness();
    return [ready ? 200 : 503, { ...healthOf(source, ready), checks, details: source.details() }];
  },
};

const healthOf = ({ service, version }: HealthSource, ready: boolean) => ({
  status: ready ? "healthy" : "unhealthy",
  service,
  version,
});

async function respond(
  source: HealthSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
  if (page === undefined && path !== METRICS)
    return answer(response, 404, { status: "not_found", paths: PATHS });
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return answer(response, 405, { status: "method_not_allowed" });
  }
  if (page !== undefined) return answer(response, ...page(source));
  const { contentType, text } = await source.metrics();
  send(response, 200, contentType, text);
}

const METRICS = "/metrics";
const PATHS = [...Object.keys(PAGES), METRICS];

const answer = (response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void =>
  send(response, status, "application/json; charset=utf-8", `${JSON.stringify(body)}\n`);

/** Node leaves the body out of answers to HEAD. */
function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}
