/**
 * Fires at saturation: waves of a fleet, each watched from the instant at which its first schedule is due until the last event is
 * stored. They are counted by the server, so that who watches takes nothing from those who are watched.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names } from "@carillon/contracts";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Stack } from "../support/stack.ts";
import { median } from "./figure.ts";
import { patientManager } from "./patient-manager.ts";
import { cpuMsOf } from "./process-usage.ts";
import { lastSequence } from "./stored-range.ts";
import type { Fleet } from "./wave-fleet.ts";

export interface WavePlan {
  /** Fires before anything is measured, so that what is measured is what goes on; whole waves of them, rounded down. */
  readonly warmUpFires: number;
  /** At least so many waves are measured, and at least so many fires. */
  readonly waves: number;
  readonly fires: number;
  /** A wave is watched for so long at most. */
  readonly windowMsMax: number;
}

/** Over all waves that were watched. */
export interface Saturation {
  /** Of the middle wave, from due until the last event is stored. */
  readonly firesPerSecond: number;
  /** Microseconds of processor time a fire, of all workers together. */
  readonly workerUs: number;
  readonly serverUs: number;
  /** Processors that workers, and the server, kept busy. */
  readonly workerLoad: number;
  readonly serverLoad: number;
  readonly stateWritesPerFire: number;
}

interface Reading {
  readonly atMs: number;
  readonly events: number;
  readonly stateWrites: number;
  readonly workerMs: number;
  readonly serverMs: number;
}

type Wave = Reading & { readonly perSecond: number };

const LOOK_EVERY_MS = 50;
/** A wave of which nothing has fired for so long is none. */
const FIRST_MS_MAX = 30_000;

const { streams, buckets, keys } = names();

/** `workers`: process ids of those that share the installation. */
export async function saturate(
  stack: Stack,
  workers: readonly number[],
  fleet: Fleet,
  plan: WavePlan,
): Promise<Saturation> {
  const read = () => readingOf(stack, workers);
  const windowMs = Math.min(plan.windowMsMax, fleet.periodMs);
  const waves = Math.max(plan.waves, Math.ceil(plan.fires / fleet.size));
  const warmUps = Math.floor(plan.warmUpFires / fleet.size);
  const watched: Wave[] = [];
  for (
    let dueAt = nextOf(fleet) + warmUps * fleet.periodMs;
    watched.length < waves;
    dueAt += fleet.periodMs
  ) {
    const wave = await watch(stack.nc, read, { ...fleet, dueAt, windowMs });
    if (wave === null) continue;
    watched.push(wave);
    // What it has not fired by now would come on top of the next one.
    if (wave.events < fleet.size) break;
  }
  return summary(watched);
}

/** The next wave that can be watched from its beginning. */
const nextOf = ({ firstAt, periodMs }: Fleet): number =>
  firstAt + Math.max(0, Math.ceil((Date.now() + 2 * LOOK_EVERY_MS - firstAt) / periodMs)) * periodMs;

/** Null: it had begun before anybody looked. */
async function watch(
  nc: NatsConnection,
  read: () => Promise<Reading>,
  { size, dueAt, windowMs }: { size: number; dueAt: number; windowMs: number },
): Promise<Wave | null> {
  await delay(Math.max(0, dueAt - LOOK_EVERY_MS - Date.now()));
  const before = await read();
  if (Date.now() > dueAt) return null;
  const enough = before.events + size;
  let { events } = before;
  const goesOn = (now: number): boolean =>
    events === before.events ? now < dueAt + FIRST_MS_MAX : events < enough && now < dueAt + windowMs;
  for (; goesOn(Date.now()); await delay(LOOK_EVERY_MS)) {
    events = await lastSequence(nc, streams.executions);
  }
  const after = await read();
  if (after.events === before.events) throw new Error("a wave without a fire");
  const manager = await patientManager(nc);
  const last = await manager.streams.getMessage(streams.executions, { seq: after.events });
  const fires = after.events - before.events;
  return {
    atMs: after.atMs - before.atMs,
    events: fires,
    perSecond: (fires * 1_000) / ((last?.time.getTime() ?? Number.NaN) - dueAt),
    stateWrites: after.stateWrites - before.stateWrites,
    workerMs: after.workerMs - before.workerMs,
    serverMs: after.serverMs - before.serverMs,
  };
}

async function readingOf({ nc, server }: Stack, workers: readonly number[]): Promise<Reading> {
  const [events, stateWrites] = await Promise.all([
    lastSequence(nc, streams.executions),
    lastSequence(nc, keys.stream(buckets.state)),
  ]);
  if (server.pid === null) throw new Error("the server is not ours");
  return {
    atMs: performance.now(),
    events,
    stateWrites,
    workerMs: workers.reduce((sum, pid) => sum + cpuMsOf(pid), 0),
    serverMs: cpuMsOf(server.pid),
  };
}

function summary(waves: readonly Wave[]): Saturation {
  const sum = (of: keyof Wave): number => waves.reduce((total, wave) => total + wave[of], 0);
  const fires = sum("events");
  return {
    firesPerSecond: median(waves.map(({ perSecond }) => perSecond)),
    workerUs: (sum("workerMs") * 1_000) / fires,
    serverUs: (sum("serverMs") * 1_000) / fires,
    workerLoad: sum("workerMs") / sum("atMs"),
    serverLoad: sum("serverMs") / sum("atMs"),
    stateWritesPerFire: sum("stateWrites") / fires,
  };
}
