/**
 * The commands of a group of schedules, as the streams of their targets hold them: by headers alone, never the body. A stream that is no
 * complete record, or that cannot be read, verifies nothing, and is named.
 */

import type { Unverified } from "@carillon/contracts";
import { type EpochMs, formatInstant } from "../domain/instant.ts";
import { shortOf } from "../domain/ledger/place.ts";
import type { Span } from "../domain/ledger/story.ts";
import { readSent, type Sent, type Told } from "../domain/ledger/told.ts";
import type { History, PastMessage, Reach } from "./history.ts";
import { type Clock, type Finder, Refused } from "./ports.ts";

export interface SourceDeps {
  clock: Clock;
  history: History;
  finder: Finder;
}

/** Reading begins so much earlier than the part of time in question; what an event names is looked up where it is missed. */
const LEAD_MS = 1_000;
/** Clocks of servers and workers differ by less than this; whatever looks wrong is looked at again from so much earlier. */
export const SKEW_MAX_MS = 60_000;

/** A command is stored within so long after its nominal instant, or is looked up where its event says it is. */
const LATE_MS = 60_000;
type Flaw = { reason: Unverified["reason"]; until: EpochMs | null };

interface Source {
  readonly reach: Reach | null;
  flaw: Flaw | null;
}

export class CommandSources {
  readonly #deps: SourceDeps;
  readonly #tenant: string;
  readonly #members: ReadonlySet<string>;
  readonly #sources = new Map<string, Source>();
  readonly #sent = new Map<string, Map<string, Sent>>();
  /** Ids of events whose command is not looked for. */
  readonly #leftOut = new Set<string>();

  constructor(deps: SourceDeps, of: { tenant: string; members: ReadonlySet<string> }) {
    this.#deps = deps;
    this.#tenant = of.tenant;
    this.#members = of.members;
  }

  /** Until when commands of the span are known, in all streams that can be read. */
  async read(of: {
    targets: ReadonlySet<string>;
    told: readonly Told[];
    untilMs: number;
    span: Span;
  }): Promise<EpochMs> {
    const subjects = await this.#subjectsOf(of);
    let knownUntil = Number.POSITIVE_INFINITY;
    for (const [stream, own] of subjects) {
      const source = await this.#open(stream, of.span);
      if (source.flaw !== null && source.flaw.until === null) continue;
      const until = await this.#readStream(stream, { ...of, subjects: [...own], source });
      if (until > of.span.from) knownUntil = Math.min(knownUntil, until);
      else source.flaw = { reason: "too_much", until: null };
    }
    return knownUntil;
  }

  checks({ place, firedAt, id }: Told): boolean {
    const source = this.#sources.get(place?.stream ?? "");
    if (place === null || source === undefined || this.#leftOut.has(id)) return false;
    const { reach, flaw } = source;
    if (reach === null || reach.wholeSince === null || (flaw !== null && flaw.until === null)) return false;
    // An older one may have been in a stream of the same name.
    const ofThisStream = (firedAt ?? 0) + SKEW_MAX_MS >= reach.wholeSince;
    return place.sequence >= reach.firstSequence && ofThisStream;
  }

  async lookUp({ place, executionId }: Told): Promise<void> {
    if (place === null) return;
    const message = await this.#deps.history.at(place.stream, place.sequence);
    if (message !== null) this.#enter(place.stream, message, executionId);
  }

  leaveOut({ id }: Told): void {
    this.#leftOut.add(id);
  }

  of(scheduleId: string): readonly Sent[] {
    return [...(this.#sent.get(scheduleId)?.values() ?? [])];
  }

  unverified(span: Span): Unverified[] {
    const flaws = [...this.#sources].flatMap(([stream, { flaw }]): Unverified[] => {
      if (flaw === null) return [];
      const { reason, until } = flaw;
      return [{ stream, scheduleId: null, reason, until: until === null ? null : formatInstant(until) }];
    });
    const until = formatInstant(span.until);
    const tooMany: Unverified = { stream: null, scheduleId: null, reason: "too_much", until };
    return this.#leftOut.size === 0 ? flaws : [...flaws, tooMany];
  }

  /** By stream: those that capture the targets now, and those that events name. */
  async #subjectsOf({ targets, told }: { targets: ReadonlySet<string>; told: readonly Told[] }) {
    const subjects = new Map<string, Set<string>>();
    const add = (stream: string, subject: string): void => {
      const own = subjects.get(stream) ?? new Set();
      subjects.set(stream, own.add(subject));
    };
    for (const subject of targets) {
      const facts = this.#deps.finder.known(subject) ?? (await this.#deps.finder.streamOf(subject));
      if (facts !== null) add(facts.name, subject);
    }
    for (const { place, target } of told) if (place !== null) add(place.stream, target);
    return subjects;
  }

  async #open(stream: string, { from, until }: Span): Promise<Source> {
    const known = this.#sources.get(stream);
    if (known !== undefined) return known;
    const reach = await this.#deps.history.reach(stream);
    const source: Source = { reach, flaw: flawOf(reach, { from, until }) };
    this.#sources.set(stream, source);
    return source;
  }

  async #readStream(
    stream: string,
    of: { subjects: readonly string[]; untilMs: number; span: Span; source: Source },
  ): Promise<EpochMs> {
    const { subjects, untilMs, span, source } = of;
    let until = Number.POSITIVE_INFINITY;
    const each = (message: PastMessage): boolean => {
      this.#enter(stream, message, null);
      const { storedAt } = message;
      // What comes later is of a later part.
      if (storedAt > span.until + LATE_MS) return true;
      if (this.#deps.clock.monotonicMs() < untilMs) return false;
      until = shortOf(storedAt, span.from);
      return true;
    };
    try {
      const passage = { stream, subjects, since: span.from - LEAD_MS, headersOnly: true };
      await this.#deps.history.read(passage, each, () => {});
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      source.flaw = { reason: "not_readable", until: null };
    }
    return until;
  }

  /** `executionId` null: of any. */
  #enter(stream: string, { sequence, header }: PastMessage, executionId: string | null): void {
    const sent = readSent(this.#tenant, header, { stream, sequence });
    if (sent === null || !this.#members.has(sent.scheduleId)) return;
    if (executionId !== null && sent.executionId !== executionId) return;
    const own = this.#sent.get(sent.scheduleId) ?? new Map<string, Sent>();
    this.#sent.set(sent.scheduleId, own.set(`${stream} ${sequence}`, sent));
  }
}

/** Null: it holds everything about the span. */
function flawOf(reach: Reach | null, { from, until }: Span): Flaw | null {
  if (reach === null) return { reason: "missing", until: null };
  const { wholeSince, firstSequence } = reach;
  if (wholeSince === null) return { reason: "forgets", until: null };
  if (firstSequence <= 1 || wholeSince <= from) return null;
  return { reason: "gone", until: Math.min(wholeSince, until) };
}
