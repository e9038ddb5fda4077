/**
 * What becomes of occurrences that do not fire when they are due. Lateness = now − due; up to the grace an occurrence fires late, beyond it
 * it is a misfire, and the policy decides:
 *
 *   skip       none fires
 *   fire_once  the newest fires, unless a later occurrence is due anyway
 *   fire_all   the newest `maxCatchUp` fire, oldest first
 *
 * Misfires that fire are *granted* (up to a nominal instant), so that they are not judged again while they wait their turn. The walk is
 * bounded: where a gap holds more occurrences than the timeline's `stepsMax`, the verdict covers the beginning, and `more` asks for
 * another call.
 */

import type { EffectiveDefinition, Gap, StateRecord } from "@carillon/contracts";
import type { EpochMs } from "./instant.ts";
import type { Tally } from "./recurrence/index.ts";
import { latest, type Schedule, settledUntil } from "./schedule.ts";
import type { Timeline } from "./timeline.ts";

/** Lateness that a healthy worker may have without the occurrence being a misfire, even where `graceSeconds` is 0. */
export const PUNCTUAL_MS = 100;

export const MISS_REASON_BY_POLICY = {
  skip: "misfire_grace",
  fire_once: "coalesced",
  fire_all: "catch_up_limit",
} as const satisfies Record<EffectiveDefinition["misfire"]["policy"], string>;

/** Why an occurrence that is not late does not fire: the tenant's rules, another definition, the end of its schedule. */
export const SKIP_REASONS = ["target_denied", "superseded", "deleted"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface Verdict {
  /** What will not fire is counted in its gap, and passed over. */
  state: StateRecord;
  /** The gap goes on: call again with the new state. */
  more: boolean;
}

/** Judges the misfires at the head of a schedule. The same state: there are none. */
export function judgeMisfires(schedule: Schedule, now: EpochMs): Verdict {
  const { record, state, timeline } = schedule;
  const { policy, graceSeconds, maxCatchUp } = record.effective.misfire;
  const graceMs = Math.max(Math.round(graceSeconds * 1000), PUNCTUAL_MS);
  const late = dueBefore(timeline, state.nominalAt, now - graceMs);
  const keep = { skip: 0, fire_once: isFollowed(timeline, late, now) ? 0 : 1, fire_all: maxCatchUp }[policy];
  return pass(schedule, late, { keep, reason: MISS_REASON_BY_POLICY[policy] });
}

/** Settles what is due at `now` without firing it. */
export function refuseDue(schedule: Schedule, now: EpochMs, reason: SkipReason): Verdict {
  return pass(schedule, dueBefore(schedule.timeline, schedule.state.nominalAt, now + 1), { keep: 0, reason });
}

/** Settles what is named before `at` without firing it, because a command ends the timeline there; under a pause its events tell it. */
export function waive(schedule: Schedule, at: EpochMs, reason: SkipReason | "paused"): Verdict {
  const { timeline, state } = schedule;
  return pass(schedule, namedBefore(timeline, state.nominalAt, at), { keep: 0, reason });
}

/** Until when occurrences were due: under a pause they are not, and the pair of its events covers them. */
export function dueUntil({ status, sinceAt }: StateRecord, at: EpochMs): EpochMs {
  return status === "active" ? at : Math.min(at, sinceAt);
}

/** Occurrences in a row, beginning with the next one. */
type Run = Pick<Tally, "count" | "last" | "complete">;

const NONE: Run = { count: 0, last: null, complete: true };

/** A later occurrence than the newest misfire is due. That of a delay is not known before this one has fired. */
function isFollowed(timeline: Timeline, { last, complete }: Run, now: EpochMs): boolean {
  if (last === null || !complete || timeline.followsCompletion) return false;
  const followingAt = timeline.next(last);
  return followingAt !== null && timeline.dueAt(followingAt) <= now;
}

/** Passes over a run, except for its newest `keep`, which are granted once the end of the run is known. */
function pass(
  { state, timeline }: Schedule,
  run: Run,
  { keep, reason }: { keep: number; reason: string },
): Verdict {
  const { nominalAt } = state;
  if (nominalAt === null || run.last === null) return { state, more: false };
  const granted = run.complete && keep > 0 ? { grantedUntil: run.last } : {};
  const count = run.count - keep;
  if (count <= 0) return { state: { ...state, ...granted }, more: false };

  const lastNominalAt =
    keep === 0 ? run.last : (timeline.tally(nominalAt - 1, run.last, count).last ?? run.last);
  const nextAt = timeline.followsCompletion ? null : timeline.next(lastNominalAt);
  const passed: StateRecord = {
    ...state,
    ...granted,
    nominalAt: nextAt,
    dueAt: nextAt === null ? null : timeline.dueAt(nextAt),
    settledUntil: latest(settledUntil(state), lastNominalAt),
    gap: mergeGaps(state.gap, { firstNominalAt: nominalAt, lastNominalAt, count, reason }),
  };
  return { state: passed, more: !run.complete };
}

/** Two neighbouring ranges of occurrences that did not fire, as one. */
function mergeGaps(older: Gap | null, newer: Gap): Gap {
  if (older === null) return newer;
  return { ...newer, firstNominalAt: older.firstNominalAt, count: older.count + newer.count };
}

function namedBefore(timeline: Timeline, firstAt: EpochMs | null, before: EpochMs): Run {
  if (firstAt === null || firstAt >= before) return NONE;
  const alone = timeline.followsCompletion || timeline.fault !== null;
  if (alone) return { count: 1, last: firstAt, complete: true };
  return timeline.tally(firstAt - 1, before - 1, timeline.stepsMax);
}

/** Those that are due before then whatever their jitter are counted in one go; the few whose jitter matters, one by one. */
function dueBefore(timeline: Timeline, firstAt: EpochMs | null, before: EpochMs): Run {
  if (firstAt === null || timeline.dueAt(firstAt) >= before) return NONE;
  const sure = namedBefore(timeline, firstAt, Math.max(firstAt + 1, before - timeline.jitterMaxMs));
  if (!sure.complete || timeline.jitterMaxMs === 0 || timeline.followsCompletion) return sure;
  let { count, last } = sure;
  for (let steps = 0; last !== null; steps++) {
    const nextAt = timeline.next(last);
    if (nextAt === null || timeline.dueAt(nextAt) >= before) break;
    if (steps === timeline.stepsMax) return { count, last, complete: false };
    count++;
    last = nextAt;
  }
  return { count, last, complete: true };
}
