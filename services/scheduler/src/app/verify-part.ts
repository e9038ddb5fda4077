/**
 * One part of a verification: as many schedules, and as long a time, as can be read and judged within its budget. What looks wrong at first
 * is looked at again, state first and events after, before it is believed: it may have been settled in between.
 */

import { type Account, addAccounts, EMPTY_ACCOUNT, partitionOf, type Unverified } from "@carillon/contracts";
import { type EpochMs, formatInstant } from "../domain/instant.ts";
import { type Judgement, judge } from "../domain/ledger/judge.ts";
import type { Covered, Place } from "../domain/ledger/place.ts";
import { planOf } from "../domain/ledger/plan.ts";
import { GONE, type Standing, standingOf } from "../domain/ledger/standing.ts";
import type { Span, Story } from "../domain/ledger/story.ts";
import type { Told } from "../domain/ledger/told.ts";
import { Evidence, type EvidenceDeps } from "./evidence.ts";
import { pause } from "./pause.ts";
import type { Records } from "./records.ts";
import { groupOf } from "./verify-group.ts";

export interface PartDeps extends EvidenceDeps {
  records: Records;
  partitions: number;
}

export interface Part extends Covered {
  readonly account: Account;
}

/** When each step must be over, milliseconds from the beginning of the question; events get half of what is left for commands. */
const BY_MS = { changes: 700, commands: 1_450, plan: 1_550, again: 1_700 } as const;

/** Where events were not read to their end, what is so close to where they were left is not judged: it may be told later. */
const LATE_MS = 5_000;

/** A part of a single schedule gets at least so far, however slow its history is read. */
const STEP_MS_MIN = 1_000;

/** Occurrences of a part at most. */
const PLANNED_MAX = 100_000;
/** Worked out between two looks at the clock. */
const STRIDE = 256;
/** How long they are worked out before others have a turn. */
const SLICE_MS = 5;
/** Commands that are looked up one by one. */
const DOUBTS_MAX = 500;

/** Null: the streams hold nothing about this schedule. */
export async function verifyPart(
  deps: PartDeps,
  question: { tenant: string; scheduleId: string | null; place: Place; beganMs: number },
): Promise<Part | null> {
  const { tenant, scheduleId, place, beganMs } = question;
  const group = await groupOf(deps, { tenant, scheduleId, place });
  if (group.ids.length === 0)
    return scheduleId === null
      ? { account: EMPTY_ACCOUNT, reachedAt: place.until, through: place.through }
      : null;
  const evidence = new Evidence(deps, { tenant, group, since: place.from });
  const work = new PartWork(deps, { tenant, place, beganMs, evidence });
  return work.run();
}

class PartWork {
  readonly #deps: PartDeps;
  readonly #tenant: string;
  readonly #place: Place;
  readonly #beganMs: number;
  readonly #evidence: Evidence;

  constructor(deps: PartDeps, work: { tenant: string; place: Place; beganMs: number; evidence: Evidence }) {
    this.#deps = deps;
    this.#tenant = work.tenant;
    this.#place = work.place;
    this.#beganMs = work.beganMs;
    this.#evidence = work.evidence;
  }

