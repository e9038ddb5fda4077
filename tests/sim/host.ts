/**
 * A machine that runs a worker, again and again: each start is a new process with the production composition. Its wall clock outlives the
 * process; a crash takes everything else.
 */

import { FIRE_HEADERS, names as namesOf, type TenantsFile } from "@carillon/contracts";
import { watchClock } from "../../services/scheduler/src/app/clock-watch.ts";
import type { Publisher, Store } from "../../services/scheduler/src/app/ports.ts";
import { compose, type Ports, type Scheduler } from "../../services/scheduler/src/compose.ts";
import type { Defaults } from "../../services/scheduler/src/domain/definition.ts";
import { compileTenants, type Tenants } from "../../services/scheduler/src/domain/tenants.ts";
import { memoryPorts } from "../../services/testing/src/ports/index.ts";
import type { LeaseHome } from "../../services/testing/src/ports/leases.ts";
import type { LeaseTable } from "../../services/testing/src/server/lease-table.ts";
import type { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import { VirtualClock } from "../../services/testing/src/virtual-clock.ts";
import type { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import { VirtualWall } from "../../services/testing/src/virtual-wall.ts";
import { type Fate, Wire } from "../../services/testing/src/wire.ts";
import { BeatWeather } from "./beat-weather.ts";
import type { History } from "./history.ts";
import type { Plant } from "./plants.ts";
import { withOwn } from "./with-own.ts";

const NAMES = namesOf();

export const FILE: TenantsFile = {
  tenants: {
    acme: { targets: [{ subject: "cmd.acme.>", capture: true }, { subject: "cmd.lost.>" }] },
    zeta: { targets: [{ subject: "cmd.zeta.>", capture: true }], maxCommandsPerSecond: 5 },
  },
};

const TENANTS: Tenants = (() => {
  const compiled = compileTenants({
    file: FILE,
    payloadChecks: new Map(),
    maxSchedulesPerCreator: 1_000,
    installation: NAMES,
  });
  if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
  return compiled.tenants;
})();

const DEFAULTS: Defaults = {
  timezone: "UTC",
  graceSeconds: 300,
  maxConcurrent: 3,
  maxAttempts: 3,
  retryDelaySeconds: 5,
  keepSeconds: 3_600,
  lookaheadMs: 365 * 86_400_000,
};

export interface HostDeps {
  readonly time: VirtualTime;
  readonly server: MemoryServer;
  /** Where leases are; null: on the server. */
  readonly elsewhere: LeaseTable | null;
  readonly history: History;
  /** What becomes of a message of this process; `crash` ends it there. */
  readonly fate: (crash: () => void) => Fate;
  readonly plant: Plant | null;
  readonly randomId: () => string;
  /** Who speaks for a partition now, as far as they know themselves. */
  readonly speakers: (partition: number) => readonly string[];
}

interface Process {
  readonly clock: VirtualClock;
  readonly wire: Wire;
  readonly leaseWire: Wire;
  readonly scheduler: Scheduler;
  readonly name: string;
  stopping: boolean;
}

export class Host {
  readonly name: string;
  readonly #deps: HostDeps;
  readonly #wall: VirtualWall;
  readonly #beats: BeatWeather;
  #process: Process | null = null;
  #starts = 0;

  constructor(name: string, offsetMs: number, deps: HostDeps) {
    this.name = name;
    this.#deps = deps;
    const { history, time } = deps;
    this.#wall = new VirtualWall(time, history.epochAt + offsetMs);
    this.#beats = new BeatWeather(time);
    history.walls.push(() => this.#wall.now());
  }

  /** Null: nothing runs. */
  get scheduler(): Scheduler | null {
    return this.#process?.scheduler ?? null;
  }

  /** Of the process that runs; null: none. */
  get worker(): string | null {
    return this.#process?.name ?? null;
  }

  /** Whoever is about to end has not long to live. */
  start(): void {
    if (this.#process?.stopping === true) this.crash();
    if (this.#process !== null) return;
    const { time, server, elsewhere, history, plant, randomId } = this.#deps;
    const name = `${this.name}-${++this.#starts}`;
    const clock = new VirtualClock(time, this.#wall);
    const crash = (): void => {
      if (this.#process?.clock === clock) this.crash();
    };
    const fate = this.#deps.fate(crash);
    const wire = new Wire({ time, clock, fate });
    const leaseWire = elsewhere === null ? wire : new Wire({ time, clock, fate });
    const tell = (signal: History["told"][number]["signal"]): void => {
      if (!clock.ended) history.told.push({ worker: name, atMs: time.nowMs, signal });
    };
    const leases: LeaseHome | undefined =
      elsewhere === null ? undefined : { backend: "redis", table: elsewhere, wire: leaseWire };
    const memory = memoryPorts({ server, wire, clock, tell, process: name, ...(leases && { leases }) });
    const real = observed({ ...memory, heartbeats: this.#beats.over(memory.heartbeats) }, clock, this.#deps);
    const ports = plant === null ? real : plant(real);
    const scheduler = compose(ports, {
      names: NAMES,
      worker: name,
      version: "0.0.0",
      tzdata: "2026c",
      natsServer: () => "0.0.0",
      partitions: history.scenario.partitions,
      leaseTtlMs: history.scenario.leaseTtlMs,
      warmMax: history.scenario.warmMax,
      defaults: DEFAULTS,
      tenants: () => TENANTS,
      randomId,
    });
    watchClock(clock, tell);
    scheduler.worker.start();
    this.#process = { clock, wire, leaseWire, scheduler, name, stopping: false };
  }

  crash(): void {
    this.#process?.clock.end();
    this.#process?.wire.drop();
    this.#process?.leaseWire.drop();
    this.#process = null;
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === null || process.stopping) return;
    process.stopping = true;
    await process.scheduler.worker.stop();
    if (this.#process === process) this.crash();
  }

  drop(): void {
    this.#process?.wire.drop();
  }

  reconnect(): void {
    this.#process?.wire.reconnect();
  }

  /** Loses the leases alone, where they are elsewhere. */
  unlease(): void {
    if (this.#process !== null && this.#process.leaseWire !== this.#process.wire)
      this.#process.leaseWire.drop();
  }

  release(): void {
    this.#process?.leaseWire.reconnect();
  }

  stall(forMs: number): void {
    this.#process?.clock.stall(forMs);
  }

  /** Sets the wall clock. */
  step(byMs: number): void {
    lookAtClocks(this.#deps.history);
    this.#wall.step(byMs);
  }

  /** The machine counts so many milliseconds in one. */
  run(pace: number): void {
    this.#wall.run(pace);
  }

  setRight(): void {
    const { history, time } = this.#deps;
    this.run(1);
    this.step(history.epochAt + time.nowMs - this.#wall.now());
  }

  /** See BeatWeather. */
  get beats(): BeatWeather {
    return this.#beats;
  }
}

/** Notes what the clocks showed when something was sent, and who else spoke for a partition when one of its states was written. */
function observed(ports: Ports, clock: VirtualClock, { history, time, speakers }: HostDeps): Ports {
  const { publisher, store } = ports;
  const send: Publisher["send"] = (message, how) => {
    const dueAt = message.headers[FIRE_HEADERS.dueAt];
    const timed = dueAt !== undefined && message.headers[FIRE_HEADERS.cause] !== "trigger";
    if (timed && !clock.ended) {
      const { latestWallAt } = lookAtClocks(history);
      history.sends.push({ id: message.id ?? "", latestWallAt, dueAt: Date.parse(dueAt) });
    }
    return publisher.send(message, how);
  };
  const write: Store["write"] = (bucket, key, value, expected, guard) => {
    const place = bucket === "state" && !clock.ended ? NAMES.keys.schedule.parse(key) : null;
    const workers = place === null ? [] : speakers(Number(place.partition));
    if (workers.length > 1) history.rivalries.push({ atMs: time.nowMs, key, workers });
    return store.write(bucket, key, value, expected, guard);
  };
  return { ...ports, publisher: withOwn(publisher, { send }), store: withOwn(store, { write }) };
}

function lookAtClocks(history: History): History {
  history.latestWallAt = Math.max(history.latestWallAt, ...history.walls.map((wall) => wall()));
  return history;
}
