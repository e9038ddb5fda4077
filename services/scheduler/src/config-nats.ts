/**
 * How to reach NATS and as whom. NATS_URL is taken apart here, because the client reads neither `tls://` nor a user part from
 * an address: left in, they would be dropped without a word. Credentials have one source; two that differ are a fault.
 */

import { masked } from "./config-mask.ts";

export interface NatsAccess {
  /** `host:port`, at least one. */
  readonly servers: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  /** From `nats://token@host`. */
  readonly token: string | null;
  /** Path of a credentials file; null: none. */
  readonly credsFile: string | null;
  readonly nkeySeedFile: string | null;
  /** Null: no TLS unless the server asks for it. Paths of PEM files; null: the system's authorities, no client certificate. */
  readonly tls: {
    readonly caFile: string | null;
    readonly certFile: string | null;
    readonly keyFile: string | null;
  } | null;
}

type Settings = Readonly<Record<string, string | number>>;

const DEFAULT_PORT = 4222;

/** Access by the settings, and what is wrong with them, a line each. */
export function natsAccess(settings: Settings): { access: NatsAccess; faults: string[] } {
  const text = (name: string): string | null => settings[name]?.toString() ?? null;
  const addresses = (text("NATS_URL") ?? "").split(",").map((part) => addressOf(part.trim()));
  const good = addresses.filter((address) => address !== null);
  const identity = good.find(({ user }) => user !== "");
  const user = text("NATS_USER") ?? (identity?.password === "" ? null : (identity?.user ?? null));
  const access: NatsAccess = {
    servers: good.map(({ server }) => server),
    user,
    password: text("NATS_PASSWORD") ?? (identity?.password || null),
    token: identity?.password === "" ? identity.user : null,
    credsFile: text("NATS_CREDS_FILE"),
    nkeySeedFile: text("NATS_NKEY_SEED_FILE"),
    tls: tlsOf(
      text,
      good.some(({ tls }) => tls),
    ),
  };
  const url = JSON.stringify(masked(text("NATS_URL") ?? "", "url"));
  const faults = addresses.includes(null)
    ? [`NATS_URL: ${url}; expected nats://host:port or tls://host:port, several comma separated`]
    : [];
  if (good.some((one) => one.user !== "" && !sameIdentity(one, identity))) {
    faults.push(`NATS_URL: ${url}; expected one user for all servers`);
  }
  return { access, faults: [...faults, ...pairFaults(access, settings, identity !== undefined)] };
}

interface Address {
  readonly server: string;
  readonly user: string;
  readonly password: string;
  readonly tls: boolean;
}

/** Null where it is no address that the client speaks. */
function addressOf(part: string): Address | null {
  const url = URL.parse(part.includes("://") ? part : `nats://${part}`);
  if (url === null || !["nats:", "tls:"].includes(url.protocol) || url.hostname === "") return null;
  if (!["", "/"].includes(url.pathname) || url.search !== "") return null;
  try {
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    return {
      server: `${url.hostname}:${url.port || DEFAULT_PORT}`,
      user,
      password,
      tls: url.protocol === "tls:",
    };
  } catch {
    return null;
  }
}

const sameIdentity = (a: Address, b: Address | undefined): boolean =>
  a.user === b?.user && a.password === b.password;

function tlsOf(text: (name: string) => string | null, asked: boolean): NatsAccess["tls"] {
  const caFile = text("NATS_TLS_CA_FILE");
  const certFile = text("NATS_TLS_CERT_FILE");
  const keyFile = text("NATS_TLS_KEY_FILE");
  return asked || caFile !== null || certFile !== null || keyFile !== null
    ? { caFile, certFile, keyFile }
    : null;
}

function pairFaults({ user, password, tls }: NatsAccess, settings: Settings, inUrl: boolean): string[] {
  const faults: string[] = [];
  if (password !== null && user === null) faults.push("NATS_PASSWORD: set; expected NATS_USER beside it");
  if (tls !== null && (tls.certFile === null) !== (tls.keyFile === null)) {
    faults.push("NATS_TLS_CERT_FILE, NATS_TLS_KEY_FILE: one is set; expected both or neither");
  }
  const sources = [
    settings["NATS_USER"] === undefined ? [] : ["NATS_USER"],
    inUrl ? ["the user part of NATS_URL"] : [],
    settings["NATS_CREDS_FILE"] === undefined ? [] : ["NATS_CREDS_FILE"],
    settings["NATS_NKEY_SEED_FILE"] === undefined ? [] : ["NATS_NKEY_SEED_FILE"],
  ].flat();
  return sources.length < 2
    ? faults
    : [...faults, `${sources.join(", ")}: set together; expected one of them`];
}
