/** All ports of one process on a server in memory. */

import type { Tell } from "../../../scheduler/src/app/signals.ts";
import type { Ports } from "../../../scheduler/src/compose.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { Wire } from "../wire.ts";
import { MemoryFinder } from "./finder.ts";
import { MemoryHeartbeats } from "./heartbeats.ts";
import { MemoryHistory } from "./history.ts";
import { MemoryInbox } from "./inbox.ts";
import { type LeaseHome, MemoryLeases } from "./leases.ts";
import { MemoryOutcomes } from "./outcomes.ts";
import { MemoryPeers } from "./peers.ts";
import { Pipeline } from "./pipeline.ts";
import { MemoryPublisher } from "./publisher.ts";
import { MemoryStore } from "./store.ts";

export interface ProcessDeps {
  readonly server: MemoryServer;
  readonly wire: Wire;
  readonly clock: VirtualClock;
  readonly tell: Tell;
  /** Unique among the processes of the server. */
  readonly process: string;
  /** Absent: on the server. */
  readonly leases?: LeaseHome;
}

export function memoryPorts({ server, wire, clock, tell, process, leases }: ProcessDeps): Ports {
  const home = leases ?? { backend: "nats", table: server.leases, wire };
  const deps = { server, wire, clock, pipeline: new Pipeline(wire) };
  return {
    clock,
    tell,
    store: new MemoryStore(deps),
    publisher: new MemoryPublisher(deps),
    finder: new MemoryFinder(deps),
    history: new MemoryHistory(deps),
    inbox: new MemoryInbox(deps),
    leases: new MemoryLeases({ ...home, clock }),
    heartbeats: new MemoryHeartbeats(deps),
    outcomes: new MemoryOutcomes(deps, process),
    peers: new MemoryPeers(deps, process),
  };
}
