/**
 * Where adapters meet ports: out of ports a scheduler. Whoever brings other ports (a virtual clock, a store in memory) gets the same
 * scheduler.
 */

import type { Names, WorkerSettings } from "@carillon/contracts";
import { type ApiDeps, answerRpc, answerStray } from "./app/api.ts";
import { Census } from "./app/census.ts";
import { Courier } from "./app/delivery.ts";
import type { History } from "./app/history.ts";
import { Holdings, sumOf } from "./app/holdings.ts";
import { answerPeers } from "./app/peer-answers.ts";
import type {
  Clock,
  Finder,
  Ground,
  Heartbeats,
  Inbox,
  Leases,
  Outcomes,
  Peers,
  Publisher,
  Store,
} from "./app/ports.ts";
import { Rates } from "./app/rates.ts";
import { Records } from "./app/records.ts";
import { Refuser } from "./app/refuser.ts";
import { Roster } from "./app/roster.ts";
import type { Gauges, Tell } from "./app/signals.ts";
import { takeOver } from "./app/takeover.ts";
import { Tallies } from "./app/tallies.ts";
import { tellFenced } from "./app/terms.ts";
import { Turns } from "./app/turns.ts";
import { Verifier } from "./app/verify.ts";
import { WarmSet } from "./app/warm-set.ts";
import { Windows } from "./app/windows.ts";
import { Worker } from "./app/worker.ts";
import type { Rules } from "./domain/decide.ts";
import type { Defaults } from "./domain/definition.ts";
import type { Tenants } from "./domain/tenants.ts";

export interface Ports {
  clock: Clock;
  store: Store;
  publisher: Publisher;
  finder: Finder;
  history: History;
  inbox: Inbox;
  leases: Leases;
  heartbeats: Heartbeats;
  outcomes: Outcomes;
  peers: Peers;
  /** Absent: it cannot be lost, and never fills up. */
  ground?: Ground;
  tell: Tell;
}

const SOLID: Ground = {
  firm: () => true,
  onLost: () => () => {},
  spare: () => true,
  assertUnchanged: async () => {},
};

/** Commands that a worker decides and stores at a time: more are not faster, and fill the memory. */
const COMMANDS_MAX = 512;

export interface Settings {
  names: Names;
  /** Unique among the workers of the installation. */
  worker: string;
  /** Of this software. */
  version: string;
  /** Version of the time zone database. */
  tzdata: string;
  /** Version of the server that we are connected to. */
  natsServer(): string;
  partitions: number;
  leaseTtlMs: number;
  /** Schedules that stay in memory whole while nothing is being done to them. */
  warmMax: number;
  defaults: Defaults;
  /** The tenants in force now. */
  tenants(): Tenants;
  randomId(): string;
}

export interface Scheduler {
  worker: Worker;
  rpc: ReturnType<typeof answerRpc>;
  stray: ReturnType<typeof answerStray>;
  gauges(): Gauges;
}

export function compose(ports: Ports, settings: Settings): Scheduler {
  const { clock, store, publisher, finder, inbox, leases, peers, tell, ground = SOLID } = ports;
  const { names, partitions, leaseTtlMs, natsServer } = settings;
  const census = new Census();
  const records = new Records({ store, names, tell });
  const courier = new Courier({ publisher, finder, clock, tell });
  const windows = new Windows(publisher);
  const turns = new Turns(COMMANDS_MAX);
  const rates = new Rates(clock);
  const warmSet = new WarmSet(settings.warmMax);
  const rules = (): Rules => ({
    tenants: settings.tenants(),
    defaults: settings.defaults,
    count: (tenant, creator) => tallies.count(tenant, creator),
  });
  const context = {
    names,
    clock,
    store,
    ground,
    records,
    publisher,
    finder,
    courier,
    windows,
    turns,
    rates,
    warmSet,
    tell,
    rules,
  };
  const own = (): WorkerSettings => workerSettingsOf(ports, settings);
  const roster = new Roster({
    clock,
    heartbeats: ports.heartbeats,
    tell,
    worker: settings.worker,
    ttlMs: leaseTtlMs,
    settings: own,
  });
  const tallies = new Tallies({
    clock,
    peers,
    roster,
    census,
    rates,
    worker: settings.worker,
    tenants: settings.tenants,
  });
  const lives = async (name: string): Promise<boolean> => name === settings.worker || roster.lives(name);
  const worker = new Worker({
    leases,
    leaseTtlMs,
    leaseOf: (partition) => names.keys.lease.build({ partition }),
    probeLease: names.keys.lease.build({ partition: "probe" }),
    partitions,
    worker: settings.worker,
    clock,
    tell,
    ground,
    roster,
    takeOver: (tenures) =>
      takeOver({ ...context, inbox, census, worker: settings.worker, lives, partitions }, tenures),
    expired: (partition, term) => void tellFenced(context, { partition, term, backend: leases.backend }),
  });
  const holdings = new Holdings({
    clock,
    peers,
    worker,
    name: settings.worker,
    settings: own,
    records,
    count: () => census.total,
  });
  peers.answer(answerPeers({ clock, holdings, tell }));
  const refuser = new Refuser(context, () => true);
  const api: ApiDeps = {
    ...context,
    inbox,
    outcomes: ports.outcomes,
    verifier: new Verifier({ ...context, history: ports.history, partitions }),
    peers,
    holdings,
    roster,
    leases,
    leaseTtlMs,
    natsServer,
    refuser,
    partitions,
    randomId: settings.randomId,
  };
  const gauges = (): Gauges => gaugesOf({ worker, roster, census, publisher, clock, partitions });
  return { worker, rpc: answerRpc(api), stray: answerStray(api), gauges };
}

const workerSettingsOf = ({ leases }: Ports, settings: Settings): WorkerSettings => ({
  version: settings.version,
  tenantsFile: settings.tenants().mark,
  partitions: settings.partitions,
  leases: leases.backend,
  tzdata: settings.tzdata,
});

function gaugesOf(of: {
  worker: Worker;
  roster: Roster;
  census: Census;
  publisher: Publisher;
  clock: Clock;
  partitions: number;
}): Gauges {
  const { worker, roster, census, publisher, clock, partitions } = of;
  const now = clock.now();
  const loops = worker.speaking();
  const { backlog, nextAt, running } = sumOf(loops, now);
  return {
    partitionsTotal: partitions,
    partitionsOwned: loops.length,
    partitionsUnowned: worker.unowned().length,
    role: worker.role.role,
    differences: roster.differences(),
    schedules: census.kinds,
    dueBacklog: backlog,
    oldestOverdueMs: nextAt === null ? 0 : Math.max(0, now - nextAt),
    nextDueAt: nextAt,
    publishInflight: publisher.inflight(),
    running,
  };
}
