/**
 * What becomes of occurrences that are later than their grace. Lateness = now − due; up to the grace an occurrence fires late, beyond it
 * it is a misfire, and the policy decides:
 *
 *   skip       none fires
 *   fire_once  the newest fires, unless a later occurrence is due anyway
 *   fire_all   the newest `maxCatchUp` fire, oldest first
 *
 * Misfires that fire are *granted* (up to a nominal instant), so that they are not judged again while they wait their turn. The walk is
 * bounded: where a gap holds more occurrences than `STEPS_MAX`, the verdict covers the beginning, and `more` asks for another call.
 */

import type { Gap, StateRecord } from "@carillon/contracts";
import type { EpochMs } from "./instant.ts";
import type { Tally } from "./recurrence/index.ts";
import type { Schedule } from "./schedule.ts";
import type { Timeline } from "./timeline.ts";

/** Occurrences that one call may walk through; more than `maxCatchUp` can be, so that every call makes progress. */
export const STEPS_MAX = 2_000;

/** Lateness that a healthy worker may have without the occurrence being a misfire, even where `graceSeconds` is 0. */
export const PUNCTUAL_MS = 100;

export type MissReason = "misfire_grace" | "coalesced" | "catch_up_limit";

export interface Verdict {
  /** The occurrences that will not fire, starting with the one that was next; null: none. */
  missed: Gap | null;
  /** The first occurrence that `missed` does not cover; null: the schedule is exhausted. */
  nominalAt: EpochMs | null;
  /** Occurrences up to this nominal instant fire however late they are; null: none is granted. */
  grantedUntil: EpochMs | null;
  /** The gap goes on: call again with the new `nominalAt`. */
  more: boolean;
}

/** Judges the misfires at the head of a schedule whose next occurrence is `nominalAt`. */
export function judgeMisfires({ record, timeline }: Schedule, nominalAt: EpochMs, now: EpochMs): Verdict {
  const { policy, graceSeconds, maxCatchUp } = record.effective.misfire;
  const graceMs = Math.max(graceSeconds * 1000, PUNCTUAL_MS);
  const late = walk(timeline, nominalAt, (dueAt) => now - dueAt > graceMs, now - graceMs);
  if (late.last === null) return { missed: null, nominalAt, grantedUntil: null, more: false };

  const followingAt = late.complete ? timeline.next(late.last) : null;
  const laterIsDue = followingAt !== null && timeline.dueAt(followingAt) <= now;
  const keep = { skip: 0, fire_once: laterIsDue ? 0 : 1, fire_all: maxCatchUp }[policy];
  const reason = { skip: "misfire_grace", fire_once: "coalesced", fire_all: "catch_up_limit" }[policy];
  return pass({ timeline, nominalAt, late, keep, reason });
}

/** Settles everything due by `at` without firing, because a command ends this timeline; same bounds as above. */
export function waive({ timeline }: Schedule, nominalAt: EpochMs, at: EpochMs, reason: string): Verdict {
  const late = walk(timeline, nominalAt, (dueAt) => dueAt <= at, at + 1);
  return pass({ timeline, nominalAt, late, keep: 0, reason });
}

/** The state after a verdict: what it passes over is counted in the gap. */
export function skipTo({ state, timeline }: Schedule, verdict: Verdict): StateRecord {
  return {
    ...state,
    nominalAt: verdict.nominalAt,
    dueAt: verdict.nominalAt === null ? null : timeline.dueAt(verdict.nominalAt),
    grantedUntil: verdict.grantedUntil ?? state.grantedUntil,
    gap: mergeGaps(state.gap, verdict.missed),
  };
}

/** Two neighbouring ranges of occurrences that did not fire, as one. */
function mergeGaps(older: Gap | null, newer: Gap | null): Gap | null {
  if (older === null || newer === null) return older ?? newer;
  return { ...newer, firstNominalAt: older.firstNominalAt, count: older.count + newer.count };
}

function pass(of: {
  timeline: Timeline;
  nominalAt: EpochMs;
  late: Walk;
  keep: number;
  reason: string;
}): Verdict {
  const { timeline, nominalAt, late, keep, reason } = of;
  const count = late.count - keep;
  const grantedUntil = late.complete && keep > 0 ? late.last : null;
  if (count <= 0 || late.last === null) return { missed: null, nominalAt, grantedUntil, more: false };
  const lastNominalAt =
    keep === 0 ? late.last : (timeline.tally(nominalAt - 1, late.last, count).last ?? late.last);
  return {
    missed: { firstNominalAt: nominalAt, lastNominalAt, count, reason },
    nominalAt: timeline.next(lastNominalAt),
    grantedUntil,
    more: !late.complete,
  };
}

type Walk = Pick<Tally, "count" | "last" | "complete">;

/**
 * Counts occurrences from `firstAt` on while they are late. Those that are late whatever their jitter are counted in one go; the few
 * whose jitter matters, one by one.
 */
function walk(
  timeline: Timeline,
  firstAt: EpochMs,
  isLate: (dueAt: EpochMs) => boolean,
  before: EpochMs,
): Walk {
  if (!isLate(timeline.dueAt(firstAt))) return { count: 0, last: null, complete: true };
  if (timeline.followsCompletion) return { count: 1, last: firstAt, complete: true };
  const sure = timeline.tally(firstAt - 1, Math.max(firstAt, before - 1 - timeline.jitterMaxMs), STEPS_MAX);
  if (!sure.complete || timeline.jitterMaxMs === 0) return sure;
  let { count, last } = sure;
  for (let steps = 0; last !== null; steps++) {
    const nextAt = timeline.next(last);
    if (nextAt === null || !isLate(timeline.dueAt(nextAt))) break;
    if (steps === STEPS_MAX) return { count, last, complete: false };
    count++;
    last = nextAt;
  }
  return { count, last, complete: true };
}
