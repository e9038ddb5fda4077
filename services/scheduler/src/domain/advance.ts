/**
 * What the clock does to a schedule: which occurrences fire now, which are missed and why, and what comes next.
 *
 * The answer is a new state that lists what it *owes* the world (target commands, events). Whoever asked writes that state first and
 * only then pays; so a crash at any point leaves either the old state or a complete list of debts. Work per call is bounded; `again`
 * says that more is due already.
 */

import { type Dispatch, executionIdAt, type StateRecord } from "@carillon/contracts";
import { skippedEvent } from "./announcement.ts";
import { proceed } from "./completion.ts";
import { tellGap } from "./gap.ts";
import type { EpochMs } from "./instant.ts";
import { judgeMisfires, skipTo } from "./misfire.ts";
import { DISPATCHES_OWED_MAX, isDispatch, type Schedule } from "./schedule.ts";

/** Executions of one schedule claimed by one state write; the rest follow in the next. */
export const CLAIMS_MAX = 16;

export interface Advance {
  state: StateRecord;
  /** False: nothing has been decided that must survive; keep the state in memory and call again. */
  commit: boolean;
  /** More is due at `now` already. */
  again: boolean;
}

/**
 * Null: nothing is due, or too much is owed already. `denied`: the tenant's rules no longer allow the target, so what is due is skipped
 * and said to be (`target_denied`).
 */
export function advance(schedule: Schedule, now: EpochMs, denied: boolean): Advance | null {
  if (schedule.state.status !== "active") return null;
  const room = Math.min(CLAIMS_MAX, DISPATCHES_OWED_MAX - schedule.state.owed.filter(isDispatch).length);
  const retried = schedule.state.retries.filter((retry) => retry.retryAt <= now).slice(0, Math.max(room, 0));
  const judged = judge(schedule, now);
  if (judged?.more) return { state: judged.state, commit: false, again: true };

  const base = judged?.state ?? schedule.state;
  const claim = claimDue({ ...schedule, state: base }, now, room - retried.length);
  const dispatches = [
    ...retried.map((retry) => ({ ...retry.dispatch, claimedAt: now })),
    ...claim.dispatches,
  ];
  if (dispatches.length === 0 && base.gap === null) return null;

  const state = { ...claim.state, retries: base.retries.filter((retry) => !retried.includes(retry)) };
  return settleGap({ ...schedule, state }, denied, dispatches, now);
}

/** Judges what is late beyond its grace, unless it was granted before; null: nothing is. */
function judge(schedule: Schedule, now: EpochMs): { state: StateRecord; more: boolean } | null {
  const { nominalAt, dueAt, grantedUntil } = schedule.state;
  if (nominalAt === null || dueAt === null || dueAt > now) return null;
  if (grantedUntil !== null && nominalAt <= grantedUntil) return null;
  const verdict = judgeMisfires(schedule, nominalAt, now);
  if (verdict.missed === null && verdict.grantedUntil === null) return null;
  return { state: skipTo(schedule, verdict), more: verdict.more };
}

/** Claims what is due, oldest first; within a granted range only what was granted, since the rest must be judged first. */
function claimDue({ record, state, timeline }: Schedule, now: EpochMs, room: number) {
  const executionsMax = record.effective.maxExecutions ?? Number.POSITIVE_INFINITY;
  const { grantedUntil } = state;
  const dispatches: Dispatch[] = [];
  let { nominalAt, dueAt, lastNominalAt, claimed } = state;
  const granted = grantedUntil !== null && nominalAt !== null && nominalAt <= grantedUntil;
  while (nominalAt !== null && dueAt !== null && dueAt <= now && dispatches.length < room) {
    if (granted && nominalAt > grantedUntil) break;
    claimed++;
    const exhausted = timeline.followsCompletion || claimed >= executionsMax;
    const nextAt: EpochMs | null = exhausted ? null : timeline.next(nominalAt);
    dispatches.push({
      kind: "dispatch",
      executionId: executionIdAt(record.scheduleId, nominalAt),
      attempt: 1,
      cause: granted ? "catch_up" : "schedule",
      nominalAt,
      dueAt,
      previousAt: lastNominalAt,
      nextAt,
      claimedAt: now,
      revision: state.revision,
      actor: null,
      traceparent: null,
    });
    lastNominalAt = nominalAt;
    nominalAt = nextAt;
    dueAt = nextAt === null ? null : timeline.dueAt(nextAt);
  }
  return { dispatches, state: { ...state, nominalAt, dueAt, lastNominalAt, claimed } };
}

/** Lists what is owed: the event of a gap that has ended, then the dispatches, or the events that say why there are none. */
function settleGap(
  schedule: Schedule,
  denied: boolean,
  dispatches: readonly Dispatch[],
  now: EpochMs,
): Advance {
  const { record } = schedule;
  const told = tellGap(schedule, now);
  const owed = denied
    ? dispatches.map((dispatch) => skippedEvent(record, dispatch, "target_denied", now))
    : dispatches;
  const stats = denied ? { ...told.stats, skipped: told.stats.skipped + dispatches.length } : told.stats;
  const state = proceed({ ...schedule, state: { ...told, stats, owed: [...told.owed, ...owed] } }, now);
  const { nominalAt, dueAt } = state;
  return { state, commit: true, again: nominalAt !== null && dueAt !== null && dueAt <= now };
}
