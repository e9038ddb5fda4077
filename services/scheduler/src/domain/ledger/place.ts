/**
 * How far a verification got, as callers carry it: up to which instant for which schedules, and the end that was fixed when it began. In
 * a spelling that invites nobody to make one of their own.
 */

import { isName } from "@carillon/contracts";
import { type EpochMs, isInstant } from "../instant.ts";

export interface Place {
  /** Of the whole verification, exclusive. */
  readonly until: EpochMs;
  /** The next part begins here. */
  readonly from: EpochMs;
  /** It is about the schedules behind this one; null: from the first. */
  readonly after: string | null;
  /** The last one of the part; null: as many as fit. */
  readonly through: string | null;
}

/** Of this spelling; another one would have another mark. */
const MARK = "1";

const URL_SAFE = /^[A-Za-z0-9_-]+$/;

/** Stands for null: no schedule has such a name. */
const NONE = ".";

export const cursorOf = ({ until, from, after, through }: Place): string =>
  btoa([MARK, until, from, after ?? NONE, through ?? NONE].join(" "))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** Null: not one of our cursors. */
export function placeOf(cursor: string): Place | null {
  if (!URL_SAFE.test(cursor) || cursor.length % 4 === 1) return null;
  const [mark, until, from, ...names] = atob(cursor.replaceAll("-", "+").replaceAll("_", "/")).split(" ");
  const [after = "", through = ""] = names;
  const place: Place = {
    until: Number(until),
    from: Number(from),
    after: after === NONE ? null : after,
    through: through === NONE ? null : through,
  };
  const fits = mark === MARK && isInstant(place.until) && isInstant(place.from) && place.from <= place.until;
  const named = [place.after, place.through].every((name) => name === null || isName(name));
  return fits && named && cursorOf(place) === cursor ? place : null;
}

/** What is so close to where a pass over commands was cut short is left to the next part. */
const CUT_MS = 2_000;

/** Until when commands are known that were read up to `cutAt`: at least half of what lies behind `from`, so that each part gets further. */
export const shortOf = (cutAt: EpochMs, from: EpochMs): EpochMs =>
  cutAt - Math.min(CUT_MS, Math.ceil((cutAt - from) / 2));
