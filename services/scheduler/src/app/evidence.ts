/**
 * What the streams hold about a group of schedules and a part of time: their changes, what was told, what was sent. Each is read in one
 * pass, which ends early where its time is over; whoever asks is told how far it came.
 */

import type { Names, Unverified } from "@carillon/contracts";
import { type EpochMs, formatInstant } from "../domain/instant.ts";
import { covers, type Span, type Story, storyOf } from "../domain/ledger/story.ts";
import { type Change, readChange, readTold, type Sent, type Told } from "../domain/ledger/told.ts";
import { CommandSources, SKEW_MAX_MS, type SourceDeps } from "./command-sources.ts";
import type { History, PastMessage } from "./history.ts";
import type { Store } from "./ports.ts";
import type { Group } from "./verify-group.ts";

export interface EvidenceDeps extends SourceDeps {
  store: Store;
  names: Names;
}

/** Reading begins so much earlier than the part of time in question, since clocks of servers and workers differ. */
const LEAD_MS = 5_000;

/** Schedules whose subjects are named one by one when events are read again. */
const NAMED_MAX = 50;

export class Evidence {
  readonly group: Group;
  readonly #deps: EvidenceDeps;
  readonly #tenant: string;
  readonly #since: EpochMs;
  readonly #members: ReadonlySet<string>;
  readonly #stories = new Map<string, Story>();
  readonly #told = new Map<string, Map<string, Told>>();
  readonly #commands: CommandSources;
  /** When events were read, by the server's clock, and until when: Infinity for all. */
  #askedAt: EpochMs = 0;
  #toldUntil: EpochMs = 0;
  #wholeAgain: ReadonlySet<string> = new Set();

  constructor(deps: EvidenceDeps, of: { tenant: string; group: Group; since: EpochMs }) {
    this.#deps = deps;
    this.#tenant = of.tenant;
    this.#since = of.since;
    this.group = of.group;
    this.#members = new Set(of.group.ids);
    this.#commands = new CommandSources(deps, { tenant: of.tenant, members: this.#members });
  }

  get stories(): ReadonlyMap<string, Story> {
    return this.#stories;
  }

