/**
 * One installation of a test's own: a nats-server, a tenants file, a connection, and the workers that the test starts.
 * `close` ends all of it, whatever the test left behind.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TenantsFile } from "@carillon/contracts";
import { type Client, createClient } from "@carillon/contracts/client";
import type { NatsServer } from "@carillon/local";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { startCluster } from "./cluster.ts";
import { type ServerOptions, startTestNats } from "./servers.ts";
import { type Settings, startWorker, type WorkerProcess } from "./worker-process.ts";

export interface Stack {
  readonly server: NatsServer;
  /** All of the cluster; the one, where there is none. */
  readonly servers: readonly NatsServer[];
  readonly nc: NatsConnection;
  /** Folder of the tenants file, for schemas beside it. */
  readonly folder: string;
  readonly tenantsFile: string;
  /** Starts another worker; it need not be ready. */
  worker(settings?: Settings): WorkerProcess;
  /** A client of `default`, or of another tenant. */
  client(tenant?: string): Client;
  /** Writes the tenants file anew. */
  writeTenants(tenants: TenantsFile["tenants"]): Promise<void>;
  close(): Promise<void>;
}

/** `default` and `acme` may send notifications; `default` may also send where no stream listens. */
export const TENANTS: TenantsFile["tenants"] = {
  default: {
    targets: [{ subject: "cmd.notification.>", capture: true }, { subject: "cmd.uncaptured.>" }],
  },
  acme: { targets: [{ subject: "cmd.notification.>", capture: true }] },
};

/** Not one of them may wait longer than this for an answer: workers under test are killed and started. */
const RPC_MS = 5_000;

/** `config` is text of the server's configuration. */
export interface StackOptions extends ServerOptions {
  readonly tenants?: TenantsFile["tenants"];
  /** Three servers of their own, each with a copy of everything; `config` does not reach them. */
  readonly cluster?: boolean;
  /** Of every worker. */
  readonly settings?: Settings;
  /** Of the test and of every worker; the configuration says that the server asks for it. */
  readonly login?: { readonly user: string; readonly password: string };
}

export async function openStack(options: StackOptions = {}): Promise<Stack> {
  const { login, cluster = false } = options;
  const servers = cluster ? await startCluster() : [await startTestNats(options)];
  const [server] = servers;
  if (server === undefined) throw new Error("a stack without a server");
  const urls = servers.map(({ url }) => url);
  const folder = await mkdtemp(join(tmpdir(), "carillon-test-"));
  const tenantsFile = join(folder, "tenants.json");
  const writeTenants = (tenants: TenantsFile["tenants"]): Promise<void> =>
    writeFile(tenantsFile, JSON.stringify({ tenants }));
  await writeTenants(options.tenants ?? TENANTS);
  const nc = await connect({
    servers: urls,
    ...(login === undefined ? {} : { user: login.user, pass: login.password }),
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const workers: WorkerProcess[] = [];
  const common = {
    NATS_URL: urls.join(","),
    ...(cluster ? { JETSTREAM_REPLICAS: String(servers.length) } : {}),
    ...(login === undefined ? {} : { NATS_USER: login.user, NATS_PASSWORD: login.password }),
    SCHEDULER_TENANTS_FILE: tenantsFile,
    ...options.settings,
  };
  return {
    server,
    servers,
    nc,
    folder,
    tenantsFile,
    writeTenants,
    worker: (settings = {}) => {
      const worker = startWorker({ ...common, ...settings });
      workers.push(worker);
      return worker;
    },
    client: (tenant = "default") => createClient(nc, { tenant, actor: "test", timeoutMs: RPC_MS }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
      await nc.close();
      await Promise.all(servers.map((one) => one.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A stack whose first worker holds the partitions, and the client that most tests use. */
export async function openRunning(
  options: StackOptions = {},
): Promise<{ stack: Stack; worker: WorkerProcess; client: Client }> {
  const stack = await openStack(options);
  const worker = stack.worker();
  try {
    await worker.settled();
  } catch (cause) {
    await stack.close();
    throw cause;
  }
  return { stack, worker, client: stack.client() };
}
