/**
 * The balance: every planned occurrence must have fired once or be explained once.
 *
 *   planned = fired + explained + waiting + lost        doubled: commands beyond the first of an occurrence
 *                                                       unplanned: commands of no planned occurrence
 *
 * `waiting` is what fell due so recently that it may still come. Faults say in words what numbers cannot:
 * a command without its final event, an explanation of something else than what did not fire.
 */

import type { Explanation, Story } from "./fact-book.ts";
import { type Planned, planOf } from "./plan.ts";

export interface Row {
  readonly scheduleId: string;
  readonly planned: number;
  readonly fired: number;
  readonly explained: number;
  readonly waiting: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unplanned: number;
}

export interface Table {
  readonly rows: readonly Row[];
  readonly total: Row;
  /** At most FAULTS_MAX of them, in words. */
  readonly faults: readonly string[];
  /** Schedules whose trigger this calendar does not know. */
  readonly unjudged: readonly string[];
}

export interface Moment {
  /** Only what was due by then (epoch ms) is judged. */
  readonly untilAt: number;
  readonly now: number;
  /** What fell due less than this ago is waiting rather than lost. */
  readonly patienceMs: number;
}

/** Further faults are left out: the first ones say what is wrong. */
const FAULTS_MAX = 10;

export function audit(stories: readonly Story[], moment: Moment): Table {
  const judged = stories.map((story) => judge(story, moment));
  const rows = judged.flatMap(({ row }) => (row === null ? [] : [row]));
  return {
    rows,
    total: rows.reduce(add, emptyRow("total")),
    faults: judged.flatMap(({ faults }) => faults).slice(0, FAULTS_MAX),
    unjudged: judged.flatMap(({ row, scheduleId }) => (row === null ? [scheduleId] : [])),
  };
}

/** Nothing lost, nothing doubled, nothing out of turn, nothing left open. */
export const isBalanced = ({ total, faults, unjudged }: Table): boolean =>
  total.waiting + total.lost + total.doubled + total.unplanned + faults.length + unjudged.length === 0;

export const emptyRow = (scheduleId: string): Row => ({
  scheduleId,
  planned: 0,
  fired: 0,
  explained: 0,
  waiting: 0,
  lost: 0,
  doubled: 0,
  unplanned: 0,
});

const add = (a: Row, b: Row): Row => ({
  scheduleId: a.scheduleId,
  planned: a.planned + b.planned,
  fired: a.fired + b.fired,
  explained: a.explained + b.explained,
  waiting: a.waiting + b.waiting,
  lost: a.lost + b.lost,
  doubled: a.doubled + b.doubled,
  unplanned: a.unplanned + b.unplanned,
});

interface Judgement {
  readonly scheduleId: string;
  /** Null: this calendar does not know the trigger. */
  readonly row: Row | null;
  readonly faults: readonly string[];
}

function judge(story: Story, { untilAt, now, patienceMs }: Moment): Judgement {
  const { scheduleId } = story;
  const plan = planOf(story, untilAt);
  if (plan === null) return { scheduleId, row: null, faults: [] };

  const commands = countCommands(story, untilAt);
  const missing = plan.filter(({ executionId }) => !commands.has(executionId));
  const explained = missing.filter(({ at }) => story.explanations.some((range) => covers(range, at)));
  const open = missing.filter((planned) => !explained.includes(planned));
  const waiting = open.filter(({ at }) => now - at < patienceMs);
  const names = new Set(plan.map(({ executionId }) => executionId));
  const strangers = [...commands.keys()].filter((executionId) => !names.has(executionId));
  const row: Row = {
    scheduleId,
    planned: plan.length,
    fired: plan.length - missing.length,
    explained: explained.length,
    waiting: waiting.length,
    lost: open.length - waiting.length,
    doubled: [...commands.values()].reduce((sum, count) => sum + count - 1, 0),
    unplanned: strangers.length,
  };
  const lost = open.filter((planned) => !waiting.includes(planned));
  return { scheduleId, row, faults: faultsOf(story, { plan, commands, lost, strangers, explained }) };
}

/** Commands in the target stream by execution id, of occurrences due by `untilAt`. */
function countCommands(story: Story, untilAt: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { executionId, dueAt } of story.commands) {
    if (dueAt <= untilAt) counts.set(executionId, (counts.get(executionId) ?? 0) + 1);
  }
  return counts;
}

const covers = ({ firstAt, lastAt }: Explanation, at: number): boolean => at >= firstAt && at <= lastAt;

interface Findings {
  readonly plan: readonly Planned[];
  readonly commands: ReadonlyMap<string, number>;
  readonly lost: readonly Planned[];
  readonly strangers: readonly string[];
  readonly explained: readonly Planned[];
}

function faultsOf(story: Story, { plan, commands, lost, strangers, explained }: Findings): string[] {
  const faults: string[] = lost.map(({ executionId }) => `${executionId}: neither fired nor explained`);
  for (const executionId of strangers)
    faults.push(`${executionId}: fired, but the calendar does not name it`);
  for (const [executionId, count] of commands) {
    const told = story.toldAt.get(executionId)?.length ?? 0;
    if (count > 1) faults.push(`${executionId}: ${count} commands`);
    if (told !== 1) faults.push(`${executionId}: ${told} final events, expected 1`);
  }
  for (const range of story.explanations) {
    const covered = plan.filter(({ at }) => covers(range, at));
    const unfired = covered.filter((planned) => explained.includes(planned)).length;
    if (unfired === range.count && covered.length === unfired) continue;
    const when = `${new Date(range.firstAt).toISOString()} to ${new Date(range.lastAt).toISOString()}`;
    faults.push(
      `${story.scheduleId}: events explain ${range.count} (${range.reason}) from ${when}; ${unfired} of ${covered.length} did not fire`,
    );
  }
  return faults;
}
