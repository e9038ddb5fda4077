/** What an answer about a dispatched command does to its schedule: done, tried again later, or failed for good. */

import type { DefinitionRecord, Dispatch, Letter, PlannedRetry, StateRecord } from "@carillon/contracts";
import { cancelledEvent, failedEvent, retryingEvent } from "./announcement.ts";
import { disable, proceed } from "./completion.ts";
import type { EpochMs } from "./instant.ts";
import { unitHash } from "./jitter.ts";
import { owes, RETRIES_PLANNED_MAX, type Schedule, strike, unstruck } from "./schedule.ts";

/**
 * The target's stream (or the connection) has the command, and its event is told: nothing is owed for it any more. What follows from that
 * (the next round of a delay, the end) is `proceed`'s. The same state where it is not owed: somebody else settled it.
 */
export function settleDelivered(state: StateRecord, dispatch: Dispatch, firedAt: EpochMs): StateRecord {
  const owed = unstruck(state, dispatch);
  if (owed.length === state.owed.length) return state;
  const { fired, manual } = state.stats;
  const byHand = dispatch.cause === "trigger";
  const stats = {
    ...state.stats,
    fired: byHand ? fired : fired + 1,
    manual: byHand ? manual + 1 : manual,
    lastLagMs: Math.max(0, firedAt - dispatch.dueAt),
  };
  const lastFiredAt = Math.max(firedAt, state.lastFiredAt ?? firedAt);
  return { ...state, owed, stats, lastFiredAt, failures: 0 };
}

/** Why a command of a target is refused: stable words. */
export const REFUSAL_REASONS = [
  "no_stream",
  "permission",
  "too_large",
  "stream_full",
  "refused",
  "definition_unavailable",
  "unknown",
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface Refusal {
  reason: RefusalReason;
  /** For people. */
  message: string;
}

/**
 * JetStream refused the command: another attempt by the retry policy, or a dead letter, also where too many wait for another attempt
 * already; none of these once it is deleted. The same state where it is not owed: somebody else settled it.
 */
export function settleRefused(
  schedule: Schedule,
  dispatch: Dispatch,
  refusal: Refusal,
  now: EpochMs,
): StateRecord {
  const { record } = schedule;
  if (!owes(schedule.state, dispatch)) return schedule.state;
  const state = strike(schedule.state, dispatch);
  if (state.status === "deleted") {
    return { ...state, owed: [...state.owed, cancelledEvent(record, dispatch, "deleted", now)] };
  }
  const left = dispatch.attempt < record.effective.retry.maxAttempts;
  if (left && state.retries.length < RETRIES_PLANNED_MAX) {
    const retryAt = now + backoffMs(record, dispatch);
    const retry: PlannedRetry = { dispatch: { ...dispatch, attempt: dispatch.attempt + 1 }, retryAt };
    const event = retryingEvent(record, dispatch, { ...refusal, retryAt }, now);
    return { ...state, retries: [...state.retries, retry], owed: [...state.owed, event] };
  }
  return fail({ ...schedule, state }, dispatch, left ? crowdedOut(refusal) : refusal, now);
}

/** There would have been another attempt, if not so many others waited for theirs. */
const crowdedOut = ({ reason, message }: Refusal): Refusal => ({
  reason,
  message: `${message}; not tried again, since ${RETRIES_PLANNED_MAX} others wait for another attempt already`,
});

function fail(schedule: Schedule, dispatch: Dispatch, refusal: Refusal, now: EpochMs): StateRecord {
  const { record, state } = schedule;
  const failures = state.failures + 1;
  const letter: Letter = {
    kind: "letter",
    dispatch,
    reason: refusal.reason,
    description: refusal.message,
    at: now,
  };
  const stats = { ...state.stats, failed: state.stats.failed + 1 };
  const owed = [...state.owed, failedEvent(record, dispatch, refusal, now), letter];
  const failed = disableAfter(record, { ...state, failures, stats, owed }, now);
  return proceed({ ...schedule, state: failed }, now);
}

/** Milliseconds until the next attempt: exponential, spread by a deterministic share of itself, and capped. */
export function backoffMs({ effective }: DefinitionRecord, { executionId, attempt }: Dispatch): number {
  const { initialDelaySeconds, factor, maxDelaySeconds, jitterRatio } = effective.retry;
  const plainSeconds = Math.min(maxDelaySeconds, initialDelaySeconds * factor ** (attempt - 1));
  const spread = 1 + jitterRatio * (2 * unitHash(`${executionId}.${attempt}`) - 1);
  return Math.round(Math.min(maxDelaySeconds, plainSeconds * spread) * 1000);
}

function disableAfter(record: DefinitionRecord, state: StateRecord, now: EpochMs): StateRecord {
  const limit = record.effective.disableAfterFailures;
  if (limit === null || state.failures < limit || state.status !== "active") return state;
  return disable(record, state, `${state.failures} executions failed in a row`, now);
}