  /** Since when what was told about these schedules is all there; `stories` must be read. Infinity: it is not. */
  async reach(): Promise<EpochMs> {
    const reach = await this.#deps.history.reach(this.#deps.names.streams.executions);
    if (reach === null || reach.wholeSince === null) return Number.POSITIVE_INFINITY;
    const begins = [...this.#stories.values()].map(({ chapters }) => chapters[0]?.from ?? reach.wholeSince);
    const earlier = begins.some((at) => at !== null && at < (reach.wholeSince ?? 0));
    return earlier ? reach.wholeSince : Number.NEGATIVE_INFINITY;
  }

  /** False: there was not enough time. */
  async readChanges(untilMs: number): Promise<boolean> {
    const { history, names } = this.#deps;
    const stream = names.streams.audit;
    const changes = new Map<string, Change[]>();
    const reach = await history.reach(stream);
    const end = await this.#read({ stream, subjects: this.#subjects("schedule"), since: null }, untilMs, {
      each: ({ data, storedAt }) => {
        const change = readChange(data, storedAt);
        if (change === null || !this.#members.has(change.scheduleId)) return;
        const own = changes.get(change.scheduleId);
        if (own === undefined) changes.set(change.scheduleId, [change]);
        else own.push(change);
      },
      restarted: () => changes.clear(),
    });
    const wholeSince = reach?.wholeSince ?? Number.POSITIVE_INFINITY;
    for (const scheduleId of this.group.ids) {
      const named = { tenant: this.#tenant, scheduleId };
      this.#stories.set(scheduleId, storyOf(named, changes.get(scheduleId) ?? [], wholeSince));
    }
    return end === Number.POSITIVE_INFINITY;
  }

  /** Until when what was told is known; Infinity: all of it. */
  async readEvents(untilMs: number): Promise<EpochMs> {
    this.#askedAt = await this.#deps.store.serverNow();
    this.#toldUntil = await this.#readTold(this.#subjects("execution"), this.#since - LEAD_MS, untilMs);
    return this.#toldUntil;
  }

  /** What has been told since, or could not be read before, about these; of a few, whatever there is. */
  async readAgain(ids: ReadonlySet<string>, untilMs: number): Promise<void> {
    const named = ids.size <= NAMED_MAX ? [...ids] : null;
    const later = Math.min(this.#toldUntil, this.#askedAt) - 1_000;
    const since = named === null ? later : this.#since - SKEW_MAX_MS;
    const end = await this.#readTold(this.#subjects("execution", named), since, untilMs);
    if (end === Number.POSITIVE_INFINITY) this.#wholeAgain = ids;
  }

  /** Until when what was sent is known, as far as it can be known at all. */
  readCommands(untilMs: number, span: Span): Promise<EpochMs> {
    const targets = [...this.#stories.values()].flatMap((story) => [...story.targets]);
    const told = [...this.#told.values()].flatMap((events) => [...events.values()]);
    return this.#commands.read({ targets: new Set(targets), told, untilMs, span });
  }

  /** Whether the command of this event must be known by now. */
  checks(told: Told): boolean {
    return this.#commands.checks(told);
  }

  /** Looks for the command of this event where it is said to be. */
  lookUp(told: Told): Promise<void> {
    return this.#commands.lookUp(told);
  }

  /** There are too many: it is left undecided. */
  leaveOut(told: Told): void {
    this.#commands.leaveOut(told);
  }

  of(scheduleId: string): { told: readonly Told[]; toldWhole: boolean; sent: readonly Sent[] } {
    const whole = this.#toldUntil === Number.POSITIVE_INFINITY || this.#wholeAgain.has(scheduleId);
    return {
      told: [...(this.#told.get(scheduleId)?.values() ?? [])],
      toldWhole: whole,
      sent: this.#commands.of(scheduleId),
    };
  }

  /** What of the span could not be verified. */
  unverified(span: Span): Unverified[] {
    const stream = this.#deps.names.streams.audit;
    const untold = this.group.ids.flatMap((scheduleId): Unverified[] => {
      const blind = this.#stories.get(scheduleId)?.blind ?? [];
      const known = blind.filter(({ from, until }) => from < span.until && until > span.from);
      const { told } = this.of(scheduleId);
      const matters = known.some(({ from }) => from > Number.NEGATIVE_INFINITY);
      if (!matters && !told.some(({ firstAt }) => covers(known, firstAt))) return [];
      const until = Math.max(...known.map((one) => one.until));
      const shown = until < span.until ? formatInstant(until) : null;
      return [{ stream, scheduleId, reason: "untold", until: shown }];
    });
    return [...untold, ...this.#commands.unverified(span)];
  }

  #subjects(entity: "schedule" | "execution", ids: readonly string[] | null = null): readonly string[] {
    const tenant = this.#tenant;
    const { names } = this.#deps;
    if (ids === null && this.group.whole) return [names.event.filter({ tenant, entity })];
    return (ids ?? this.group.ids).map((scheduleId) => names.event.filter({ tenant, entity, scheduleId }));
  }

  #readTold(subjects: readonly string[], since: EpochMs, untilMs: number): Promise<EpochMs> {
    const stream = this.#deps.names.streams.executions;
    return this.#read({ stream, subjects, since }, untilMs, {
      each: ({ data }) => {
        const told = readTold(data);
        if (told === null || !this.#members.has(told.scheduleId)) return;
        const own = this.#told.get(told.scheduleId);
        if (own === undefined) this.#told.set(told.scheduleId, new Map([[told.id, told]]));
        else if (!own.has(told.id)) own.set(told.id, told);
      },
      // What was read is stored, and read again it is the same.
      restarted: () => {},
    });
  }

  /** Until when the stream was read; Infinity: to its end. */
  async #read(
    passage: Parameters<History["read"]>[0],
    untilMs: number,
    { each, restarted }: { each(message: PastMessage): void; restarted(): void },
  ): Promise<EpochMs> {
    const { clock, history } = this.#deps;
    let cutAt = Number.POSITIVE_INFINITY;
    const take = (message: PastMessage): boolean => {
      each(message);
      if (clock.monotonicMs() < untilMs) return false;
      cutAt = message.storedAt;
      return true;
    };
    await history.read(passage, take, () => {
      cutAt = Number.POSITIVE_INFINITY;
      restarted();
    });
    return cutAt;
  }
}
