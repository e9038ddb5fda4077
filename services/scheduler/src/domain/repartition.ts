/**
 * What a change of the number of partitions does to stored records: which key a schedule's records get, what a key that is found stands
 * for, and which revisions a state names once its definitions have been stored anew.
 */

import { isName, partitionOf } from "@carillon/contracts";

/** Numbers of partitions, before and after. */
export interface Renumbering {
  from: number;
  to: number;
}

/**
 * settled: the same under both numbers. old: to be stored under another partition. new: where it goes. stray: no schedule can have this
 * key under either number.
 */
export type Standing = "settled" | "old" | "new" | "stray";

export interface Place {
  partition: string;
  tenant: string;
  scheduleId: string;
}

export function standingOf({ partition, tenant, scheduleId }: Place, { from, to }: Renumbering): Standing {
  if (!isName(tenant) || !isName(scheduleId)) return "stray";
  const before = String(partitionOf(tenant, scheduleId, from));
  const after = String(partitionOf(tenant, scheduleId, to));
  if (partition === before) return before === after ? "settled" : "old";
  return partition === after ? "new" : "stray";
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A stored state that names revisions as `revisionOf` gives them. It need not be one that this version knows: what is not where it
 * should be is left as it is.
 */
export function restated(state: unknown, revisionOf: (revision: number) => number): unknown {
  const named = (value: unknown): unknown =>
    isFields(value) && typeof value["revision"] === "number"
      ? { ...value, revision: revisionOf(value["revision"]) }
      : value;
  const carried = (value: unknown): unknown => {
    const own = named(value);
    return isFields(own) && "dispatch" in own ? { ...own, dispatch: named(own["dispatch"]) } : own;
  };
  if (!isFields(state)) return state;
  const { owed, retries } = state;
  const lists = Object.entries({ owed, retries }).flatMap(([name, list]) =>
    Array.isArray(list) ? [[name, list.map(carried)] as const] : [],
  );
  return named({ ...state, ...Object.fromEntries(lists) });
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
