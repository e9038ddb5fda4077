/**
 * What the stored states say was decided: each write of a schedule's state beside the one before it, with what it newly owes. This is the
 * order of effect, which the streams of events do not keep between commands and the clock.
 */

import type { Announcement, DefinitionRecord, Dispatch, Owed, StateRecord } from "@carillon/contracts";
import { entrustedTo } from "../../../services/scheduler/src/domain/entrusted.ts";
import type { History, StateWrite } from "../history.ts";
import { grouped } from "./law.ts";

export interface Step {
  readonly key: string;
  readonly write: StateWrite & { readonly state: StateRecord };
  /** Null: the key did not exist, or was purged. */
  readonly before: StateRecord | null;
  readonly record: DefinitionRecord | null;
  readonly recordBefore: DefinitionRecord | null;
  /** Newly owed. */
  readonly dispatches: readonly Dispatch[];
  readonly announcements: readonly Announcement[];
}

/** The steps of each schedule, in the order in which they were stored. Worked out once a history. */
export function stepsOf(history: History): ReadonlyMap<string, readonly Step[]> {
  const known = worked.get(history);
  if (known !== undefined) return known;
  const steps = new Map<string, Step[]>();
  for (const [key, writes] of grouped(history.states, (write) => write.key)) {
    steps.set(key, [...pairs(history, key, writes)]);
  }
  worked.set(history, steps);
  return steps;
}

const worked = new WeakMap<History, ReadonlyMap<string, readonly Step[]>>();

function* pairs(history: History, key: string, writes: readonly StateWrite[]): Iterable<Step> {
  let before: StateRecord | null = null;
  for (const write of writes) {
    const { state } = write;
    if (state !== null) {
      const fresh = newlyOwed(before, state);
      const record = history.definitions.get(state.revision) ?? null;
      yield {
        key,
        write: { ...write, state },
        before,
        record,
        recordBefore: before === null ? null : (history.definitions.get(before.revision) ?? null),
        dispatches: fresh.filter((owed) => owed.kind === "dispatch"),
        announcements: [
          ...fresh.filter((owed) => owed.kind === "announcement"),
          ...entrusted(before, state, record),
        ],
      };
    }
    before = state;
  }
}

function newlyOwed(before: StateRecord | null, state: StateRecord): Owed[] {
  const known = new Set((before?.owed ?? []).map(idOf));
  return state.owed.filter((owed) => !known.has(idOf(owed)));
}

/** Not listed, and to be told all the same. */
function entrusted(
  before: StateRecord | null,
  state: StateRecord,
  record: DefinitionRecord | null,
): Announcement[] {
  const { inbox, sequence, outcomes } = state.memory;
  const known = before?.memory.inbox === inbox && before.memory.sequence === sequence;
  const outcome = outcomes.at(-1);
  if (known || record === null || inbox === null || outcome === undefined) return [];
  const command = { inbox, sequence, commandId: outcome.commandId, reason: null };
  const event = entrustedTo({ record, state }, command);
  return event === null ? [] : [event];
}

export const idOf = (owed: Owed): string => {
  if (owed.kind === "announcement") return owed.id;
  const { executionId, attempt } = owed.kind === "dispatch" ? owed : owed.dispatch;
  return `${owed.kind} ${executionId} ${attempt}`;
};

/** Claimed for the first time, by the clock. */
export const isClaim = ({ cause, attempt }: Dispatch): boolean => cause !== "trigger" && attempt === 1;
