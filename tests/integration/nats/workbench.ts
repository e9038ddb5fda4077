/**
 * What the tests of the NATS adapters share: a server of their own, a connection, and the adapters wired together
 * the way the worker wires them.
 */

import { type Names, names as namesOf } from "@carillon/contracts";
import { type NatsServer, startNats } from "@carillon/local";
import type { StreamInfo } from "@nats-io/jetstream";
import { AckInbox } from "../../../services/scheduler/src/adapters/nats/ack-inbox.ts";
import { connectNats, type Link } from "../../../services/scheduler/src/adapters/nats/connection.ts";
import { NatsFinder } from "../../../services/scheduler/src/adapters/nats/finder.ts";
import { type JsApi, jsApi } from "../../../services/scheduler/src/adapters/nats/js-api.ts";
import { NatsOutcomes } from "../../../services/scheduler/src/adapters/nats/outcomes.ts";
import { NatsPublisher } from "../../../services/scheduler/src/adapters/nats/publisher.ts";
import { NatsStore } from "../../../services/scheduler/src/adapters/nats/store.ts";
import type { TopologySettings } from "../../../services/scheduler/src/adapters/nats/topology.ts";
import { systemClock } from "../../../services/scheduler/src/adapters/system-clock.ts";
import type { Clock } from "../../../services/scheduler/src/app/ports.ts";
import type { Signal } from "../../../services/scheduler/src/app/signals.ts";

export const PARTITIONS = 8;
const INBOX_PREFIX = "_INBOX_test";

export interface Workbench {
  server: NatsServer;
  clock: Clock;
  link: Link;
  api: JsApi;
  names: Names;
  inboxPrefix: string;
  inbox: AckInbox;
  publisher: NatsPublisher;
  finder: NatsFinder;
  store: NatsStore;
  signals: Signal[];
  tell: (signal: Signal) => void;
  close(): Promise<void>;
}

export const settings: TopologySettings = {
  partitions: PARTITIONS,
  leases: "nats",
  replicas: 1,
  executionRetentionDays: 30,
  auditRetentionDays: 400,
  eventsMaxBytes: null,
  commandsFrom: null,
  captures: [],
};

/** One worker's adapters on `server`; `poolSize` as in the configuration. */
export async function workbench(
  server: NatsServer,
  options: Partial<{ poolSize: number; user: string }> = {},
): Promise<Workbench> {
  const clock = systemClock();
  const signals: Signal[] = [];
  const tell = (signal: Signal): void => void signals.push(signal);
  const link = await connectNats(
    { clock, tell },
    {
      servers: [server.url],
      name: "test",
      user: options.user ?? null,
      password: options.user ?? null,
      credsFile: null,
      nkeySeedFile: null,
      token: null,
      tls: null,
      inboxPrefix: INBOX_PREFIX,
    },
  );
  const names = namesOf();
  const inboxPrefix = INBOX_PREFIX;
  const api = jsApi({ clock, tell, link });
  const reading = { clock, link, api, inboxPrefix };
  const finder = new NatsFinder(reading);
  const streamOf = (subject: string, fresh: boolean) => finder.streamOf(subject, fresh);
  const inbox = new AckInbox({ clock, link, streamOf }, { poolSize: options.poolSize ?? 4096, inboxPrefix });
  const outcomes = new NatsOutcomes({ clock, link, inboxPrefix });
  const publisher = new NatsPublisher({ clock, link, inbox, outcomes });
  const store = new NatsStore({ ...reading, inbox, names }, PARTITIONS);
  const close = async (): Promise<void> => {
    inbox.close();
    await link.close();
  };
  return {
    server,
    clock,
    link,
    api,
    names,
    inboxPrefix,
    inbox,
    publisher,
    finder,
    store,
    signals,
    tell,
    close,
  };
}

/** A server of the test's own, whatever the environment names: these tests kill and restart it. */
export function ownServer(config?: string): Promise<NatsServer> {
  return startNats({ ignoreEnvironment: true, ...(config === undefined ? {} : { config }) });
}

export async function makeStream(api: JsApi, name: string, config: object): Promise<StreamInfo> {
  return api.ask<StreamInfo>(`STREAM.CREATE.${name}`, { name, storage: "file", ...config });
}

/** Resolves once `condition` holds; the test's own time-out is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A signal takes a moment to stop a process: asks until nothing answers. */
export async function paused({ server, api }: Workbench): Promise<void> {
  server.pause();
  const answers = (): Promise<boolean> =>
    api.request("$JS.API.INFO", "", null, 50).then(
      () => true,
      () => false,
    );
  await until(async () => !(await answers()));
}

export const always = (): boolean => true;
