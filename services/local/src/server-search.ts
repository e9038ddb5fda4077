/**
 * Where a server's binary comes from, in this order:
 *
 *   1. the search path, when new enough      3. the distribution's package (Debian, Ubuntu), else the
 *   2. the project's cache folder               newer suite's package, unpacked into the cache
 *
 * An address in the environment comes before all of them and needs no binary; `startNats` and `startRedis`
 * look at it themselves. The order is data, so that it can be tested without a machine that lacks things.
 */

import { lookInCache } from "./cache-folder.ts";
import { lookInDistribution } from "./distribution.ts";
import { cacheFolder, searchPath } from "./environment.ts";
import type { Finding, Report, ServerBinary } from "./finding.ts";
import { LocalStackError } from "./local-stack-error.ts";
import { lookOnSearchPath } from "./search-path.ts";
import type { ServerKind } from "./server-kind.ts";

export type Place = { readonly name: string; readonly look: () => Promise<Finding> };

/** The binary to start. Throws `server_not_found`, with what to install, when no place has one. */
export function findServer(kind: ServerKind, report: Report): Promise<ServerBinary> {
  return firstFound(kind, placesOf(kind, report));
}

export async function firstFound(kind: ServerKind, places: readonly Place[]): Promise<ServerBinary> {
  const reasons: string[] = [];
  for (const place of places) {
    const finding = await place.look();
    if ("found" in finding) return finding.found;
    reasons.push(`${place.name}: ${finding.missing}`);
  }
  throw new LocalStackError("server_not_found", notFoundText(kind, reasons));
}

export function placesOf(kind: ServerKind, report: Report): readonly Place[] {
  const cache = cacheFolder();
  return [
    { name: "search path", look: () => lookOnSearchPath(kind, searchPath()) },
    { name: "cache folder", look: () => lookInCache(kind, cache) },
    { name: "distribution", look: () => lookInDistribution(kind, cache, report) },
  ];
}

function notFoundText(kind: ServerKind, reasons: readonly string[]): string {
  const otherwise = kind.addressVariable === null ? "" : `, or set ${kind.addressVariable}`;
  const head = `No ${kind.name} of version ${kind.minimum} or newer (${reasons.join("; ")}). Install one${otherwise}:`;
  return [head, ...kind.install].join("\n");
}
