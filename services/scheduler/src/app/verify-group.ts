/** Which schedules a part of a verification is about: as many as fit, in the order of their ids, as the streams of events name them. */

import type { Names } from "@carillon/contracts";
import type { Place } from "../domain/ledger/place.ts";
import type { History } from "./history.ts";

export interface Group {
  /** Rising. */
  readonly ids: readonly string[];
  /** All that the tenant ever had are in it. */
  readonly whole: boolean;
  /** The last one; null: none is behind it. */
  readonly last: string | null;
}

/** Schedules of one part; the subjects of so many can be asked for in one pass. */
const GROUP_MAX = 500;

/** `scheduleId` null: of the whole tenant, from `place` on. */
export async function groupOf(
  { history, names }: { history: History; names: Names },
  of: { tenant: string; scheduleId: string | null; place: Place },
): Promise<Group> {
  const { scheduleId, place } = of;
  const known = await namedIn(history, names, of);
  if (scheduleId !== null) return { ids: [...known], whole: false, last: null };
  const all = [...known].sort();
  const ahead = all.filter((id) => place.after === null || id > place.after);
  const wanted = ahead.filter((id) => place.through === null || id <= place.through).slice(0, GROUP_MAX);
  const last = wanted.at(-1) ?? null;
  return { ids: wanted, whole: wanted.length === all.length, last: last === ahead.at(-1) ? null : last };
}

async function namedIn(
  history: History,
  names: Names,
  { tenant, scheduleId }: { tenant: string; scheduleId: string | null },
): Promise<ReadonlySet<string>> {
  const sources = [
    [names.streams.audit, "schedule"],
    [names.streams.executions, "execution"],
  ] as const;
  const subjectsIn = async ([stream, entity]: (typeof sources)[number]): Promise<readonly string[]> => {
    if ((await history.reach(stream)) === null) return [];
    const pattern = names.event.filter({ tenant, entity, ...(scheduleId === null ? {} : { scheduleId }) });
    return history.subjects(stream, pattern);
  };
  const subjects = await Promise.all(sources.map(subjectsIn));
  return new Set(subjects.flat().flatMap((subject) => names.event.parse(subject)?.scheduleId ?? []));
}
