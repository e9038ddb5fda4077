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
  /** What is behind that one and has begun: left out when a part had to be about fewer schedules. In the order of their ids. */
  readonly begun: readonly Begun[];
}

/** Schedules that are judged up to an instant already. */
export interface Begun {
  readonly from: EpochMs;
  /** The last one; null: all there are. */
  readonly through: string | null;
}

/** What a part covered. */
export interface Covered {
  readonly reachedAt: EpochMs;
  /** The last schedule that it was about; null: all there are. */
  readonly through: string | null;
}

/** Where the next part begins; null: nothing is left. `since`: where schedules begin of which no part was yet. */
export function followerOf(place: Place, since: EpochMs, { reachedAt, through }: Covered): Place | null {
  const { until, from, after } = place;
  const narrowed = through !== place.through && from > since;
  const begun = narrowed ? [{ from, through: place.through }, ...place.begun] : place.begun;
  if (reachedAt < until) return { until, from: reachedAt, after, through, begun };
  if (through === null) return null;
  const [next, ...others] = begun;
  return { until, after: through, ...(next ?? { from: since, through: null }), begun: others };
}

/** Of this spelling; another one would have another mark. */
const MARK = "1";

const URL_SAFE = /^[A-Za-z0-9_-]+$/;

/** Stands for null: no schedule has such a name. */
const NONE = ".";

export const cursorOf = ({ until, from, after, through, begun }: Place): string =>
  btoa([MARK, until, after ?? NONE, ...[{ from, through }, ...begun].flatMap(wordsOf)].join(" "))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const wordsOf = ({ from, through }: Begun): string[] => [String(from), through ?? NONE];

/** Null: not one of our cursors. */
export function placeOf(cursor: string): Place | null {
  if (!URL_SAFE.test(cursor) || cursor.length % 4 === 1) return null;
  const [mark, until, after = "", ...words] = atob(cursor.replaceAll("-", "+").replaceAll("_", "/")).split(
    " ",
  );
  const all: Begun[] = [];
  for (let n = 0; n < words.length; n += 2) {
    all.push({ from: Number(words[n]), through: named(words[n + 1] ?? "") });
  }
  const [first, ...begun] = all;
  if (mark !== MARK || first === undefined) return null;
  const place: Place = { until: Number(until), after: named(after), ...first, begun };
  const fits = isInstant(place.until) && all.every(({ from }) => isInstant(from) && from <= place.until);
  const names = [place.after, ...all.map(({ through }) => through)];
  return fits && names.every((name) => name === null || isName(name)) && cursorOf(place) === cursor
    ? place
    : null;
}

const named = (word: string): string | null => (word === NONE ? null : word);

/** What is so close to where a pass over commands was cut short is left to the next part. */
const CUT_MS = 2_000;

/** Until when commands are known that were read up to `cutAt`: at least half of what lies behind `from`, so that each part gets further. */
export const shortOf = (cutAt: EpochMs, from: EpochMs): EpochMs =>
  cutAt - Math.min(CUT_MS, Math.ceil((cutAt - from) / 2));
