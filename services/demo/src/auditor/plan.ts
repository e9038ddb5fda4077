/**
 * What a schedule should have fired: its definition, as the events tell it, laid over the auditor's calendar.
 *
 *   created ──updated──► … ──► completed | deleted | disabled      each stretch has one definition
 *      └─ paused … resumed ─┘   occurrences under a pause stay planned: they fire late, or are explained
 *
 * Only a pause that still lasts takes its occurrences off the plan, since nobody has decided them yet.
 */

import type { EffectiveDefinition } from "@carillon/contracts";
import { type ClockTrigger, occurrences } from "./calendar.ts";
import { executionIdOf, type LifeFact, type Story } from "./fact-book.ts";

export interface Planned {
  readonly executionId: string;
  /** Epoch ms; of a fire by hand, when it was asked for. */
  readonly at: number;
}

interface Stretch {
  readonly effective: EffectiveDefinition;
  /** Epoch ms; both ends count. */
  readonly fromAt: number;
  readonly untilAt: number;
}

const SECOND_MS = 1000;
const ENDINGS: ReadonlySet<string> = new Set(["completed", "deleted", "disabled"]);

/** Everything planned up to `untilAt` (epoch ms), oldest first; null where this calendar does not know a trigger. */
export function planOf(story: Story, untilAt: number): Planned[] | null {
  const planned: Planned[] = [...story.askedAt]
    .filter(([, at]) => at <= untilAt)
    .map(([executionId, at]) => ({ executionId, at }));
  for (const stretch of stretchesOf(story.life, untilAt)) {
    const instants = instantsOf(story, stretch);
    if (instants === null) return null;
    planned.push(...instants.map((at) => ({ executionId: executionIdOf(story.scheduleId, at), at })));
  }
  return decided(story, planned).sort((a, b) => a.at - b.at);
}

function stretchesOf(life: readonly LifeFact[], untilAt: number): Stretch[] {
  const stretches: Stretch[] = [];
  let open: Omit<Stretch, "untilAt"> | null = null;
  const close = (at: number): void => {
    if (open !== null) stretches.push({ ...open, untilAt: Math.min(at, untilAt) });
    open = null;
  };
  for (const { what, at, effective } of life) {
    if (effective !== null) {
      close(at - 1);
      if (effective.enabled) open = { effective, fromAt: at };
    } else if (ENDINGS.has(what)) close(at);
  }
  close(untilAt);
  return stretches;
}

function instantsOf(story: Story, { effective, fromAt, untilAt }: Stretch): number[] | null {
  const { trigger, startAt, endAt, maxExecutions } = effective;
  if (trigger.type === "manual") return [];
  if (trigger.type === "delay") return delays(story, fromAt, untilAt, trigger.delaySeconds * SECOND_MS);
  const span = {
    fromAt: Math.max(fromAt, startAt === null ? fromAt : Date.parse(startAt)),
    untilAt: Math.min(untilAt, endAt === null ? untilAt : Date.parse(endAt)),
  };
  const instants = occurrences(trigger satisfies ClockTrigger, fromAt, span);
  return instants === null || maxExecutions === null ? instants : upToFired(story, instants, maxExecutions);
}

/**
 * The end of an execution is told by its event; the scheduler counts from when it knew that, a moment later. A
 * fire within so many milliseconds after the earliest instant is the one that was planned.
 */
const DELAY_SLACK_MS = 1000;

/** One delay after creation, then one delay after each end that the events tell of. */
function delays(story: Story, acceptedAt: number, untilAt: number, delayMs: number): number[] {
  const instants: number[] = [];
  let at = acceptedAt + delayMs;
  while (at <= untilAt) {
    instants.push(at);
    const endedAt = story.toldAt.get(executionIdOf(story.scheduleId, at))?.[0];
    if (endedAt === undefined) break;
    const earliestAt = endedAt + delayMs;
    const next = story.commands.find(
      ({ nominalAt }) => nominalAt >= earliestAt && nominalAt <= earliestAt + DELAY_SLACK_MS,
    );
    at = next?.nominalAt ?? earliestAt;
  }
  return instants;
}

/** Misses do not count towards maxExecutions, so the plan ends with the occurrence that fired as the last. */
function upToFired(story: Story, instants: readonly number[], countMax: number): number[] {
  const fired = new Set(story.commands.map(({ executionId }) => executionId));
  let count = 0;
  return instants.filter((at) => {
    if (count === countMax) return false;
    if (fired.has(executionIdOf(story.scheduleId, at))) count++;
    return true;
  });
}

function decided(story: Story, planned: Planned[]): Planned[] {
  const pausedAt = story.life.findLast(({ what }) => what === "paused" || what === "resumed");
  if (pausedAt?.what !== "paused") return planned;
  const fired = new Set(story.commands.map(({ executionId }) => executionId));
  return planned.filter(({ executionId, at }) => at < pausedAt.at || fired.has(executionId));
}
