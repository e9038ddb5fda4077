/**
 * A page of a list, out of what the owners of partitions answered, each for the partitions that it names. An answer that was cut short
 * says nothing of what lies behind its last entry, so neither does the page.
 */

import { type PageAnswer, type PageEntry, partitionOf } from "@carillon/contracts";
import { byId } from "./front.ts";
import { ownersOf } from "./ownership.ts";
import type { Schedule } from "./schedule.ts";
import { summaryOf, viewOf } from "./view.ts";

/** Schedules of a page that asks for no number. */
export const LIMIT_DEFAULT = 100;

/** JSON of a page at most, bytes: a longer one would hold up the worker that writes it. A single entry may be longer. */
export const PAGE_BYTES_MAX = 262_144;

/** What surrounds the entries, and headers, bytes at most. */
const AROUND_BYTES = 4_096;

/** Null: its record cannot be read. */
export function entryOf(scheduleId: string, schedule: Schedule | null, full: boolean): PageEntry {
  if (schedule === null) return { scheduleId, item: null, omitted: "definition_unavailable" };
  return { scheduleId, item: full ? viewOf(schedule) : summaryOf(schedule) };
}

/** As many of the first entries as fit a message of `messageBytesMax`; one that fits none is left out, and says so. */
export function cut(
  entries: Iterable<PageEntry>,
  messageBytesMax: number,
): { entries: PageEntry[]; cut: boolean } {
  const most = messageBytesMax - AROUND_BYTES;
  const kept: PageEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const length = lengthOf(entry);
    const fitting: PageEntry =
      length <= most ? entry : { scheduleId: entry.scheduleId, item: null, omitted: "too_long" };
    bytes += fitting === entry ? length : lengthOf(fitting);
    if (kept.length > 0 && bytes > Math.min(most, PAGE_BYTES_MAX)) return { entries: kept, cut: true };
    kept.push(fitting);
  }
  return { entries: kept, cut: false };
}

/** An entry that is left out becomes a warning, which is longer. */
const OMITTED_BYTES = 512;

const lengthOf = (entry: PageEntry): number =>
  entry.item === null ? OMITTED_BYTES : new TextEncoder().encode(JSON.stringify(entry)).length + 1;

export interface Page {
  readonly entries: readonly PageEntry[];
  /** The id after which the next page begins; null: there is none. */
  readonly next: string | null;
  /** Partitions that somebody answered for. */
  readonly covered: number;
}

export function mergePages(
  answers: readonly PageAnswer[],
  of: { tenant: string; partitions: number; limit: number; messageBytesMax: number },
): Page {
  const owners = ownersOf(answers, of.partitions);
  const counting = [...new Set([...owners.values()].map(({ answer }) => answer))];
  const end = horizon(counting);
  const found = counting.flatMap((answer) =>
    answer.entries.filter(({ scheduleId }) => {
      const owner = owners.get(partitionOf(of.tenant, scheduleId, of.partitions));
      return owner?.answer === answer && (end === null || scheduleId <= end);
    }),
  );
  const first = found.sort(byId).slice(0, of.limit);
  const { entries, cut: shortened } = cut(first, of.messageBytesMax);
  const last = found.length > of.limit || shortened ? entries.at(-1)?.scheduleId : end;
  return { entries, next: last ?? null, covered: owners.size };
}

/** The last id up to which every answer says all; null: to the end. */
function horizon(answers: readonly PageAnswer[]): string | null {
  let end: string | null = null;
  for (const { more, entries } of answers) {
    const last = entries.at(-1)?.scheduleId ?? null;
    if (more && last !== null && (end === null || last < end)) end = last;
  }
  return end;
}
