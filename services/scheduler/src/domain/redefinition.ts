/**
 * Where a schedule stands once its definition is new. What the new definition does not touch goes on: a payload may change between two
 * occurrences without moving them; a pause is never lifted; a new trigger starts at the instant at which it was accepted. What was due
 * before that and can no longer fire is skipped, and said to be (`superseded`).
 */

import {
  type DefinitionRecord,
  type EffectiveDefinition,
  equalJson,
  type StateRecord,
} from "@carillon/contracts";
import { tellGap } from "./gap.ts";
import type { EpochMs } from "./instant.ts";
import { EMPTY_MEMORY } from "./memory.ts";
import { dueUntil, type Verdict, waive } from "./misfire.ts";
import type { TriggerFault } from "./recurrence/index.ts";
import { earliest, type Schedule, settledUntil } from "./schedule.ts";
import type { Timeline } from "./timeline.ts";

/** Reason of a schedule that is disabled because its definition says `enabled: false`. */
const NOT_ENABLED = "enabled_false";

/** How the reason of one begins that is disabled because its stored definition no longer compiles. */
const BROKEN = "the stored definition no longer compiles";

export const brokenReason = ({ message }: TriggerFault): string => `${BROKEN}: ${message}`;

const NO_STATS = { fired: 0, manual: 0, missed: 0, skipped: 0, failed: 0, lastLagMs: null };

/** A new definition, compiled, and when it was accepted. */
export interface Redefinition {
  record: DefinitionRecord;
  timeline: Timeline;
  at: EpochMs;
}

/** Of a schedule that is new, or that had completed: from the acceptance on. The memory of a tombstone goes on. */
export function begin(current: Schedule | null, { record, timeline, at }: Redefinition): StateRecord {
  const completed = current?.state.status === "completed" ? current.state : null;
  const blank = completed ?? {
    ...NEW,
    owed: current?.state.owed ?? [],
    settledUntil: current === null ? null : settledUntil(current.state),
    memory: current?.state.memory ?? EMPTY_MEMORY,
  };
  const state = rename({ ...blank, ...standing("active", at), claimed: 0, failures: 0 }, record);
  if (!record.effective.enabled)
    return aim({ ...state, ...standing("disabled", at, NOT_ENABLED) }, timeline, null);
  return aim(state, timeline, firstFrom({ record, timeline, at }, current));
}

/** Of a schedule that goes on. `more`: see Verdict. */
export function redefine(living: Schedule, redefinition: Redefinition): Verdict {
  const { record, timeline, at } = redefinition;
  const { state } = living;
  const renamed = rename({ ...state, ...enabling(state, record, at) }, record);
  if (renamed.status === state.status && sameTimes(living.record.effective, record.effective)) {
    return { state: renamed, more: false };
  }
  const claimed = sameTrigger(living.record.effective, record.effective) ? state.claimed : 0;
  const nextAt = nextUnder(living, { ...renamed, claimed }, redefinition);
  const waived = waive(living, Math.min(dueUntil(state, at), nextAt ?? at), "superseded");
  if (waived.more) return waived;
  const { gap, stats, owed } = tellGap({ ...living, state: waived.state }, at);
  return { state: aim({ ...renamed, claimed, gap, stats, owed }, timeline, nextAt), more: false };
}

/** True: both name the same occurrences, due at the same instants. */
export function sameTimes(before: EffectiveDefinition, after: EffectiveDefinition): boolean {
  const facts = ({ trigger, startAt, endAt, maxExecutions, jitterSeconds }: EffectiveDefinition) => ({
    trigger,
    startAt,
    endAt,
    maxExecutions,
    jitterSeconds,
  });
  return equalJson(facts(before), facts(after));
}

const sameTrigger = (before: EffectiveDefinition, after: EffectiveDefinition): boolean =>
  equalJson(before.trigger, after.trigger);

