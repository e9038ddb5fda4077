/**
 * Where leases are kept, and for Redis how to reach its nodes and as whom. REDIS_URL is taken apart here, because the client would read
 * any option of its own from an address, and would take what is no address for a path.
 */

import type { RedisAddress } from "./adapters/redis/node.ts";
import { masked } from "./config-mask.ts";

export interface LeaseAccess {
  readonly backend: "nats" | "redis";
  /** An odd number of different nodes; none where leases are kept in NATS. */
  readonly nodes: readonly RedisAddress[];
}

type Settings = Readonly<Record<string, string | number>>;

const DEFAULT_PORT = 6379;
const SCHEMES = ["redis:", "rediss:"];

interface Reading {
  readonly access: LeaseAccess;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

/** Access by the settings, and what is wrong or strange with them, a line each. */
export function leaseAccess({ REDIS_URL: url, SCHEDULER_LEASES: asked }: Settings): Reading {
  const inNats: LeaseAccess = { backend: "nats", nodes: [] };
  if (url === undefined)
    return { access: inNats, faults: asked === "redis" ? [NO_ADDRESS] : [], warnings: [] };
  if (asked === "nats") return { access: inNats, faults: [], warnings: [UNUSED] };
  const nodes = String(url)
    .split(",")
    .map((part) => addressOf(part.trim()));
  const good = nodes.filter((node) => node !== null);
  const shown = JSON.stringify(masked(url, "url"));
  return {
    access: { backend: "redis", nodes: good },
    faults: faultsOf(nodes, good).map((fault) => `REDIS_URL: ${shown}; ${fault}`),
    warnings: [],
  };
}

const NO_ADDRESS = 'SCHEDULER_LEASES: "redis"; expected REDIS_URL beside it';
const UNUSED = "REDIS_URL is not used: SCHEDULER_LEASES=nats keeps leases in NATS";

function faultsOf(nodes: readonly (RedisAddress | null)[], good: readonly RedisAddress[]): string[] {
  const faults: string[] = [];
  if (good.length < nodes.length)
    faults.push("expected redis://host:port or rediss://host:port (TLS), several comma separated");
  // One more node than an odd number may fail no more of them, and two halves decide nothing.
  if (nodes.length % 2 === 0)
    faults.push("expected one node or an odd number of them, of which a majority decides");
  if (new Set(good.map(({ host, port }) => `${host}:${port}`)).size < good.length)
    faults.push("expected different nodes, each with one vote");
  return faults;
}

/** Null where it is no address of a node. */
function addressOf(part: string): RedisAddress | null {
  const url = URL.parse(part.includes("://") ? part : `redis://${part}`);
  if (url === null || !SCHEMES.includes(url.protocol) || url.hostname === "") return null;
  const db = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  if (db === undefined || url.search !== "" || url.hash !== "") return null;
  try {
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(url.port || DEFAULT_PORT),
      username: decodeURIComponent(url.username) || null,
      password: decodeURIComponent(url.password) || null,
      db: Number(db),
      tls: url.protocol === "rediss:",
    };
  } catch {
    return null;
  }
}
