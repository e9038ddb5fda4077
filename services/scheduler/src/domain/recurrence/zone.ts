/*
 * Time zones over native Temporal. A zone is seen as *segments* of constant offset: between two clock changes
 * wall-clock time and instants differ by a constant, so recurrences need one Temporal call a segment, not one
 * an occurrence. Only named zones count; an offset such as +02:00 knows no clock changes and is refused.
 */
import { type EpochMs, INSTANT_MAX, INSTANT_MIN } from "../instant.ts";
import { DAY_MS } from "./civil.ts";

export interface Segment {
  /** First instant of the segment; -Infinity where no clock change precedes it. */
  readonly startAt: EpochMs;
  /** First instant after the segment; Infinity where no clock change follows. */
  readonly endAt: EpochMs;
  /** Wall-clock time minus UTC, in milliseconds, within the segment, before it and after it. */
  readonly offsetMs: number;
  readonly offsetBeforeMs: number;
  readonly offsetAfterMs: number;
}

export interface Zone {
  /** As the zone database spells it: `America/New_York`. */
  readonly name: string;
  /** The segment that holds an instant. */
  segmentAt(at: EpochMs): Segment;
}

/** Longer than any name in the zone database; longer ones are refused before anybody looks them up. */
const ZONE_NAME_LENGTH_MAX = 64;
/** A named zone; keeps out offsets and the date-times with brackets that Temporal accepts too. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;
/** Segments remembered for each zone, a whole cycle of clock changes; beyond it the memory starts anew. */
const SEGMENTS_MAX = 1_000;
/** After so many days the calendar repeats, weekdays included, and with it every rule by which clocks change. */
const CYCLE_MS = 146_097 * DAY_MS;
/** Later than any single change that the zone database names: from here on each zone follows its last rule. */
const STEADY_AT = Date.UTC(2500, 0, 1);

/** By canonical name, so bounded by the zone database. */
const zones = new Map<string, Zone>();

/** The zone of that name in any case; null when the zone database does not have it. */
export function findZone(name: string): Zone | null {
  const known = zones.get(name);
  if (known) return known;
  const canonical = zoneName(name);
  if (canonical === null) return null;
  const zone = zones.get(canonical) ?? openZone(canonical);
  zones.set(canonical, zone);
  return zone;
}

function zoneName(name: string): string | null {
  if (name.length > ZONE_NAME_LENGTH_MAX || !ZONE_NAME.test(name)) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function openZone(name: string): Zone {
  let last: Segment | null = null;
  let known: Segment[] = [];
  const holds = (segment: Segment, at: EpochMs) => segment.startAt <= at && at < segment.endAt;

  const near = (at: EpochMs): Segment => {
    if (last !== null && holds(last, at)) return last;
    const index = lastBegun(known, at);
    const found = known[index];
    if (found !== undefined && holds(found, at)) {
      last = found;
      return found;
    }
    if (known.length >= SEGMENTS_MAX) known = [];
    last = readSegment(name, at);
    known.splice(known.length === 0 ? 0 : index + 1, 0, last);
    return last;
  };

  return {
    name,
    segmentAt: (at) => {
      const cycles = Math.floor((at - STEADY_AT) / CYCLE_MS);
      return cycles < 1 ? near(at) : shifted(near(at - cycles * CYCLE_MS), cycles * CYCLE_MS);
    },
  };
}

/** Index of the last of rising segments that has begun at an instant; -1: none has. */
function lastBegun(segments: readonly Segment[], at: EpochMs): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.startAt ?? at) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const shifted = (segment: Segment, byMs: number): Segment => ({
  ...segment,
  startAt: segment.startAt + byMs,
  endAt: segment.endAt + byMs,
});

function readSegment(name: string, at: EpochMs): Segment {
  const clamped = Math.min(Math.max(at, INSTANT_MIN), INSTANT_MAX);
  // Temporal looks strictly before: one millisecond later finds a change at `at` itself.
  const previous = zoned(name, clamped + 1).getTimeZoneTransition("previous");
  const next = zoned(name, clamped).getTimeZoneTransition("next");
  const offsetMs = offsetAt(name, clamped);
  const startAt = previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
  const endAt = next?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  return {
    startAt,
    endAt,
    offsetMs,
    offsetBeforeMs: previous === null ? offsetMs : offsetAt(name, startAt - 1),
    offsetAfterMs: next === null ? offsetMs : offsetAt(name, endAt),
  };
}

function offsetAt(name: string, at: EpochMs): number {
  return zoned(name, at).offsetNanoseconds / 1_000_000;
}

function zoned(name: string, at: EpochMs): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);
}
