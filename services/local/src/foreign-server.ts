/**
 * A server that runs already, named by the environment. It can be used, and nothing else: ending what someone
 * else started is refused, so that a test that kills servers cannot hit one that matters.
 */

import type { LocalServer } from "./local-server.ts";
import { LocalStackError } from "./local-stack-error.ts";

export function foreignServer(url: string, port: number): LocalServer {
  const refuse = (verb: string) => {
    const text = `Cannot ${verb} the server at ${withoutSecrets(url)}: its address came from the environment`;
    return new LocalStackError("server_not_ours", text);
  };
  return {
    url,
    port,
    pid: null,
    storeDir: "",
    stop: () => Promise.resolve(),
    kill: () => Promise.reject(refuse("kill")),
    pause: () => {
      throw refuse("pause");
    },
    resume: () => {
      throw refuse("resume");
    },
    restart: () => Promise.reject(refuse("restart")),
  };
}

/** Host and port of the first address in a list; the scheme may be missing. Throws on what is no address. */
export function addressOf(url: string, defaultPort: number): { host: string; port: number } {
  const first = url.split(",")[0]?.trim() ?? "";
  const parsed = URL.parse(first.includes("://") ? first : `any://${first}`);
  if (parsed === null || parsed.hostname === "") {
    throw new LocalStackError("server_unreachable", `Not an address: ${withoutSecrets(first)}`);
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  return { host, port: parsed.port === "" ? defaultPort : Number(parsed.port) };
}

export function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/g, "//***@");
}
