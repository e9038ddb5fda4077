/** A worker whose surroundings a test plays: its clock, leases, peers and takeovers. */

import { type Heartbeat, isHeartbeat } from "@carillon/contracts";
import { SETTINGS } from "../../domain/testing/builders.ts";
import type { Partition } from "../partition.ts";
import type { Lease } from "../ports.ts";
import { Roster } from "../roster.ts";
import type { Signal } from "../signals.ts";
import type { Tenure } from "../tenure.ts";
import { Worker } from "../worker.ts";
import { playedClock } from "./played-clock.ts";

/** Of leases and heartbeats. */
export const TTL_MS = 3_000;
interface Options {
  partitions?: number;
  /** When whoever asks for a lease is answered. */
  answer?: () => Promise<void>;
  /** When a heartbeat is stored. */
  stored?: () => Promise<void>;
  /** Leases that somebody else holds, or that nobody can tell about. */
  acquire?: (name: string) => "ours" | "theirs" | "unreachable";
  /** How a partition is closed. */
  close?: () => Promise<void>;
}

/** A worker whose clock, leases, peers and takeovers the test plays itself. */
export function aWorker({
  partitions = 1,
  answer = async () => {},
  stored = async () => {},
  acquire = () => "ours",
  close = async () => {},
}: Options = {}) {
  const played = playedClock();
  const { clock } = played;
  const told: Signal[] = [];
  const log: string[] = [];
  const renewals: PromiseWithResolvers<boolean>[] = [];
  const leaseOf = (name: string): Lease => ({
    deadlineMs: () => clock.monotonicMs() + TTL_MS,
    renew: () => {
      const renewal = Promise.withResolvers<boolean>();
      renewals.push(renewal);
      log.push(`renew ${name}`);
      return renewal.promise;
    },
    release: async () => void log.push(`release ${name}`),
  });
  const taken: Tenure[] = [];
  const loopOf = ({ partition, guard }: Tenure) => {
    const loop = { partition, term: 1, close, end: () => {} };
    return Object.defineProperty(loop, "speaking", { get: guard }) as unknown as Partition;
  };
  const beats: Heartbeat[] = [];
  let heard: (worker: string, heartbeat: string | null) => void = () => {};
  const tell = (signal: Signal): void => void told.push(signal);
  const roster = new Roster({
    clock,
    tell,
    worker: "w",
    ttlMs: TTL_MS,
    settings: () => SETTINGS,
    heartbeats: {
      beat: async (_worker, text) => {
        const beat: unknown = JSON.parse(text);
        await stored();
        if (isHeartbeat(beat)) beats.push(beat);
        return true;
      },
      end: async () => void log.push("gone"),
      watch: async (tellOf) => {
        heard = tellOf;
        return () => {};
      },
    },
  });
  const worker = new Worker({
    leases: {
      backend: "nats",
      acquire: async (name) => {
        log.push(`acquire ${name}`);
        await answer();
        const how = acquire(name);
        if (how === "unreachable") throw new Error("nobody answers");
        return how === "ours" ? leaseOf(name) : null;
      },
    },
    leaseTtlMs: TTL_MS,
    leaseOf: String,
    probeLease: "probe",
    partitions,
    worker: "w",
    clock,
    tell,
    ground: { firm: () => true, onLost: () => () => {}, spare: () => true, assertUnchanged: async () => {} },
    roster,
    takeOver: async (tenures) => {
      for (const tenure of tenures) {
        taken.push(tenure);
        tenure.aim(1);
        tenure.begin(loopOf(tenure));
      }
    },
    expired: (partition, term) => void log.push(`expired ${partition} term ${term}`),
  });
  const pass = (ms: number): Promise<void> => played.pass(ms, turns);
  /** Another worker says something; null: it is gone. */
  const hear = (other: string, own: Partial<Heartbeat> | null): void =>
    heard(
      other,
      own &&
        JSON.stringify({ v: 1, worker: other, state: "ready", partitions: [], settings: SETTINGS, ...own }),
    );
  const held = (): number[] => [...(beats.at(-1)?.partitions ?? [])];
  return { worker, renewals, taken, log, told, beats, pass, hear, held };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