const NEW: StateRecord = {
  v: 1,
  term: 0,
  write: 0,
  revision: 0,
  version: 0,
  status: "active",
  reason: null,
  sinceAt: 0,
  nominalAt: null,
  dueAt: null,
  grantedUntil: null,
  gap: null,
  lastNominalAt: null,
  settledUntil: null,
  lastFiredAt: null,
  claimed: 0,
  failures: 0,
  stats: NO_STATS,
  owed: [],
  retries: [],
  memory: EMPTY_MEMORY,
};

/** The revision is known once the record is stored. */
const rename = (state: StateRecord, { version }: DefinitionRecord): StateRecord => ({
  ...state,
  revision: 0,
  version,
});

type Standing = Pick<StateRecord, "status" | "reason" | "sinceAt">;

const standing = (status: Standing["status"], sinceAt: EpochMs, reason: string | null = null): Standing => ({
  status,
  reason,
  sinceAt,
});

/**
 * `enabled` switches between active and disabled, and a definition that compiles enables one that did not; nothing else that disabled or
 * paused a schedule is lifted by a new definition.
 */
function enabling(state: StateRecord, { effective }: DefinitionRecord, at: EpochMs): Standing {
  if (effective.enabled) return isOff(state) ? standing("active", at) : state;
  const goesOff = state.status === "active" || (isOff(state) && state.reason !== NOT_ENABLED);
  return goesOff ? standing("disabled", at, NOT_ENABLED) : state;
}

/** Disabled by its own definition, which says so or no longer compiles. */
export const isOff = ({ status, reason }: Standing): boolean =>
  status === "disabled" && reason !== null && (reason === NOT_ENABLED || reason.startsWith(BROKEN));

/** A changed trigger, and one that was off, start at the acceptance; under changed bounds what was next stays so, if they allow it. */
function nextUnder(living: Schedule, after: StateRecord, redefinition: Redefinition): EpochMs | null {
  const { record, timeline } = redefinition;
  const { record: before, state } = living;
  if (after.claimed >= executionsMax(record.effective) || isOff(after)) return null;
  const goesOn = sameTrigger(before.effective, record.effective) && !isOff(state);
  if (goesOn && state.nominalAt !== null) {
    return earliest(timeline.within(state.nominalAt), firstFreed(living, redefinition));
  }
  if (goesOn && timeline.followsCompletion) return null;
  return firstFrom(redefinition, living);
}

const executionsMax = ({ trigger, maxExecutions }: EffectiveDefinition): number =>
  trigger.type === "immediate" ? 1 : (maxExecutions ?? Number.POSITIVE_INFINITY);

/** The first occurrence from there on, where the bounds before did not allow it; null: they did. */
function firstFreed(before: Schedule, redefinition: Redefinition): EpochMs | null {
  const firstAt = firstFrom(redefinition, before);
  return firstAt !== null && before.timeline.within(firstAt) === firstAt ? null : firstAt;
}

/**
 * The first occurrence from `at` on that is not settled already: the clock may be ahead of the command. Null: all of them are. The instant
 * of a trigger that names one alone counts as settled only where it is known to be.
 */
function firstFrom({ record, timeline, at }: Redefinition, before: Schedule | null): EpochMs | null {
  const firstAt = timeline.first(at);
  const settledAt = before === null ? null : settledUntil(before.state);
  if (firstAt === null || settledAt === null || firstAt > settledAt) return firstAt;
  const followingAt = timeline.next(settledAt);
  if (followingAt !== null) return followingAt;
  const settled = firstAt === settledAt || before?.timeline.within(firstAt) === firstAt;
  return settled || !ONE_SHOT.has(record.effective.trigger.type) ? null : firstAt;
}

const ONE_SHOT: ReadonlySet<string> = new Set(["at", "immediate"]);

const aim = (state: StateRecord, timeline: Timeline, nominalAt: EpochMs | null): StateRecord => ({
  ...state,
  nominalAt,
  dueAt: nominalAt === null ? null : timeline.dueAt(nominalAt),
  grantedUntil: null,
});
