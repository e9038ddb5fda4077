/**
 * Where a page of a list ended, as callers carry it: nothing but the last schedule id, in a spelling that invites nobody to make one of
 * their own. It stays good whatever is created or deleted meanwhile, that schedule included.
 */

import { isName } from "@carillon/contracts";

/** Of this spelling; another one would have another mark. */
const MARK = "1.";

const URL_SAFE = /^[A-Za-z0-9_-]+$/;

export const cursorAfter = (scheduleId: string): string =>
  btoa(MARK + scheduleId)
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** The schedule id; null: not one of our cursors. */
export function readCursor(cursor: string): string | null {
  if (!URL_SAFE.test(cursor) || cursor.length % 4 === 1) return null;
  const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  const scheduleId = text.slice(MARK.length);
  const ours = text.startsWith(MARK) && isName(scheduleId) && cursorAfter(scheduleId) === cursor;
  return ours ? scheduleId : null;
}
