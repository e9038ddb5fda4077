/**
 * What a cycle may do to the installation. A fault resolves once it is over and the rest is up to the workers, with its story for people;
 * it says whose partitions it took by force, since those cost a failover and all others that move a handover.
 */

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { NatsServer, RedisServer } from "@carillon/local";
import type { Random } from "../sim/random.ts";
import type { Crew, Member } from "./crew.ts";

export interface Scene {
  readonly crew: Crew;
  readonly server: NatsServer;
  /** Null: leases are kept in NATS. */
  readonly redis: RedisServer | null;
  readonly random: Random;
  readonly leaseMs: number;
  /** There are one fewer at least, and one more at most. */
  readonly workers: number;
  /** A worker will not hand on what it holds. */
  struck(member: Member): void;
}

/** What a partition pays that a fault concerns. */
export type Cost = "failover" | "handover" | "outage" | "leases";

export interface Fault {
  /** How often it is chosen, relative to others. */
  readonly weight: number;
  /** Whom it concerns besides those whose owner changes: everybody, where that is told. */
  readonly everybody?: Cost;
  possible(scene: Scene): boolean;
  run(scene: Scene): Promise<string>;
}

const WORKERS_MIN = 2;
/** A frozen worker sleeps at least so much longer than its lease. */
const OVERSLEEP_MS_MIN = 300;
const OVERSLEEP_MS_MAX = 2_500;
const DOWN_MS_MIN = 200;
/** Of a server that was killed: until after leases and heartbeats have expired. */
const DOWN_LEASES_MAX = 1.4;

const enough = ({ crew }: Scene): boolean => crew.members.length > WORKERS_MIN - 1;
const fewest = ({ workers }: Scene): number => Math.max(WORKERS_MIN, workers - 1);

function victimOf({ crew, random }: Scene): Member {
  const member = random.pick(crew.members);
  crew.take(member);
  return member;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export const FAULTS: Readonly<Record<string, Fault>> = {
  kill: {
    weight: 24,
    possible: enough,
    run: async (scene) => {
      const victim = victimOf(scene);
      scene.struck(victim);
      await victim.process.end("SIGKILL");
      return `killed ${victim.label}, started ${(await scene.crew.start()).label}`;
    },
  },
  freeze: {
    weight: 12,
    possible: enough,
    run: async (scene) => {
      const { crew, random, leaseMs } = scene;
      const victim = victimOf(scene);
      const sleepMs = leaseMs + random.between(OVERSLEEP_MS_MIN, OVERSLEEP_MS_MAX);
      scene.struck(victim);
      process.kill(victim.process.pid, "SIGSTOP");
      await delay(sleepMs);
      process.kill(victim.process.pid, "SIGCONT");
      crew.giveBack(victim);
      return `froze ${victim.label} for ${seconds(sleepMs)}`;
    },
  },
  restart: {
    weight: 24,
    possible: enough,
    run: async (scene) => {
      const victim = victimOf(scene);
      await scene.crew.dismiss(victim);
      return `restarted ${victim.label} as ${(await scene.crew.start()).label}`;
    },
  },
  join: {
    weight: 14,
    possible: ({ crew, workers }) => crew.members.length <= workers,
    run: async ({ crew }) => `${(await crew.start()).label} joined`,
  },
  leave: {
    weight: 14,
    possible: (scene) => scene.crew.members.length > fewest(scene),
    run: async (scene) => {
      const victim = victimOf(scene);
      await scene.crew.dismiss(victim);
      return `${victim.label} left`;
    },
  },
  "server kill": {
    weight: 7,
    everybody: "outage",
    possible: () => true,
    run: async ({ server, random, leaseMs }) => {
      const downMs = random.between(DOWN_MS_MIN, leaseMs * DOWN_LEASES_MAX);
      await server.kill();
      await delay(downMs);
      await server.restart();
      return `killed nats-server for ${seconds(downMs)}`;
    },
  },
  "server restart": {
    weight: 5,
    everybody: "outage",
    possible: () => true,
    run: async ({ server }) => {
      await server.restart();
      return "restarted nats-server";
    },
  },
  "redis restart": {
    weight: 6,
    everybody: "leases",
    possible: ({ redis }) => redis !== null,
    run: async ({ redis }) => {
      await redis?.restart();
      return "restarted redis-server";
    },
  },
  "redis flush": {
    weight: 6,
    everybody: "leases",
    possible: ({ redis }) => redis !== null,
    run: async ({ redis }) => {
      const link = connect(redis?.port ?? 0, "127.0.0.1");
      link.end("FLUSHALL\r\n");
      const answer = await text(link);
      if (!answer.startsWith("+OK")) throw new Error(`redis-server answered FLUSHALL with ${answer}`);
      return "flushed redis-server";
    },
  },
};

/** Two at once, so often. */
const PAIRS = 0.12;

/** What happens next: one fault, or two different ones. */
export function nextFaults(scene: Scene): Fault[] {
  const possible = Object.values(FAULTS).filter((fault) => fault.possible(scene));
  const first = weighted(possible, scene.random);
  if (!scene.random.chance(PAIRS)) return [first];
  const others = possible.filter((fault) => fault !== first && !(fault.everybody && first.everybody));
  // What two of them take must still be there for the second.
  return scene.crew.members.length > WORKERS_MIN ? [first, weighted(others, scene.random)] : [first];
}

function weighted(faults: readonly Fault[], random: Random): Fault {
  let left = random.between(
    1,
    faults.reduce((sum, { weight }) => sum + weight, 0),
  );
  const chosen = faults.find(({ weight }) => {
    left -= weight;
    return left <= 0;
  });
  if (chosen === undefined) throw new RangeError("no fault is possible");
  return chosen;
}
