/** What a schedule's stored state says of occurrences that nobody has told of: which of them are still on their way. */

import type { Owed, StateRecord } from "@carillon/contracts";
import { type EpochMs, parseInstant } from "../instant.ts";

export interface Standing {
  /** On its way, whoever asked for it, or not told yet. */
  isRunning(executionId: string): boolean;
  /** An occurrence of the clock that is not settled, or settled and not told yet. */
  isOpen(nominalAt: EpochMs, executionId: string): boolean;
  /** Nothing is ahead: what its trigger names further on will not fire. */
  readonly exhausted: boolean;
}

/** Nothing is stored. */
export const GONE: Standing = { isRunning: () => false, isOpen: () => false, exhausted: true };

/** The state must be read before the events, so that what it no longer owes is among them. */
export function standingOf({ nominalAt, status, owed, retries, gap }: StateRecord): Standing {
  const running = new Set(retries.map(({ dispatch }) => dispatch.executionId));
  const ranges: { firstAt: EpochMs; lastAt: EpochMs }[] = [];
  if (gap !== null) ranges.push({ firstAt: gap.firstNominalAt, lastAt: gap.lastNominalAt });
  // While a change is not told, the history lags behind the plan.
  const retold = owed.some((promise) => promise.kind === "announcement" && promise.entity === "schedule");
  for (const promise of owed) {
    const id = executionOf(promise);
    if (id !== null) running.add(id);
    else if (promise.kind === "announcement") ranges.push(rangeOf(promise.data));
  }
  return {
    isRunning: (executionId) => retold || running.has(executionId),
    isOpen: (at, executionId) =>
      retold ||
      (nominalAt !== null && at >= nominalAt) ||
      running.has(executionId) ||
      ranges.some(({ firstAt, lastAt }) => firstAt <= at && at <= lastAt),
    exhausted: nominalAt === null && status !== "deleted",
  };
}

function executionOf(promise: Owed): string | null {
  if (promise.kind === "dispatch") return promise.executionId;
  if (promise.kind === "letter") return promise.dispatch.executionId;
  const id = promise.data["executionId"];
  return typeof id === "string" ? id : null;
}

function rangeOf({ firstNominalAt, lastNominalAt }: Readonly<Record<string, unknown>>) {
  const instantOf = (text: unknown): EpochMs => parseInstant(String(text)) ?? Number.NaN;
  return { firstAt: instantOf(firstNominalAt), lastAt: instantOf(lastNominalAt) };
}
