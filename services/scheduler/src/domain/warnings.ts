/** What is worth a look about what is accepted: that a schedule does not fire, and what the next clock changes do to it. */

import type { Warning } from "@carillon/contracts";
import { type EpochMs, parseInstant } from "./instant.ts";
import { executionsLeft, occurrencesOf } from "./occurrences.ts";
import { clockChanges } from "./recurrence/index.ts";
import type { Schedule } from "./schedule.ts";

/** Fires counted to tell when a schedule ends by `maxExecutions`; one with more left is taken to go on. */
const COUNTED_MAX = 1_000;

/** Of a schedule: why its stored definition no longer compiles, or what clock changes after `after` do to it while it lasts. */
export function warningsOf(schedule: Schedule, now: EpochMs, after: EpochMs = now): Warning[] {
  const { record, state, timeline } = schedule;
  if (timeline.fault !== null) return [timeline.fault];
  if (state.status === "completed" || state.status === "deleted") return [];
  const { trigger, startAt, endAt } = record.effective;
  const from = Math.max(after, instantOr(startAt, after + 1) - 1);
  return clockChanges(trigger, from, Math.min(instantOr(endAt, INFINITE), lastAt(schedule, now)));
}

/** Of a preview of a schedule that does not fire as it stands. */
export function inactiveWarnings({ state }: Schedule): Warning[] {
  const { status, reason } = state;
  if (status === "active") return [];
  const why = reason === null ? "" : ` (${reason})`;
  return [
    { code: "schedule_not_active", path: "", message: `the schedule is ${status}${why}: ${UNTIL[status]}` },
  ];
}

const UNTIL: Readonly<Record<Exclude<Schedule["state"]["status"], "active">, string>> = {
  paused: "it fires only once it is resumed",
  disabled: "it fires only once it is enabled again",
  completed: "it fires no more",
  deleted: "it fires no more",
};

const INFINITE = Number.POSITIVE_INFINITY;

/** The last fire that `maxExecutions` leaves; Infinity: none is known to be the last. */
function lastAt(schedule: Schedule, now: EpochMs): EpochMs {
  const left = executionsLeft(schedule);
  if (left > COUNTED_MAX) return INFINITE;
  const times = occurrencesOf(schedule, { now, after: now, count: left });
  return times.length < left ? INFINITE : (times.at(-1) ?? now);
}

/** Definitions are validated before they get here, so an instant that does not parse bounds nothing. */
const instantOr = (text: string | null, otherwise: number): number =>
  text === null ? otherwise : (parseInstant(text) ?? otherwise);
