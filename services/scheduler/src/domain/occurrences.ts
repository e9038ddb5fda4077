/**
 * The occurrences of a schedule as it stands, for whoever asks when it will fire: nominal instants. Rounds of a delay are shown as if each
 * completed at once, since nobody knows better.
 */

import type { EffectiveTrigger } from "@carillon/contracts";
import { type EpochMs, formatInstant, isInstant } from "./instant.ts";
import { preview } from "./recurrence/index.ts";
import type { Schedule } from "./schedule.ts";
import { type Timeline, timelineOf } from "./timeline.ts";

/** `after`: exclusive. `count`: how many instants, at most. */
export interface Asked {
  now: EpochMs;
  after: EpochMs;
  count: number;
}

/**
 * Those ahead are no more than `maxExecutions` leaves, and none once it has completed; those behind are what its trigger named, whether or
 * not they fired. A pause is not heeded, nor that the schedule is disabled.
 */
export function occurrencesOf(schedule: Schedule, { now, after, count }: Asked): EpochMs[] {
  const { status, nominalAt } = schedule.state;
  const timeline = foreseen(schedule, now);
  const aheadAt = status === "active" && nominalAt !== null ? nominalAt : now + 1;
  let left = executionsLeft(schedule);
  if (after >= aheadAt && left < Number.POSITIVE_INFINITY) {
    left -= timeline.tally(aheadAt - 1, after, Math.min(left, timeline.stepsMax)).count;
  }
  return preview(timeline, after, count).filter((at) => at < aheadAt || left-- > 0);
}

/** Fires that are left; Infinity: no limit. */
export function executionsLeft({ record, state }: Schedule): number {
  if (state.status === "completed" || state.status === "deleted") return 0;
  return Math.max(0, (record.effective.maxExecutions ?? Number.POSITIVE_INFINITY) - state.claimed);
}

/** A delay as the interval that it is while every round completes at once; any other trigger as it is. `firstAt`: of its first round. */
export function withRounds(
  trigger: EffectiveTrigger,
  firstAt: (delayMs: number) => EpochMs,
): EffectiveTrigger {
  if (trigger.type !== "delay") return trigger;
  const startAt = firstAt(Math.round(trigger.delaySeconds * 1000));
  if (!isInstant(startAt)) return trigger;
  return { type: "interval", everySeconds: trigger.delaySeconds, startAt: formatInstant(startAt) };
}

/** The timeline of a delay knows one round ahead; the others follow from that one. */
function foreseen({ record, state, timeline }: Schedule, now: EpochMs): Timeline {
  const firstAt = timeline.followsCompletion ? (state.nominalAt ?? timeline.next(now)) : null;
  if (firstAt === null) return timeline;
  const { effective } = record;
  const trigger = withRounds(effective.trigger, () => firstAt);
  const made = timelineOf({ ...record, effective: { ...effective, trigger } });
  return made.ok ? made.timeline : timeline;
}
