/** Of one schedule's stored states in their order: who may write, what may only rise, and that the cursor passes over nothing in silence. */

import type { Announcement, NominalRange } from "@carillon/contracts";
import { nominals } from "../oracle.ts";
import { isClaim, type Step, stepsOf } from "./decisions.ts";
import { iso, type Law } from "./law.ts";

export const fenced: Law = function* (history) {
  for (const [key, steps] of stepsOf(history)) {
    for (const { before, write } of steps) {
      const { term, write: count } = write.state;
      if (before === null) continue;
      if (term < before.term) yield `${key}: term ${term} wrote after term ${before.term}`;
      if (term === before.term && count <= before.write)
        yield `${key}: write ${count} of term ${term} came twice`;
    }
  }
};

export const rising: Law = function* (history) {
  for (const [key, steps] of stepsOf(history)) {
    for (const { before, write, record, recordBefore } of steps) {
      const { state } = write;
      if (record === null) yield `${key}: no definition at revision ${state.revision}`;
      if (before === null) continue;
      if (state.memory.sequence < before.memory.sequence)
        yield `${key}: command ${state.memory.sequence} after ${before.memory.sequence}`;
      if (state.version < before.version) yield `${key}: version ${state.version} after ${before.version}`;
      // A delay is counted from the completion by whatever the wall clock shows then.
      if (record !== recordBefore || isDelay(record)) continue;
      if (before.claimed > 0 && (state.lastNominalAt ?? 0) < (before.lastNominalAt ?? 0))
        yield `${key}: claimed ${iso(state.lastNominalAt ?? 0)} after ${iso(before.lastNominalAt ?? 0)}`;
      if ((state.nominalAt ?? Infinity) < (before.nominalAt ?? Infinity))
        yield `${key}: the cursor went back from ${iso(before.nominalAt ?? LATEST)} to ${iso(state.nominalAt ?? 0)}`;
    }
  }
};

/** The last instant that a date can name. */
const LATEST = 8.64e15;

const isDelay = (record: Step["record"]): boolean => record?.effective.trigger.type === "delay";

/** Every occurrence that the cursor passes is claimed, told as missed or skipped, or within the range of a resumption. */
export const continuous: Law = function* (history) {
  for (const [key, steps] of stepsOf(history)) {
    for (const step of steps) {
      const { write, before, record, recordBefore } = step;
      if (before === null || record === null || recordBefore === null) continue;
      const from = before.gap?.firstNominalAt ?? before.nominalAt;
      const until = passedUntil(step);
      const passed = from === null || until === null ? [] : nominals(recordBefore, from, until);
      if (passed === null) continue;
      const covered = coveredBy(step);
      const missing = passed.filter((at) => !covered.has(at));
      for (const at of missing) yield `${key} at ${write.revision}: ${iso(at)} was passed over in silence`;
    }
  }
};

/** Until where the old definition had to be accounted for by this write; null: nothing was passed. */
function passedUntil({ before, write, record, recordBefore }: Step): number | null {
  const { state } = write;
  if (before === null) return null;
  const atRest = before.status === "active" ? Number.POSITIVE_INFINITY : before.sinceAt;
  const sameTimes =
    record?.acceptedAt === recordBefore?.acceptedAt && timesOf(record) === timesOf(recordBefore);
  const switchedOff = state.status === "disabled" && state.nominalAt === null;
  if (state.status === "deleted" || switchedOff || !sameTimes) {
    if (before.status === "completed" || before.status === "deleted") return null;
    const at = state.status === "deleted" ? state.sinceAt : (record?.updatedAt ?? 0);
    return Math.min(at, atRest, state.nominalAt ?? Number.POSITIVE_INFINITY);
  }
  if (state.nominalAt !== null) return state.nominalAt;
  const most = record?.effective.maxExecutions ?? Number.POSITIVE_INFINITY;
  if (before.nominalAt === null) return null;
  // The last one that may fire has been claimed, or the trigger names no other.
  return state.claimed >= most || record?.effective.trigger.type === "immediate"
    ? (state.lastNominalAt ?? 0) + 1
    : HORIZON;
}

/** Later than everything in a run. */
const HORIZON = Date.parse("2027-06-01T00:00:00Z");

function timesOf(record: Step["record"]): string {
  if (record === null) return "";
  const { trigger, startAt, endAt, maxExecutions, jitterSeconds } = record.effective;
  return JSON.stringify([trigger, startAt, endAt, maxExecutions, jitterSeconds]);
}

function coveredBy({ write, recordBefore, dispatches, announcements }: Step): ReadonlySet<number> {
  const covered = new Set(dispatches.filter(isClaim).map(({ nominalAt }) => nominalAt));
  const ranges = announcements.flatMap((told) => rangeOf(told) ?? []);
  const { gap } = write.state;
  if (gap !== null) ranges.push({ first: gap.firstNominalAt, last: gap.lastNominalAt });
  for (const { first, last } of ranges) {
    for (const at of (recordBefore && nominals(recordBefore, first, last + 1)) ?? []) covered.add(at);
  }
  return covered;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** The occurrences that an announcement settles without firing; null: none. */
export function rangeOf({ what, data }: Announcement): Range | null {
  if (what === "resumed") return spanOf(data["skipped"]);
  if (what !== "missed" && what !== "skipped") return null;
  const at = data["nominalAt"];
  if (typeof at === "string") return { first: Date.parse(at), last: Date.parse(at) };
  return spanOf(data);
}

function spanOf(data: unknown): Range | null {
  if (typeof data !== "object" || data === null) return null;
  const { firstNominalAt, lastNominalAt } = data as Partial<NominalRange>;
  if (firstNominalAt === undefined || lastNominalAt === undefined) return null;
  return { first: Date.parse(firstNominalAt), last: Date.parse(lastNominalAt) };
}
