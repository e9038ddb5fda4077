/** What the parts of one partition's loop share: the ports, the right to speak, and how a schedule is changed. */

import type { Names, StateRecord } from "@carillon/contracts";
import type { Rules } from "../domain/decide.ts";
import type { Schedule } from "../domain/schedule.ts";
import type { Courier } from "./delivery.ts";
import type { Held } from "./held.ts";
import type { Clock, Finder, Ground, Guard, Publisher, Store } from "./ports.ts";
import type { Rates } from "./rates.ts";
import type { Records } from "./records.ts";
import type { ServerClock } from "./server-clock.ts";
import type { Tell } from "./signals.ts";
import type { Turns } from "./turns.ts";
import type { WarmSet } from "./warm-set.ts";
import type { Windows } from "./windows.ts";

/** The same for all partitions of a worker. */
export interface WorkerContext {
  readonly names: Names;
  readonly clock: Clock;
  readonly store: Store;
  readonly ground: Ground;
  readonly records: Records;
  readonly publisher: Publisher;
  readonly finder: Finder;
  readonly courier: Courier;
  readonly windows: Windows;
  /** Of commands: so many are decided and stored at a time. */
  readonly turns: Turns;
  readonly rates: Rates;
  readonly warmSet: WarmSet;
  readonly tell: Tell;
  /** The rules of now: the tenants file may be read again at any time. */
  rules(): Rules;
}

export interface PartitionContext extends WorkerContext {
  /** May this partition's owner still speak? */
  readonly guard: Guard;
  readonly serverNow: ServerClock;
  /** Something was thrown: the partition cannot go on (its term is over, or an operation was abandoned midway). */
  fault(error: unknown): void;
  /** In its turn: writes what `change` makes of the schedule (the same state: nothing), then pays what is new. False: it was not stored. */
  change(held: Held, change: (schedule: Schedule) => StateRecord): Promise<boolean>;
  /** The next round of a delay, or the end; null: something is ahead. */
  conclude(held: Held): Promise<void> | null;
  /** Something happened to the schedule: sets when it is looked at next. */
  rearm(held: Held): void;
  /** Throws Abandoned where the guard is false: what was awaited may have been given up. */
  assertSpeaking(): void;
}
