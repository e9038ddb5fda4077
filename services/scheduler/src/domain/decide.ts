/**
 * What a command does to its schedule. Total and pure: a command, the schedule as it stands, and the rules go in; a new schedule with what
 * it owes comes out, or a refusal. One file a verb under `verbs/`; this one holds what all verbs share: repeats, existence, versions.
 */

import type { ErrorBody, Outcome, StateRecord } from "@carillon/contracts";
import type { Command } from "./command.ts";
import type { Defaults } from "./definition.ts";
import { recall, remember } from "./memory.ts";
import { reject } from "./rejection.ts";
import type { Schedule } from "./schedule.ts";
import type { Tenants } from "./tenants.ts";
import { VERBS } from "./verbs/index.ts";

export interface Rules {
  tenants: Tenants;
  defaults: Defaults;
  /** Schedules that count against limits, of the tenant and of one creator in it. */
  count(tenant: string, creator: string): { tenant: number; creator: number };
}

/** What a verb made of a command, before it is remembered. */
export type Effect =
  | { kind: "rejected"; error: ErrorBody }
  /** Accepted; `schedule` null where the verb changes nothing. */
  | {
      kind: "accepted";
      schedule: Schedule | null;
      redefined?: boolean;
      executionId?: string;
    }
  /** Occurrences that are due must be waived first, and there are too many for one call: keep this state and decide again. */
  | { kind: "waiving"; state: StateRecord };

export type Decision =
  | { kind: "rejected"; error: ErrorBody }
  | { kind: "waiving"; state: StateRecord }
  | { kind: "stale" }
  | { kind: "repeated"; schedule: Schedule; outcome: Outcome }
  | {
      kind: "accepted";
      /** The schedule with the command remembered in its state, and everything it owes listed there. */
      schedule: Schedule;
      /** The definition record is new and must be stored before the state; its revision is not known yet. */
      redefined: boolean;
      /** Nothing but the memory of the command is new. */
      unchanged: boolean;
      outcome: Outcome;
    };

/**
 * `current` null: nothing is stored; a deleted schedule is a tombstone with status `deleted`. The time is that at which NATS stored
 * the command, whenever it is decided.
 */
export function decide(current: Schedule | null, command: Command, rules: Rules): Decision {
  if (current !== null && !command.dryRun) {
    const known = recall(current.state.memory, command);
    if (known.kind === "repeated") return { kind: "repeated", schedule: current, outcome: known.outcome };
    if (known.kind === "stale") return known;
  }
  const living = current !== null && current.state.status !== "deleted" ? current : null;
  const verb = VERBS[command.verb];
  if (living === null && verb.needsSchedule) return reject404(command);
  const conflict = versionConflict(living, command);
  if (conflict !== null) return { kind: "rejected", error: conflict };

  const effect = verb.decide({ current, living, command, rules });
  if (effect.kind !== "accepted") return effect;
  const schedule = effect.schedule ?? current;
  if (schedule === null) return reject404(command);
  return remembered(schedule, command, effect);
}

function remembered(
  schedule: Schedule,
  command: Command,
  effect: Extract<Effect, { kind: "accepted" }>,
): Decision {
  const { executionId, redefined = false } = effect;
  const outcome: Outcome = {
    commandId: command.commandId,
    verb: command.verb,
    version: schedule.record.version,
    status: schedule.state.status,
    ...(executionId === undefined ? {} : { executionId }),
  };
  const memory = remember(schedule.state.memory, command, outcome);
  return {
    kind: "accepted",
    schedule: { ...schedule, state: { ...schedule.state, memory } },
    redefined,
    unchanged: effect.schedule === null,
    outcome,
  };
}

function reject404({ tenant, scheduleId }: Command): Decision {
  const { error } = reject("not_found", `schedule "${scheduleId}" of tenant "${tenant}" does not exist`);
  return { kind: "rejected", error };
}

/** Version 0 means: it must not exist. */
function versionConflict(living: Schedule | null, { expectedVersion }: Command): ErrorBody | null {
  const version = living?.record.version ?? 0;
  if (expectedVersion === null || expectedVersion === version) return null;
  return reject(
    "version_conflict",
    `version ${expectedVersion} was expected; the schedule is at version ${version}`,
  ).error;
}
