/*
 * Instants: milliseconds since 1970-01-01T00:00:00Z, and their one text form, RFC 3339. A digit beyond the
 * millisecond is cut off; where a time zone is needed, see recurrence/zone.ts.
 */
import { instantText, isDateTime } from "@carillon/contracts";

/** Whole milliseconds since the Unix epoch, INSTANT_MIN to INSTANT_MAX. */
export type EpochMs = number;

/** 0000-01-01T00:00:00.000Z. Nothing earlier can be written down. */
export const INSTANT_MIN: EpochMs = -62_167_219_200_000;

/** 9999-12-31T23:59:59.999Z. No search goes past it. */
export const INSTANT_MAX: EpochMs = 253_402_300_799_999;

/** The instant that an RFC 3339 date-time names; null when it is none, or is out of range once in UTC. */
export function parseInstant(text: string): EpochMs | null {
  if (!isDateTime(text)) return null;
  const at = Date.parse(text.toUpperCase());
  return isInstant(at) ? at : null;
}

/** `2026-11-21T09:00:00.000Z`. Throws a RangeError outside of the range of EpochMs. */
export function formatInstant(at: EpochMs): string {
  if (!isInstant(at)) throw new RangeError(`not an instant: ${at}`);
  return instantText(at);
}

export function isInstant(at: number): at is EpochMs {
  return Number.isInteger(at) && at >= INSTANT_MIN && at <= INSTANT_MAX;
}
