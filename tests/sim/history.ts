/** Everything that happened in one run, as the outside world and the stores saw it; the laws look at nothing else. */

import type { DefinitionRecord, StateRecord, TermRecord } from "@carillon/contracts";
import type { Gauges, Signal } from "../../services/scheduler/src/app/signals.ts";
import type { Kept } from "../../services/testing/src/server/stream.ts";
import type { Scenario } from "./scenario.ts";

/** Milliseconds of virtual time, beside whatever clocks showed. */
type Moment = number;

/** A message of a stream, in the order in which all messages of all streams were stored. */
export interface Logged extends Kept {
  readonly atMs: Moment;
  /** Place among everything that was stored. */
  readonly order: number;
}

export interface StateWrite {
  readonly key: string;
  readonly revision: number;
  readonly atMs: Moment;
  readonly order: number;
  /** Null: a purge. */
  readonly state: StateRecord | null;
}

export interface TermWrite {
  readonly partition: string;
  readonly atMs: Moment;
  readonly order: number;
  readonly record: TermRecord;
}

/** A target's command as a worker handed it to the publisher. */
export interface Send {
  readonly id: string;
  /** The latest that a worker's clock has shown so far. */
  readonly latestWallAt: number;
  readonly dueAt: number;
}

export interface CommandSeen {
  readonly message: Logged;
  /** When the inbox had its acknowledgement; null: never. */
  ackedMs: Moment | null;
}

export interface Told {
  readonly worker: string;
  readonly atMs: Moment;
  readonly signal: Signal;
}

/** A state was written while more than one worker believed to speak for its partition. */
export interface Rivalry {
  readonly atMs: Moment;
  readonly key: string;
  readonly workers: readonly string[];
}

/** Who spoke for which partition, by its number. */
export interface Look {
  readonly atMs: Moment;
  readonly speakers: readonly (readonly string[])[];
}

/** A worker as it shows itself. */
export interface WorkerShown {
  readonly worker: string;
  readonly gauges: Gauges;
}

export interface History {
  readonly scenario: Scenario;
  /** The epoch at moment 0, by the server's clock. */
  readonly epochAt: number;
  readonly states: StateWrite[];
  /** Definitions by revision. */
  readonly definitions: Map<number, DefinitionRecord>;
  readonly terms: TermWrite[];
  readonly targets: Logged[];
  readonly executions: Logged[];
  readonly audit: Logged[];
  readonly deadLetters: Logged[];
  readonly commands: Map<number, CommandSeen>;
  readonly sends: Send[];
  readonly told: Told[];
  readonly rivalries: Rivalry[];
  /** From `settledMs` on. */
  readonly looks: Look[];
  latestWallAt: number;
  /** What the clock of each machine shows now, whether or not a worker runs there. */
  readonly walls: (() => number)[];
  /** When the faults ended, when everything should have come to rest, and the end of the run. */
  calmMs: Moment;
  settledMs: Moment;
  endMs: Moment;
  /** What the workers show at the end. */
  shown: WorkerShown[];
  inboxPending: number;
}

export const emptyHistory = (scenario: Scenario, epochAt: number): History => ({
  scenario,
  epochAt,
  states: [],
  definitions: new Map(),
  terms: [],
  targets: [],
  executions: [],
  audit: [],
  deadLetters: [],
  commands: new Map(),
  sends: [],
  told: [],
  rivalries: [],
  looks: [],
  latestWallAt: epochAt,
  walls: [],
  calmMs: 0,
  settledMs: 0,
  endMs: 0,
  shown: [],
  inboxPending: 0,
});
