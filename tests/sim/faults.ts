/** What goes wrong, and when. Every fault ends by itself, and all of them when the calm begins. */

import { names as namesOf } from "@carillon/contracts";
import type { LeaseTable } from "../../services/testing/src/server/lease-table.ts";
import type { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import type { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import type { Crossing, Fate, Way } from "../../services/testing/src/wire.ts";
import type { Host } from "./host.ts";
import type { Random } from "./random.ts";
import type { FaultRates, Scenario } from "./scenario.ts";

const NAMES = namesOf();

/** A crash comes after so many more messages of the worker at most. */
const MESSAGES_TO_CRASH_MAX = 12;

/** A heartbeat that is gone counts for so long more, at most. */
const GONE_GRACE_MS = 1_500;

export interface WeatherDeps {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly server: MemoryServer;
  /** Wherever they are. */
  readonly leases: LeaseTable;
}

export class Weather {
  readonly #deps: WeatherDeps;
  #hosts: readonly Host[] = [];
  #calm = false;
  #latencyMsMax: number;
  /** Messages until the sender of one ends; by host. */
  readonly #fuses = new Map<string, number>();

  constructor(deps: WeatherDeps) {
    this.#deps = deps;
    this.#latencyMsMax = deps.scenario.latencyMsMax;
  }

  begin(hosts: readonly Host[]): void {
    this.#hosts = hosts;
    for (const kind of Object.keys(this.#deps.scenario.faults)) this.#plan(kind as keyof FaultRates);
  }

  /** No fault from now on; what was broken is mended. */
  end(): void {
    const { server } = this.#deps;
    this.#calm = true;
    this.#latencyMsMax = Math.min(2, this.#deps.scenario.latencyMsMax);
    this.#fuses.clear();
    this.#lift();
    server.stream(NAMES.streams.targets)?.resume();
    for (const host of this.#hosts) {
      host.setRight();
      host.beats.clear();
      host.reconnect();
      host.release();
      host.start();
    }
  }

  /** Of every message of a process; the host's fuse may burn down with it. */
  fateOf(host: string): (crash: () => void) => Fate {
    const { random, scenario } = this.#deps;
    return (crash) =>
      (way: Way): Crossing => {
        const outMs = random.between(0, this.#latencyMsMax);
        const backMs = random.between(0, this.#latencyMsMax);
        if (way === "push") return { outMs, backMs };
        const left = this.#fuses.get(host);
        if (left !== undefined) this.#fuses.set(host, left - 1);
        if (left === 0) {
          this.#fuses.delete(host);
          crash();
          if (random.chance(0.5)) return { outMs, backMs, lost: "request" };
        }
        const lost = way === "request" && !this.#calm && random.chance(scenario.lossShare);
        return lost ? { outMs, backMs, lost: random.pick(["request", "answer"]) } : { outMs, backMs };
      };
  }

  #plan(kind: keyof FaultRates): void {
    const { time, random, scenario } = this.#deps;
    const perHour = scenario.faults[kind];
    if (perHour === 0) return;
    time.after(random.waitMs(perHour), () => {
      if (this.#calm) return;
      this.#strike(kind);
      this.#plan(kind);
    });
  }

  #strike(kind: keyof FaultRates): void {
    const { scenario, random } = this.#deps;
    const host = random.pick(this.#hosts);
    const awayMs = random.between(1, scenario.awayMsMax);
    this.#blows[kind](host, awayMs);
  }

  /** What each fault does, and after a while undoes. */
  readonly #blows: Readonly<Record<keyof FaultRates, (host: Host, awayMs: number) => void>> = {
    crash: (host, awayMs) => {
      this.#fuses.set(host.name, this.#deps.random.between(0, MESSAGES_TO_CRASH_MAX));
      this.#later(awayMs, () => host.start());
    },
    stop: (host, awayMs) => {
      void host.stop();
      this.#later(awayMs, () => host.start());
    },
    drop: (host) => {
      host.drop();
      this.#later(this.#briefMs(), () => host.reconnect());
    },
    restart: () => {
      for (const each of this.#hosts) each.drop();
      this.#deps.server.restart();
      this.#later(this.#briefMs(), () => {
        for (const each of this.#hosts) each.reconnect();
      });
    },
    stall: (host) => host.stall(this.#briefMs()),
    clock: (host, awayMs) => {
      const { stepMsMax } = this.#deps.scenario;
      host.step(this.#deps.random.between(-stepMsMax, stepMsMax));
      this.#later(awayMs, () => host.setRight());
    },
    slow: (_, awayMs) => {
      this.#latencyMsMax = this.#deps.random.pick([500, 5_000]);
      this.#later(awayMs, () => {
        this.#latencyMsMax = this.#deps.scenario.latencyMsMax;
      });
    },
    outage: (_, awayMs) => {
      for (const each of this.#hosts) each.crash();
      this.#later(2 * awayMs, () => {
        for (const each of this.#hosts) each.start();
      });
    },
    full: (_, awayMs) => {
      this.#fill();
      this.#later(awayMs, () => this.#lift());
    },
    drift: (host, awayMs) => {
      const { random, scenario } = this.#deps;
      host.run(1 + random.pick([-1, 1]) * scenario.driftMax * random.pick([0.1, 1]));
      this.#later(awayMs, () => host.run(1));
    },
    unlease: (host) => {
      host.unlease();
      this.#later(this.#briefMs(), () => host.release());
    },
    failover: () => {
      const { random, scenario, leases } = this.#deps;
      leases.lose(NAMES.keys.lease.build({ partition: random.between(0, scenario.partitions - 1) }));
    },
    flush: () => {
      const { random, server, leases } = this.#deps;
      leases.clear();
      if (random.chance(0.5)) server.heartbeats.clear();
    },
    muffle: ({ beats }) => {
      const forMs = this.#briefMs();
      if (this.#deps.random.chance(0.5)) beats.lose();
      else beats.delay(forMs);
      this.#later(forMs, () => beats.clear());
    },
    usurp: (host) => {
      const { scenario, leases } = this.#deps;
      const goneMs = scenario.leaseTtlMs + GONE_GRACE_MS;
      host.beats.lose();
      this.#later(goneMs, () => {
        host.unlease();
        for (const { partition } of host.scheduler?.worker.speaking() ?? [])
          leases.lose(NAMES.keys.lease.build({ partition }));
      });
      this.#later(goneMs + scenario.leaseTtlMs, () => {
        host.release();
        host.beats.clear();
      });
    },
    unheard: (_, awayMs) => {
      const targets = this.#deps.server.stream(NAMES.streams.targets);
      targets?.pause();
      this.#later(awayMs, () => targets?.resume());
    },
  };

  /** Shorter than a few leases. */
  #briefMs(): number {
    return this.#deps.random.between(1, 3 * this.#deps.scenario.leaseTtlMs);
  }

  /** Values may change, and none may grow. */
  #fill(): void {
    const bucket = this.#deps.server.bucket(this.#deps.random.pick(["schedules", "state"]));
    bucket.maxBytes = bucket.bytes;
  }

  #lift(): void {
    for (const bucket of ["schedules", "state"] as const)
      this.#deps.server.bucket(bucket).maxBytes = Number.POSITIVE_INFINITY;
  }

  #later(delayMs: number, mend: () => void): void {
    this.#deps.time.after(delayMs, () => {
      if (!this.#calm) mend();
    });
  }
}
