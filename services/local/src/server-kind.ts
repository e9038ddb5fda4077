/**
 * The kinds of server that the local stack knows: how each is called, how old it may be, and what to
 * tell a person whose machine has none. Data only.
 */

export type ServerKind = {
  /** Name of the binary, of the distribution's package, and of the cache entry. */
  readonly name: "nats-server" | "redis-server" | "prometheus";
  /** Oldest version that Carillon works with. */
  readonly minimum: string;
  /** Variable that holds the address of a running one; null: it is always started. */
  readonly addressVariable: "CARILLON_NATS_URL" | "CARILLON_REDIS_URL" | null;
  /** Whether the package's missing libraries must be fetched with it. */
  readonly needsLibraries: boolean;
  /** One line each for macOS, Linux and Windows. */
  readonly install: readonly [string, string, string];
};

export const NATS_SERVER = {
  name: "nats-server",
  /** Per-message TTL, atomic features and subject transforms as Carillon uses them came with 2.12. */
  minimum: "2.12.0",
  addressVariable: "CARILLON_NATS_URL",
  needsLibraries: false,
  install: [
    "macOS:   brew install nats-server",
    "Linux:   put the binary of https://github.com/nats-io/nats-server/releases on the PATH",
    "Windows: scoop install nats-server",
  ],
} as const satisfies ServerKind;

export const REDIS_SERVER = {
  name: "redis-server",
  /** Scripts and `SET … PX … NX GET` as the lease adapter uses them. */
  minimum: "6.0.0",
  addressVariable: "CARILLON_REDIS_URL",
  needsLibraries: true,
  install: [
    "macOS:   brew install redis",
    "Linux:   install the package redis (Debian, Ubuntu: apt-get install redis-server)",
    "Windows: scoop install redis",
  ],
} as const satisfies ServerKind;

export const PROMETHEUS = {
  name: "prometheus",
  /** Rule tests as `promtool test rules` reads them here; the version of Debian 12. */
  minimum: "2.42.0",
  addressVariable: null,
  // Its package names what the pages of its web interface are made of, and these are not needed.
  needsLibraries: false,
  install: [
    "macOS:   brew install prometheus",
    "Linux:   install the package prometheus (Debian, Ubuntu: apt-get install prometheus)",
    "Windows: scoop install prometheus",
  ],
} as const satisfies ServerKind;
