/**
 * What one seed is about. Each scenario has only some of the faults, and its own measure of each, since a system that suffers everything at
 * once hides what one fault alone would show. Two paces: minutes in which much happens, and hours in which little does.
 */

import type { Random } from "./random.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Average number an hour. */
export interface FaultRates {
  /** A worker ends, between any two of its messages. */
  crash: number;
  /** A worker is asked to end. */
  stop: number;
  /** The link of one worker. */
  drop: number;
  /** The server, on the same store. */
  restart: number;
  /** The event loop of one worker. */
  stall: number;
  /** The wall clock of one worker. */
  clock: number;
  /** The way to the server is slow for a while. */
  slow: number;
  /** All workers are away for long. */
  outage: number;
  /** A bucket takes no more bytes. */
  full: number;
  /** The stream of targets is gone for a while. */
  unheard: number;
  /** The clock of one worker runs fast or slow for a while. */
  drift: number;
  /** The way of one worker to the leases, where they are elsewhere. */
  unlease: number;
  /** A lease is lost. */
  failover: number;
  /** All leases are, and perhaps the heartbeats. */
  flush: number;
  /** Heartbeats of one worker are lost, or come late to it. */
  muffle: number;
  /** A worker is held for dead and loses its leases: another takes over from it while it lives and believes in them. */
  usurp: number;
}

export interface Scenario {
  readonly seed: number;
  readonly pace: "dense" | "sparse";
  /** With faults; after that a calm follows: time to settle, and time in which all must be well. */
  readonly durationMs: number;
  readonly settlingMs: number;
  readonly watchMs: number;
  readonly hosts: number;
  readonly partitions: number;
  readonly leases: "nats" | "redis";
  readonly leaseTtlMs: number;
  readonly schedules: number;
  /** Schedules that a worker keeps in memory whole. */
  readonly warmMax: number;
  readonly commandsPerHour: number;
  readonly faults: FaultRates;
  /** A crash, an outage, a stall, a drop last so long at most. */
  readonly awayMsMax: number;
  /** A message takes so long at most, one way, in good weather. */
  readonly latencyMsMax: number;
  /** Share of answers that are lost. */
  readonly lossShare: number;
  /** Wall clocks differ by so much at most. */
  readonly skewMsMax: number;
  /** A clock is set by so much at most. */
  readonly stepMsMax: number;
  /** Share of the time that a clock gains or loses at most. */
  readonly driftMax: number;
  /** Unit of the triggers' distances. */
  readonly beatMs: number;
}

/** Hours take longer to run than minutes, and bring less to light. */
const DENSE_SHARE = 0.9;

/** A few, so that most schedules are cold most of the time; or all. */
const WARM_MAX = [Number.POSITIVE_INFINITY, 0, 1, 3] as const;

type Setting = Omit<Scenario, "seed" | "faults" | "warmMax">;

export function scenarioOf(seed: number, random: Random): Scenario {
  const pace = random.chance(DENSE_SHARE) ? "dense" : "sparse";
  const setting = pace === "dense" ? dense(random) : sparse(random);
  const warmMax = WARM_MAX[seed % WARM_MAX.length] ?? 0;
  return { seed, warmMax, faults: faultsOf(random, pace === "dense" ? 120 : 1), ...setting };
}

const dense = (random: Random): Setting => ({
  pace: "dense",
  durationMs: random.between(1, 3) * MINUTE_MS,
  settlingMs: 40 * SECOND_MS,
  watchMs: 20 * SECOND_MS,
  hosts: random.pick([1, 2, 2, 3, 4]),
  partitions: random.pick([1, 1, 2, 3, 4, 8]),
  leases: random.pick(["nats", "redis"]),
  leaseTtlMs: random.pick([2, 3, 5]) * SECOND_MS,
  schedules: random.between(1, 8),
  commandsPerHour: random.pick([60, 600, 3_000]),
  awayMsMax: random.pick([2, 10, 40]) * SECOND_MS,
  latencyMsMax: random.pick([0, 2, 50, 400]),
  lossShare: random.pick([0, 0, 0.01, 0.1]),
  skewMsMax: random.pick([0, 50]),
  stepMsMax: random.pick([2 * SECOND_MS, HOUR_MS]),
  driftMax: 0.05,
  beatMs: random.pick([SECOND_MS / 2, SECOND_MS, 7 * SECOND_MS]),
});

const sparse = (random: Random): Setting => ({
  pace: "sparse",
  durationMs: random.between(2, 12) * HOUR_MS,
  settlingMs: 20 * MINUTE_MS,
  watchMs: 20 * SECOND_MS,
  hosts: 1,
  partitions: 1,
  leases: "nats",
  leaseTtlMs: random.pick([30, 60]) * SECOND_MS,
  schedules: random.between(1, 5),
  commandsPerHour: random.pick([0.5, 5]),
  awayMsMax: random.pick([20 * MINUTE_MS, 5 * HOUR_MS]),
  latencyMsMax: random.pick([2, 50]),
  lossShare: random.pick([0, 0.05]),
  skewMsMax: 0,
  stepMsMax: random.pick([HOUR_MS, 24 * HOUR_MS]),
  driftMax: 0.001,
  beatMs: random.pick([5 * MINUTE_MS, HOUR_MS]),
});

function faultsOf(random: Random, perHour: number): FaultRates {
  const rate = (): number => (random.chance(0.4) ? perHour * random.pick([0.2, 1, 3]) : 0);
  return {
    crash: rate(),
    stop: rate(),
    drop: rate(),
    restart: rate(),
    stall: rate(),
    clock: random.chance(0.5) ? rate() : 0,
    slow: rate(),
    outage: rate() / 4,
    full: rate() / 4,
    unheard: rate() / 4,
    drift: rate(),
    unlease: rate(),
    failover: random.chance(0.5) ? rate() : 0,
    flush: random.chance(0.5) ? rate() / 2 : 0,
    muffle: rate(),
    // A worker that goes on beside its successor is too rare by chance: see `usurped`.
    usurp: 0,
  };
}

/** Nothing but workers that live on beside their successors, and many commands for both. */
export function usurped(seed: number, random: Random): Scenario {
  const { faults, ...setting } = scenarioOf(seed, random);
  const none = Object.fromEntries(Object.keys(faults).map((kind) => [kind, 0])) as unknown as FaultRates;
  return {
    ...setting,
    ...dense(random),
    faults: { ...none, usurp: 360 },
    hosts: random.pick([2, 3]),
    partitions: random.pick([1, 2]),
    leases: "redis",
    leaseTtlMs: 5 * SECOND_MS,
    schedules: 12,
    commandsPerHour: 18_000,
    latencyMsMax: random.pick([50, 400]),
    lossShare: 0,
    beatMs: SECOND_MS,
  };
}
