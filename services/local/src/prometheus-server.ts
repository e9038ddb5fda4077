/**
 * A Prometheus on loopback, for looking at workers as their operators do. It runs a configuration file that exists already, so that
 * the files which that one names are found beside it.
 */

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Report, ServerBinary } from "./finding.ts";
import { LOOPBACK } from "./free-port.ts";
import { type LocalServer, runServer, type ServerPlan } from "./local-server.ts";
import { PROMETHEUS } from "./server-kind.ts";
import { findServer } from "./server-search.ts";

export type PrometheusOptions = {
  /** Path of its configuration file. */
  readonly configFile: string;
  /** Called with each line of its output, and with what the search for a binary does. */
  readonly log?: Report;
};

/** Ready means that it answers under the title that this run gave it. */
export async function startPrometheus({
  configFile,
  log = () => {},
}: PrometheusOptions): Promise<LocalServer> {
  return runServer(planOf(configFile, await findPrometheus(log), log));
}

/** The binary that `startPrometheus` would run; promtool lies beside it. Fetches one into the cache when the machine has none. */
export function findPrometheus(report: Report = () => {}): Promise<ServerBinary> {
  return findServer(PROMETHEUS, report);
}

function planOf(configFile: string, binary: ServerBinary, log: Report): ServerPlan {
  const title = `local-${randomUUID()}`;
  return {
    name: PROMETHEUS.name,
    binary,
    port: 0,
    storeDir: null,
    config: null,
    log,
    url: (port) => `http://${LOOPBACK}:${port}`,
    arguments: ({ port, storeDir }) => [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(storeDir, "series")}`,
      `--web.listen-address=${LOOPBACK}:${port}`,
      `--web.page-title=${title}`,
    ],
    serves: async (port) => (await titleAt(port)) === title,
  };
}

/** The title of the Prometheus at this port; null: none is ready there. */
async function titleAt(port: number): Promise<string | null> {
  const at = `http://${LOOPBACK}:${port}`;
  try {
    if (!(await fetch(`${at}/-/ready`)).ok) return null;
    const flags: unknown = await (await fetch(`${at}/api/v1/status/flags`)).json();
    return (flags as { data: Record<string, string> }).data["web.page-title"] ?? null;
  } catch {
    return null;
  }
}
