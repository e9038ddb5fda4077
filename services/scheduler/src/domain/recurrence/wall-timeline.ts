/*
 * From wall-clock times to instants. A calendar says at which local times something happens, in no zone; this
 * file lays it over a zone, segment by segment of constant offset, and applies the policy where a clock change
 * skips local times (gap) or repeats them (overlap):
 *
 *   instants   ──── segment, offset o1 ────┬──── segment, offset o2 ────
 *   gap        o2 > o1: local times from change+o1 to change+o2 do not exist
 *   overlap    o2 < o1: local times from change+o2 to change+o1 come twice, before and after the change
 *
 * The result is strictly rising even where shifted times mix with ordinary ones, and two that meet are one.
 */
import type { DstPolicy } from "@carillon/contracts";
import { type EpochMs, INSTANT_MAX, INSTANT_MIN } from "../instant.ts";
import { DAY_MS, type WallMs } from "./civil.ts";
import type { Recurrence } from "./recurrence.ts";
import type { Segment, Zone } from "./zone.ts";

export interface WallCalendar {
  /** Earliest local time strictly after `after`; null when exhausted or none lies within the search horizon. */
  next(after: WallMs): WallMs | null;
}

export interface WallTimelineOptions {
  zone: Zone;
  policy: DstPolicy;
  /** The calendar as it stands at a UTC offset: the same at all of them, unless it counts elapsed time. */
  calendarAt(offsetMs: number): WallCalendar;
}

/** Elapsed time: what lies in a gap does not exist, and every pass of an overlap counts. */
export const ELAPSED: DstPolicy = { gap: "skip", overlap: "both" };

/** Local time never differs more from UTC, nor jumps further (Samoa skipped a whole day). */
const OFFSET_MAX_MS = DAY_MS;
/** Clock changes that one search passes; far more than any calendar needs, as it jumps to its next local time. */
const SEGMENTS_PASSED_MAX = 1_000;

export function wallTimeline(options: WallTimelineOptions): Recurrence["next"] {
  const { zone, calendarAt } = options;
  return (after) => {
    let from = Math.max(after, INSTANT_MIN - 1);
    if (from >= INSTANT_MAX) return null;
    for (let passed = 0; passed < SEGMENTS_PASSED_MAX; passed++) {
      const segment = zone.segmentAt(from + 1);
      const found = nextInSegment(options, segment, from);
      if (found !== null) return found <= INSTANT_MAX ? found : null;
      if (segment.endAt > INSTANT_MAX) return null;
      const wallEnd = segment.endAt + Math.min(segment.offsetMs, segment.offsetAfterMs);
      const wall = calendarAt(segment.offsetAfterMs).next(wallEnd - 1);
      if (wall === null) return null;
      from = Math.max(segment.endAt - 1, wall - 2 * OFFSET_MAX_MS);
    }
    return null;
  };
}

/** The instants of one local time under a policy: none, one, or two. */
export function instantsOf(wall: WallMs, zone: Zone, policy: DstPolicy): EpochMs[] {
  const calendar = { next: (after: WallMs) => (after < wall ? wall : null) };
  const next = wallTimeline({ zone, policy, calendarAt: () => calendar });
  const first = next(wall - 2 * OFFSET_MAX_MS);
  const second = first === null ? null : next(first);
  return [first, second].filter((at) => at !== null);
}

/** Local time of an instant. */
export function wallOf(at: EpochMs, zone: Zone): WallMs {
  return at + zone.segmentAt(at).offsetMs;
}

function nextInSegment(options: WallTimelineOptions, segment: Segment, after: EpochMs): EpochMs | null {
  const calendar = options.calendarAt(segment.offsetMs);
  const ordinary = ordinaryTime(calendar, options.policy, segment, after);
  if (segment.offsetBeforeMs >= segment.offsetMs) return ordinary;
  const displaced = displacedTime(calendar, options.policy, segment, after);
  return ordinary === null || (displaced !== null && displaced < ordinary) ? displaced : ordinary;
}

/** The next local time that the segment really shows, less the pass of an overlap that the policy leaves out. */
function ordinaryTime(
  calendar: WallCalendar,
  policy: DstPolicy,
  segment: Segment,
  after: EpochMs,
): EpochMs | null {
  const { startAt, endAt, offsetMs, offsetBeforeMs, offsetAfterMs } = segment;
  const repeatsBefore = offsetBeforeMs > offsetMs && policy.overlap === "first";
  const repeatsAfter = offsetAfterMs < offsetMs && policy.overlap === "second";
  const begin = repeatsBefore ? startAt + offsetBeforeMs : startAt + offsetMs;
  const end = repeatsAfter ? endAt + offsetAfterMs : endAt + offsetMs;
  const wall = calendar.next(Math.max(after + offsetMs, begin - 1));
  return wall !== null && wall < end ? wall - offsetMs : null;
}

/** The next instant that stands for a local time inside the gap at the segment's start. */
function displacedTime(
  calendar: WallCalendar,
  policy: DstPolicy,
  segment: Segment,
  after: EpochMs,
): EpochMs | null {
  const { startAt, endAt, offsetMs, offsetBeforeMs } = segment;
  const gapBegin = startAt + offsetBeforeMs;
  const gapEnd = startAt + offsetMs;
  if (policy.gap === "skip" || (policy.gap === "next" && after >= startAt)) return null;
  const wall = calendar.next(
    policy.gap === "next" ? gapBegin - 1 : Math.max(after + offsetBeforeMs, gapBegin - 1),
  );
  if (wall === null || wall >= gapEnd) return null;
  const at = policy.gap === "next" ? startAt : wall - offsetBeforeMs;
  return at < endAt ? at : null;
}
