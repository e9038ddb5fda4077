/*
 * What a user should know before a clock change: local times of the trigger that do not exist or come twice, and what
 * becomes of them. Counting elapsed time, a trigger is only spoken of where its rhythm shows the change: every hour
 * goes on every hour, but every two hours leaves one out.
 */
import type { DstPolicy, EffectiveTrigger, Warning } from "@carillon/contracts";
import { type EpochMs, INSTANT_MAX } from "../instant.ts";
import { DAY_MS, type WallMs } from "./civil.ts";
import { localTimes } from "./local-times.ts";
import { isSpent } from "./recurrence.ts";
import type { WallCalendar } from "./wall-timeline.ts";
import { findZone, type Segment, type Zone } from "./zone.ts";

const MINUTE_MS = 60_000;
/** How far a warning looks ahead: all changes of a year. */
export const HORIZON_MS = 400 * DAY_MS;
/** Changes looked at: no zone has had more in a year. */
const CHANGES_MAX = 8;
/** Warnings at most. */
const WARNINGS_MAX = 4;
/** Local times compared to tell a rhythm: more than an hour has minutes. */
const RHYTHM_TIMES_MAX = 100;

/** Local times from `begin` to before `end`, which a change leaves out or repeats. */
interface Stretch {
  readonly kind: "gap" | "overlap";
  readonly begin: WallMs;
  readonly end: WallMs;
}

/**
 * Those of the clock changes in (after, until], and within HORIZON_MS, that the trigger meets; the earliest first. Where finding out
 * has cost ANSWER_STEPS_MAX, the later ones are left out.
 */
export function clockChanges(trigger: EffectiveTrigger, after: EpochMs, until: EpochMs): Warning[] {
  if (trigger.type !== "cron" && trigger.type !== "rrule") return [];
  const zone = findZone(trigger.timezone);
  const stretches =
    zone === null ? [] : stretchesOf(zone, after, Math.min(until, after + HORIZON_MS, INSTANT_MAX));
  const calendar = stretches.length === 0 ? null : localTimes(trigger);
  if (calendar === null) return [];
  const { timezone, dst } = trigger;
  const warnings: Warning[] = [];
  for (const stretch of stretches) {
    if (warnings.length === WARNINGS_MAX || isSpent(calendar, 0)) break;
    warnings.push(...warningOf(calendar, stretch, { timezone, dst }));
  }
  return warnings;
}

function stretchesOf(zone: Zone, after: EpochMs, until: EpochMs): Stretch[] {
  const stretches: Stretch[] = [];
  let segment = zone.segmentAt(after);
  while (segment.endAt <= until && stretches.length < CHANGES_MAX) {
    stretches.push(stretchAfter(segment));
    segment = zone.segmentAt(segment.endAt);
  }
  return stretches;
}

function stretchAfter({ endAt, offsetMs, offsetAfterMs }: Segment): Stretch {
  const kind = offsetAfterMs > offsetMs ? "gap" : "overlap";
  return {
    kind,
    begin: endAt + Math.min(offsetMs, offsetAfterMs),
    end: endAt + Math.max(offsetMs, offsetAfterMs),
  };
}

function warningOf(
  calendar: WallCalendar,
  stretch: Stretch,
  { timezone, dst }: { timezone: string; dst: DstPolicy | null },
): Warning[] {
  const { kind, begin, end } = stretch;
  const first = calendar.next(begin - 1);
  if (first === null || first >= end) return [];
  if (dst === null && keepsRhythm(calendar, stretch)) return [];
  const second = calendar.next(first);
  const several = second !== null && second < end;
  const times = several ? `${local(first)} and later times before ${local(end, first)}` : local(first);
  const happens = HAPPENS[kind][several ? "several" : "one"];
  const fate = kind === "gap" ? gapFate(dst?.gap ?? null, stretch, first, several) : overlapFate(dst);
  return [{ code: `dst_${kind}`, path: "/trigger", message: `${times} ${happens} in ${timezone}: ${fate}` }];
}

const HAPPENS = {
  gap: { one: "does not exist", several: "do not exist" },
  overlap: { one: "comes twice", several: "come twice" },
} as const;

/** `several`: more than `first` lies in the gap. Null: the trigger counts elapsed time. */
function gapFate(
  gap: DstPolicy["gap"] | null,
  { begin, end }: Stretch,
  first: WallMs,
  several: boolean,
): string {
  switch (gap) {
    case "next":
      return `fires ${several ? "once, " : ""}at ${local(end, first)} (gap: next)`;
    case "shift":
      return `fires ${several ? "from" : "at"} ${local(first + end - begin, first)}${several ? " on" : ""} (gap: shift)`;
    default:
      return `left out (${gap === null ? ELAPSED_TIME : "gap: skip"})`;
  }
}

const ELAPSED_TIME = "elapsed time, since minute or hour begins with *";

function overlapFate(dst: DstPolicy | null): string {
  if (dst === null) return `fires at both (${ELAPSED_TIME})`;
  return `fires at ${dst.overlap === "both" ? "both" : `the ${dst.overlap}`} (overlap: ${dst.overlap})`;
}

/** What happens in the stretch happens just so before and after it, so that leaving it out or repeating it shows nowhere. */
const keepsRhythm = (calendar: WallCalendar, { begin, end }: Stretch): boolean =>
  repeatsAt(calendar, { begin, end }, begin - end) && repeatsAt(calendar, { begin, end }, end - begin);

function repeatsAt(
  calendar: WallCalendar,
  { begin, end }: Pick<Stretch, "begin" | "end">,
  byMs: number,
): boolean {
  let here = calendar.next(begin - 1);
  let there = calendar.next(begin + byMs - 1);
  for (let seen = 0; seen < RHYTHM_TIMES_MAX; seen++) {
    const ended = here === null || here >= end;
    if (ended !== (there === null || there >= end + byMs)) return false;
    if (ended || here === null || there === null) return true;
    if (here + byMs !== there) return false;
    here = calendar.next(here);
    there = calendar.next(there);
  }
  return true;
}

/** `2027-03-14 02:30`; seconds where there are any, and no date where `beside` has said it. */
function local(wall: WallMs, beside: WallMs | null = null): string {
  const text = new Date(wall).toISOString();
  const date = text.slice(0, 10);
  const time = text.slice(11, wall % MINUTE_MS === 0 ? 16 : 19);
  return beside !== null && new Date(beside).toISOString().startsWith(date) ? time : `${date} ${time}`;
}
