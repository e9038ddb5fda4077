/**
 * A schedule as the scheduler holds it: what was asked (the definition record), where it stands (the state record), and its
 * timeline (compiled from the former). Everything here is a value; whoever changes something makes a new one.
 */

import type { DefinitionRecord, Dispatch, Outline, Owed, StateRecord } from "@carillon/contracts";
import type { EpochMs } from "./instant.ts";
import type { Timeline } from "./timeline.ts";

export interface Schedule {
  readonly record: DefinitionRecord;
  readonly state: StateRecord;
  readonly timeline: Timeline;
}

/** Target commands of one schedule that may be owed at once; further occurrences stay due until some are settled. */
export const DISPATCHES_OWED_MAX = 64;

/**
 * Executions of one schedule that may wait for another attempt; one more that is refused fails at once, since each is written with every
 * state, which NATS takes only up to its `max_payload`.
 */
export const RETRIES_PLANNED_MAX = 128;

export const isDispatch = (owed: Owed): owed is Dispatch => owed.kind === "dispatch";

/** Identity of something owed within its schedule: what a strike names. */
export function owedId(owed: Owed): string {
  switch (owed.kind) {
    case "dispatch":
      return `${owed.executionId}.${owed.attempt}`;
    case "announcement":
      return owed.id;
    case "letter":
      return `letter.${owed.dispatch.executionId}`;
  }
}

export function owes(state: StateRecord, promise: Owed): boolean {
  const id = owedId(promise);
  return state.owed.some((owed) => owed.kind === promise.kind && owedId(owed) === id);
}

/** The state without one promise, which has been kept; the same state where it is not owed. */
export function strike(state: StateRecord, kept: Owed): StateRecord {
  const owed = unstruck(state, kept);
  return owed.length === state.owed.length ? state : { ...state, owed };
}

/** What is owed but for this promise. */
export function unstruck(state: StateRecord, kept: Owed): Owed[] {
  const id = owedId(kept);
  return state.owed.filter((owed) => owed.kind !== kept.kind || owedId(owed) !== id);
}

/** True while an execution is on its way or waits for another attempt. */
export function isRunning(state: StateRecord): boolean {
  return state.retries.length > 0 || state.owed.some(isDispatch);
}

/** How long a tombstone keeps its command memory, so that a repeated command is still known. */
export const TOMBSTONE_KEPT_MS = 86_400_000;

/** What of a state decides when it wakes. */
export type Waking = Pick<StateRecord, "status" | "sinceAt" | "dueAt" | "owed" | "retries">;

/** When this schedule wants to be looked at next; null: only a command can change it. */
export const wakeAt = ({ record, state }: Schedule): EpochMs | null =>
  stateWakeAt(state, record.effective.keepSeconds);

/** The same of a state alone; `keepSeconds` as its definition says. */
export function stateWakeAt(state: Waking, keepSeconds: number): EpochMs | null {
  switch (state.status) {
    case "active":
      return hasRoom(state) ? earliest(state.dueAt, nextRetryAt(state)) : null;
    case "completed":
      return state.owed.length > 0 ? null : state.sinceAt + keepSeconds * 1000;
    case "deleted":
      return state.owed.length > 0 ? null : state.sinceAt + TOMBSTONE_KEPT_MS;
    default:
      return null;
  }
}

/** What a state says of its definition, so that the schedule can be held without having read that. */
export const outlineOf = ({ effective, createdBy }: DefinitionRecord, revision: number): Outline => ({
  revision,
  type: effective.trigger.type,
  createdBy,
  keepSeconds: effective.keepSeconds,
});

/** True: another target command may be claimed. */
export const hasRoom = (state: Pick<StateRecord, "owed">): boolean =>
  state.owed.length < DISPATCHES_OWED_MAX || state.owed.filter(isDispatch).length < DISPATCHES_OWED_MAX;

const nextRetryAt = ({ retries }: Pick<StateRecord, "retries">): EpochMs | null =>
  retries.reduce<EpochMs | null>((at, { retryAt }) => earliest(at, retryAt), null);

/** Until when occurrences have been claimed, missed or skipped, under whatever definition; null: none have. */
export const settledUntil = (state: StateRecord): EpochMs | null => state.settledUntil ?? state.lastNominalAt;

/** Null: none. */
export const latest = (a: EpochMs | null, b: EpochMs): EpochMs => (a === null ? b : Math.max(a, b));

/** Null: never. */
export function earliest(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
