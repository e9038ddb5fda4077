/*
 * What every call of one client shares: its connection, tenant and subjects.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import { DEFAULT_INSTALLATION, DEFAULT_TENANT, names } from "../subjects/index.ts";
import { assertName } from "./request.ts";

export interface ClientOptions {
  /** Default: `default`. */
  readonly tenant?: string;
  /** Who is said to act; default: `anonymous`. */
  readonly actor?: string;
  /** Milliseconds to wait for an answer; every rpc is answered within 2 s, so keep at least the default 3000. */
  readonly timeoutMs?: number;
  /** Second token of subjects; default: `scheduler`. */
  readonly installation?: string;
}

export type Context = ReturnType<typeof contextOf>;

const TIMEOUT_MS = 3000;

export const contextOf = (nc: NatsConnection, options: ClientOptions) => {
  const { tenant = DEFAULT_TENANT, timeoutMs = TIMEOUT_MS, installation = DEFAULT_INSTALLATION } = options;
  assertName("tenant", tenant);
  return { nc, tenant, timeoutMs, actor: options.actor, subjects: names(installation) };
};