  async run(): Promise<Part> {
    const { from, until } = this.#place;
    const { group } = this.#evidence;
    if (!(await this.#evidence.readChanges(this.#deadline(BY_MS.changes)))) return this.#fewer("audit");
    const reach = await this.#evidence.reach();
    const beginAt = Math.max(from, Math.min(reach, until));
    const gone = beginAt > from ? [this.#unread("executions", "gone", beginAt)] : [];
    if (beginAt === until) return this.#part({ ...EMPTY_ACCOUNT, partial: gone }, until);

    const toldUntil = await this.#evidence.readEvents(this.#halfway(BY_MS.commands));
    const decided = Math.min(until, toldUntil - LATE_MS);
    if (decided <= beginAt && group.ids.length > 1) return this.#fewer("executions");
    const bound = decided > beginAt ? decided : Math.min(until, beginAt + STEP_MS_MIN);
    const span = { from: beginAt, until: bound };
    const sentUntil = await this.#evidence.readCommands(this.#deadline(BY_MS.commands), span);
    const plans = await this.#plan({ from: beginAt, until: Math.min(bound, sentUntil) });
    const { judged, until: judgedUntil } = await this.#judge(plans);
    const partial = [...gone, ...this.#evidence.unverified({ ...span, until: judgedUntil })];
    const account = judged.reduce(addAccounts, { ...EMPTY_ACCOUNT, partial });
    return this.#part(account, judgedUntil);
  }

  #part(account: Account, reachedAt: EpochMs): Part {
    const { last } = this.#evidence.group;
    return { account, reachedAt, through: last };
  }

  /** Too much for one answer: half as many schedules next time; a single one is given up. */
  #fewer(stream: "audit" | "executions"): Part {
    const { ids } = this.#evidence.group;
    const { from, until } = this.#place;
    const half = ids[Math.floor(ids.length / 2) - 1];
    if (half !== undefined) return { account: EMPTY_ACCOUNT, reachedAt: from, through: half };
    const partial = [this.#unread(stream, "too_much", null)];
    return this.#part({ ...EMPTY_ACCOUNT, partial }, until);
  }

  #unread(stream: "audit" | "executions", reason: Unverified["reason"], until: EpochMs | null): Unverified {
    const name = this.#deps.names.streams[stream];
    return { stream: name, scheduleId: null, reason, until: until === null ? null : formatInstant(until) };
  }

  /** What each schedule plans; the span ends where the first of them has had its share. */
  async #plan(span: Span): Promise<Plans> {
    const { stories } = this.#evidence;
    const share = Math.max(STRIDE, Math.floor(PLANNED_MAX / stories.size));
    const lastMs = this.#deadline(BY_MS.plan);
    const times = new Map<string, EpochMs[]>();
    let { until } = span;
    let sliceMs = this.#deps.clock.monotonicMs();
    for (const [id, story] of stories) {
      const own: EpochMs[] = [];
      times.set(id, own);
      for (let at = span.from; at < until; ) {
        const plan = planOf(story, { from: at, until }, STRIDE);
        own.push(...plan.times);
        at = plan.reachedAt;
        const nowMs = this.#deps.clock.monotonicMs();
        if (at < until && (own.length >= share || nowMs > lastMs)) until = at;
        if (nowMs - sliceMs < SLICE_MS) continue;
        await pause(this.#deps.clock, 0);
        sliceMs = this.#deps.clock.monotonicMs();
      }
    }
    return { times, span: { ...span, until } };
  }

  async #judge(plans: Plans): Promise<{ judged: Account[]; until: EpochMs }> {
    const first = this.#pages(plans, new Map());
    const suspects = [...first].filter(([, { account }]) => account.unexplained.count > 0);
    const { until } = plans.span;
    if (suspects.length === 0) return { judged: accountsOf(first), until };
    const standings = await this.#standings(suspects.map(([id]) => id));
    await this.#evidence.readAgain(new Set(standings.keys()), this.#deadline(BY_MS.again));
    const doubtfulAt = await this.#lookUp(
      suspects.flatMap(([, { doubts }]) => doubts),
      plans.span,
    );
    const again = this.#pages(plans, standings);
    const undecidedAt = this.#undecidedAt(again);
    // The next part begins there, and reads further; what begins a part is believed.
    const endAt = Math.min(doubtfulAt, undecidedAt > plans.span.from ? undecidedAt : until);
    if (endAt >= until) return { judged: accountsOf(again), until };
    const shorter = { ...plans, span: { ...plans.span, until: endAt } };
    return { judged: accountsOf(this.#pages(shorter, standings)), until: endAt };
  }

  /** The first occurrence that seems lost, and may be told by an event that was not read. */
  #undecidedAt(judgements: ReadonlyMap<string, Judgement>): EpochMs {
    const instants = [...judgements].flatMap(([id, { account }]) =>
      this.#evidence.of(id).toldWhole
        ? []
        : account.unexplained.items.flatMap(({ what, nominalAt }) =>
            what === "no_event" ? [Date.parse(nominalAt)] : [],
          ),
    );
    return instants.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  }

  #pages(plans: Plans, standings: ReadonlyMap<string, Standing>): ReadonlyMap<string, Judgement> {
    const page = (id: string, story: Story) => this.#page(id, story, plans, standings.get(id) ?? null);
    return new Map([...this.#evidence.stories].map(([id, story]) => [id, page(id, story)]));
  }

  #page(scheduleId: string, story: Story, { times, span }: Plans, standing: Standing | null): Judgement {
    const planned = (times.get(scheduleId) ?? []).filter((at) => at < span.until);
    const { told, sent, toldWhole } = this.#evidence.of(scheduleId);
    const checks = (event: Told): boolean => this.#evidence.checks(event);
    return judge({ scheduleId, story, span, planned, told, toldWhole, sent, checks, standing });
  }

  /** Read before the events are read again. */
  async #standings(ids: readonly string[]): Promise<Map<string, Standing>> {
    const { store, records, names, partitions } = this.#deps;
    const tenant = this.#tenant;
    const read = async (scheduleId: string): Promise<readonly [string, Standing]> => {
      const partition = partitionOf(tenant, scheduleId, partitions);
      const stored = await store.read("state", names.keys.schedule.build({ partition, tenant, scheduleId }));
      const state = stored === null ? null : records.readState(stored);
      return [scheduleId, state === null ? GONE : standingOf(state)];
    };
    return new Map(await Promise.all(ids.map(read)));
  }

  /** The first one that there are too many before it to look for; Infinity: there is none, or the span begins with it. */
  async #lookUp(doubts: readonly Told[], { from }: Span): Promise<EpochMs> {
    const rising = doubts.toSorted((one, two) => one.firstAt - two.firstAt);
    await Promise.all(rising.slice(0, DOUBTS_MAX).map((told) => this.#evidence.lookUp(told)));
    const rest = rising.slice(DOUBTS_MAX);
    const [next] = rest;
    if (next !== undefined && next.firstAt > from) return next.firstAt;
    for (const told of rest) this.#evidence.leaveOut(told);
    return Number.POSITIVE_INFINITY;
  }

  #halfway(afterMs: number): number {
    return (this.#deps.clock.monotonicMs() + this.#deadline(afterMs)) / 2;
  }

  #deadline(afterMs: number): number {
    return this.#beganMs + afterMs;
  }
}

interface Plans {
  readonly times: ReadonlyMap<string, readonly EpochMs[]>;
  /** That all of them cover. */
  readonly span: Span;
}

const accountsOf = (judgements: ReadonlyMap<string, Judgement>): Account[] =>
  [...judgements.values()].map(({ account }) => account);
