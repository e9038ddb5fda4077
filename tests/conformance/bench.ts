/**
 * What the promises of the ports are tested on: a server, workers on it, and time. Both kinds of bench, of a real nats-server and of the one
 * in memory, are this to a suite, so that what a suite says holds for both.
 */

import type { Ports } from "../../services/scheduler/src/compose.ts";

export interface Bench {
  /** One more worker, with a link of its own. */
  worker(): Promise<Worker>;
  /** So much time passes: at once where time is virtual. */
  pass(forMs: number): Promise<void>;
  /** Lets pass what it takes. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  done<T>(answer: Promise<T>): Promise<T>;
  addStream(stream: Captured): Promise<void>;
  /** Messages that a stream holds. */
  count(stream: string): Promise<number>;
  /** Removes all that a stream holds. */
  empty(stream: string): Promise<void>;
  /** Nothing more fits into a stream, or the stream of a bucket. */
  fill(stream: string): Promise<void>;
  close(): Promise<void>;
}

export interface Worker {
  readonly ports: Ports;
  /** The link is down, until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** The server hears the worker, and what it answers is lost, until the link is cut and mended. */
  deafen(): void;
}

/** What leases alone are tested on, since they may be kept elsewhere than all the rest. */
export interface LeaseBench extends Pick<Bench, "pass" | "until" | "done" | "close"> {
  worker(): Promise<LeaseWorker>;
}

export interface LeaseWorker extends Pick<Worker, "cut" | "mend" | "deafen"> {
  readonly ports: Pick<Ports, "clock" | "leases">;
}

export interface Captured {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly workQueue?: boolean;
}

/** Of every stream that a bench is given. */
export const WINDOW_MS = 60_000;

export type Open = (settings: { partitions: number }) => Promise<Bench>;

export type OpenLeases = (settings: { partitions: number }) => Promise<LeaseBench>;

export const always = (): boolean => true;
export const textOf = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);
export const count = (n: number): number[] => Array.from({ length: n }, (_, index) => index);
