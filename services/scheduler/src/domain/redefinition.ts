/**
 * Where a schedule stands once its definition is new. What the new definition does not touch goes on: a payload may change between two
 * occurrences without moving them; a pause is never lifted; a new trigger starts at the instant at which it was accepted.
 */

import { type DefinitionRecord, equalJson, type StateRecord } from "@carillon/contracts";
import { tellGap } from "./gap.ts";
import type { EpochMs } from "./instant.ts";
import { EMPTY_MEMORY } from "./memory.ts";
import { skipTo, waive } from "./misfire.ts";
import type { Schedule } from "./schedule.ts";
import type { Timeline } from "./timeline.ts";

export type Redefinition = { kind: "state"; state: StateRecord } | { kind: "waiving"; state: StateRecord };

/** Reason of a schedule that is disabled because its definition says `enabled: false`. */
export const NOT_ENABLED = "enabled_false";

const NO_STATS = { fired: 0, manual: 0, missed: 0, skipped: 0, failed: 0, lastLagMs: null };

export function redefine(
  { current, living }: { current: Schedule | null; living: Schedule | null },
  record: DefinitionRecord,
  timeline: Timeline,
  at: EpochMs,
): Redefinition {
  if (living === null)
    return { kind: "state", state: begin(initialState(current, record, at), record, timeline, at) };
  if (living.state.status === "completed") {
    return { kind: "state", state: begin({ ...living.state, claimed: 0 }, record, timeline, at) };
  }
  if (keepsTimeline(living.record, record)) {
    return { kind: "state", state: enable(rename(living.state, record), record, timeline, at) };
  }
  const { nominalAt, status } = living.state;
  const verdict =
    nominalAt === null || status !== "active" ? null : waive(living, nominalAt, at, "superseded");
  const moved = verdict === null ? living.state : skipTo(living, verdict);
  if (verdict?.more) return { kind: "waiving", state: moved };
  const state = tellGap({ ...living, state: moved }, at);
  return {
    kind: "state",
    state: enable(retime(rename(state, record), living.record, record, timeline), record, timeline, at),
  };
}

/** Of a schedule that is new; the memory of a tombstone goes on. */
function initialState(current: Schedule | null, record: DefinitionRecord, at: EpochMs): StateRecord {
  return {
    v: 1,
    term: 0,
    write: 0,
    revision: 0,
    version: record.version,
    status: "active",
    reason: null,
    sinceAt: at,
    nominalAt: null,
    dueAt: null,
    grantedUntil: null,
    gap: null,
    lastNominalAt: null,
    lastFiredAt: null,
    claimed: 0,
    failures: 0,
    stats: NO_STATS,
    owed: current?.state.owed ?? [],
    retries: [],
    memory: current?.state.memory ?? EMPTY_MEMORY,
  };
}

const rename = (state: StateRecord, record: DefinitionRecord): StateRecord => ({
  ...state,
  revision: 0,
  version: record.version,
});

/** The first occurrence from the acceptance on. */
function begin(state: StateRecord, record: DefinitionRecord, timeline: Timeline, at: EpochMs): StateRecord {
  const started: StateRecord = { ...rename(state, record), status: "active", reason: null, sinceAt: at };
  if (!record.effective.enabled) return { ...started, status: "disabled", reason: NOT_ENABLED };
  return aim(started, timeline, timeline.first(record.acceptedAt));
}

/** A changed trigger starts anew; under changed bounds the next occurrence is the first that they allow. */
function retime(
  state: StateRecord,
  before: DefinitionRecord,
  after: DefinitionRecord,
  timeline: Timeline,
): StateRecord {
  if (!equalJson(before.effective.trigger, after.effective.trigger)) {
    return aim({ ...state, claimed: 0 }, timeline, timeline.first(after.acceptedAt));
  }
  const exhausted = state.claimed >= (after.effective.maxExecutions ?? Number.POSITIVE_INFINITY);
  if (state.nominalAt === null || exhausted) return aim(state, timeline, null);
  return aim(
    state,
    timeline,
    timeline.followsCompletion ? state.nominalAt : timeline.next(state.nominalAt - 1),
  );
}

const aim = (state: StateRecord, timeline: Timeline, nominalAt: EpochMs | null): StateRecord => ({
  ...state,
  nominalAt,
  dueAt: nominalAt === null ? null : timeline.dueAt(nominalAt),
  grantedUntil: null,
});

/** `enabled` switches between disabled and active; nothing else that disabled or paused a schedule is lifted by it. */
function enable(state: StateRecord, record: DefinitionRecord, timeline: Timeline, at: EpochMs): StateRecord {
  if (!record.effective.enabled) {
    return state.status === "disabled"
      ? state
      : { ...state, status: "disabled", reason: NOT_ENABLED, sinceAt: at };
  }
  if (state.status !== "disabled" || state.reason !== NOT_ENABLED) return state;
  return begin(state, record, timeline, at);
}

function keepsTimeline(before: DefinitionRecord, after: DefinitionRecord): boolean {
  const facts = ({
    effective: { trigger, startAt, endAt, maxExecutions, jitterSeconds },
  }: DefinitionRecord) => ({
    trigger,
    startAt,
    endAt,
    maxExecutions,
    jitterSeconds,
  });
  return equalJson(facts(before), facts(after));
}
