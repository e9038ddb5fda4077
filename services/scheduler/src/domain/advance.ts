/**
 * What the clock does to a schedule: which occurrences fire now, which are missed and why, and what comes next.
 *
 * The answer is a new state that lists what it *owes* the world (target commands, events). Whoever asked writes that state first and
 * only then pays; so a crash at any point leaves either the old state or a complete list of debts. Work per call is bounded; `again`
 * says that more is due already.
 */

import { type Dispatch, executionIdAt, type PlannedRetry, type StateRecord } from "@carillon/contracts";
import { skippedEvent } from "./announcement.ts";
import { proceed } from "./completion.ts";
import { tellGap } from "./gap.ts";
import type { EpochMs } from "./instant.ts";
import { judgeMisfires, refuseDue, type Verdict } from "./misfire.ts";
import { DISPATCHES_OWED_MAX, isDispatch, latest, type Schedule, settledUntil } from "./schedule.ts";

/** Executions of one schedule claimed by one state write; the rest follow in the next. */
export const CLAIMS_MAX = 16;

/** Why an occurrence does not fire whose target the tenant's rules no longer allow. */
const TARGET_DENIED = "target_denied";

export interface Advance {
  state: StateRecord;
  /** False: nothing has been decided that must survive; keep the state in memory and call again. */
  commit: boolean;
  /** More is due at `now` already. */
  again: boolean;
}

/**
 * Null: nothing is due, or too much is owed already. `denied`: the tenant's rules no longer allow the target, so what is due is skipped
 * and said to be (`target_denied`). `claimedAt`: the same moment by the server's clock.
 */
export function advance(
  schedule: Schedule,
  now: EpochMs,
  denied: boolean,
  claimedAt: EpochMs = now,
): Advance | null {
  const { record, state } = schedule;
  if (state.status !== "active") return null;
  const verdict = judge(schedule, now, denied);
  if (verdict.more) return { state: verdict.state, commit: false, again: true };

  const room = Math.max(0, Math.min(CLAIMS_MAX, DISPATCHES_OWED_MAX - state.owed.filter(isDispatch).length));
  const retries = state.retries.filter((retry) => retry.retryAt <= now).slice(0, room);
  const claim = claimDue(
    { ...schedule, state: verdict.state },
    { now, claimedAt, room: room - retries.length },
  );
  if (retries.length + claim.dispatches.length === 0 && claim.state.gap === null) return null;

  const told = tellGap({ ...schedule, state: claim.state }, now);
  const tried = denied ? skipRetries(told, record, retries, now) : retry(told, retries, claimedAt);
  const owing = { ...tried, owed: [...tried.owed, ...claim.dispatches] };
  const next = proceed({ ...schedule, state: owing }, now);
  return { state: next, commit: true, again: next.dueAt !== null && next.dueAt <= now };
}

/** Nothing fires against the rules; misfires are judged, unless they were granted before. */
function judge(schedule: Schedule, now: EpochMs, denied: boolean): Verdict {
  const { state } = schedule;
  if (denied) return refuseDue(schedule, now, TARGET_DENIED);
  return isGranted(state) ? { state, more: false } : judgeMisfires(schedule, now);
}

const isGranted = ({ nominalAt, grantedUntil }: StateRecord): boolean =>
  nominalAt !== null && grantedUntil !== null && nominalAt <= grantedUntil;

/** Claims what is due, oldest first; after a granted range it stops, since the rest must be judged first. */
function claimDue(
  { record, state, timeline }: Schedule,
  { now, claimedAt, room }: { now: EpochMs; claimedAt: EpochMs; room: number },
) {
  const executionsMax = record.effective.maxExecutions ?? Number.POSITIVE_INFINITY;
  const granted = isGranted(state);
  const dispatches: Dispatch[] = [];
  let { nominalAt, dueAt, lastNominalAt, claimed } = state;
  let settledAt = settledUntil(state);
  while (nominalAt !== null && dueAt !== null && dueAt <= now && dispatches.length < room) {
    if (granted && !isGranted({ ...state, nominalAt })) break;
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
      claimedAt,
      revision: state.revision,
      actor: null,
      traceparent: null,
    });
    lastNominalAt = nominalAt;
    settledAt = latest(settledAt, nominalAt);
    nominalAt = nextAt;
    dueAt = nextAt === null ? null : timeline.dueAt(nextAt);
  }
  return {
    dispatches,
    state: { ...state, nominalAt, dueAt, lastNominalAt, settledUntil: settledAt, claimed },
  };
}

/** Planned attempts whose time has come are owed. */
function retry(state: StateRecord, due: readonly PlannedRetry[], claimedAt: EpochMs): StateRecord {
  if (due.length === 0) return state;
  const owed = due.map(({ dispatch }) => ({ ...dispatch, claimedAt }));
  return { ...without(state, due), owed: [...state.owed, ...owed] };
}

function skipRetries(
  state: StateRecord,
  record: Schedule["record"],
  due: readonly PlannedRetry[],
  now: EpochMs,
): StateRecord {
  const owed = due.map(({ dispatch }) => skippedEvent(record, dispatch, TARGET_DENIED, now));
  const stats = { ...state.stats, skipped: state.stats.skipped + due.length };
  return { ...without(state, due), stats, owed: [...state.owed, ...owed] };
}

const without = (state: StateRecord, due: readonly PlannedRetry[]): StateRecord => ({
  ...state,
  retries: state.retries.filter((planned) => !due.includes(planned)),
});
