/**
 * The ledger check of one schedule: holds what was planned against what was told and what was sent, and says what does not fit.
 *
 *   planned, a final event       → fired, failed, missed or skipped; unexplained where it fired and the stream lacks its command
 *   planned, no final event      → under a pause, still open, or unexplained
 *   not planned, event or command → triggered by hand, settled before a command changed the plan, or unexplained
 */

import { type Account, executionIdAt } from "@carillon/contracts";
import type { EpochMs } from "../instant.ts";
import { Excuses, type Settled } from "./excuses.ts";
import { type Ranges, rangesOf } from "./ranges.ts";
import type { Standing } from "./standing.ts";
import { type Chapter, covers, mayOutlive, type Span, type Story, stoodStill } from "./story.ts";
import { Sums } from "./sums.ts";
import type { Sent, Told } from "./told.ts";
import { type Trace, tracesOf } from "./traces.ts";

export interface Page {
  readonly scheduleId: string;
  readonly story: Story;
  /** Nominal instants in this span are judged. */
  readonly span: Span;
  /** All that `story` plans in the span, rising. */
  readonly planned: readonly EpochMs[];
  /** Distinct by id; at least all about the span that were told within a reasonable time. */
  readonly told: readonly Told[];
  /** Nothing was told later. */
  readonly toldWhole: boolean;
  /** Distinct by place. */
  readonly sent: readonly Sent[];
  /** Whether the command of this event would have been seen, were it there. */
  checks(told: Told): boolean;
  /** Null: not known, so nothing counts as open. */
  readonly standing: Standing | null;
}

export interface Judgement {
  readonly account: Account;
  /** Events whose command has not been seen where it should be: look there before believing it. */
  readonly doubts: readonly Told[];
}

export function judge(page: Page): Judgement {
  return new Judge(page).judge();
}

class Judge {
  readonly #page: Page;
  readonly #sums: Sums;
  readonly #traces: ReadonlyMap<string, Trace>;
  readonly #ranges: Ranges;
  readonly #excuses: Excuses;
  readonly #doubts: Told[] = [];
  readonly #seen = new Set<string>();

  constructor(page: Page) {
    const { byExecution, ranges } = tracesOf(page.told, page.sent);
    this.#page = page;
    this.#sums = new Sums(page.scheduleId);
    this.#traces = byExecution;
    this.#ranges = rangesOf(ranges);
    this.#excuses = new Excuses({ ...page, settled: [...page.told, ...untold(byExecution.values())] });
  }

  judge(): Judgement {
    const { planned, span, story } = this.#page;
    for (const at of planned) if (!covers(story.blind, at)) this.#due(at);
    for (const trace of this.#traces.values()) {
      const { nominalAt } = trace;
      const judged = span.from <= nominalAt && nominalAt < span.until && !covers(story.blind, nominalAt);
      if (judged && !this.#seen.has(trace.executionId)) this.#unforeseen(trace);
    }
    this.#ranges.close(this.#page, this.#sums);
    return { account: this.#sums.account(), doubts: this.#doubts };
  }

  #due(at: EpochMs): void {
    const { scheduleId } = this.#page;
    const executionId = executionIdAt(scheduleId, at);
    const trace = this.#traces.get(executionId);
    this.#seen.add(executionId);
    this.#sums.planned++;
    if (trace !== undefined && trace.finals.length > 0) {
      this.#excuses.claimed(at, trace.finals);
      this.#settled(trace);
    } else if (trace !== undefined) {
      this.#excuses.claimed(at, null);
      this.#unsettled(trace);
    } else if (!this.#ranges.take(at, this.#excuses.chapterOf(at))) this.#silent(at, executionId);
  }

  /** Nothing is heard of it at all. */
  #silent(at: EpochMs, executionId: string): void {
    const { story, standing } = this.#page;
    if (stoodStill(story, at)) this.#sums.paused++;
    else if (this.#excuses.allow(at)) this.#sums.planned--;
    else if (standing?.isOpen(at, executionId)) this.#sums.open++;
    else {
      this.#excuses.claimed(at, null);
      const message = "it was due, and neither an event nor a command tells of it";
      this.#sums.find({ what: "no_event", executionId, at, message });
    }
  }

  /** Its final event is missing. */
  #unsettled({ executionId, nominalAt: at, manual, sent, interim }: Trace): void {
    const { standing, toldWhole } = this.#page;
    // A long retry may have ended after the last event that was read.
    const retrying = interim.length > 0 && !toldWhole;
    if (retrying || standing?.isRunning(executionId) || (!manual && standing?.isOpen(at, executionId))) {
      // Nothing planned is open for what was triggered by hand.
      if (!manual) this.#sums.open++;
      return;
    }
    const message =
      sent.length > 0
        ? "its command is stored, and no final event tells of it"
        : "attempts are told, and no final event";
    this.#sums.find({ what: "no_event", executionId, at, message });
  }

  #settled(trace: Trace): void {
    const { executionId, nominalAt: at, finals, manual } = trace;
    const [told] = finals;
    if (told === undefined) return;
    const hasCommand = this.#hasCommand(trace, told);
    if (!hasCommand) {
      this.#doubts.push(told);
      const message = `told as ${told.what}, and ${told.place?.stream} does not hold its command`;
      this.#sums.find({ what: "no_command", executionId, at, message });
    } else if (!manual) {
      if (isFired(told)) this.#sums.fired++;
      else this.#sums.unfired(told.what, told.reason, 1);
    }
    this.#repeats(trace);
    if (NEVER_SENT.has(told.what) && trace.sent.length > 0) {
      const message = `told as ${told.what} (${told.reason}), and its command is stored`;
      this.#sums.find({ what: "contradicted", executionId, at, message });
    }
  }

  #hasCommand({ sent }: Trace, told: Told): boolean {
    if (!isFired(told) || told.place === null || !this.#page.checks(told)) return true;
    return sent.some(({ attempt }) => attempt === told.attempt);
  }

  #repeats({ executionId, nominalAt: at, finals, sent }: Trace): void {
    if (finals.length > 1) {
      const message = `final events: ${finals.map(({ what }) => what).join(", ")}`;
      this.#sums.find({ what: "doubled", executionId, at, count: finals.length - 1, message });
    }
    const attempts = new Set(sent.map(({ attempt }) => attempt));
    if (sent.length > attempts.size) {
      const message = `its command is stored ${sent.length} times`;
      this.#sums.find({ what: "doubled", executionId, at, count: sent.length - attempts.size, message });
    }
  }

  /** The definition of its instant does not name it. */
  #unforeseen(trace: Trace): void {
    const { executionId, nominalAt: at, finals, manual } = trace;
    if (!manual && !this.#page.story.chapters.some((chapter) => mayName(chapter, trace))) {
      const message = "no definition in force names it";
      this.#sums.find({ what: "unplanned", executionId, at, message });
      return;
    }
    if (manual) this.#sums.manual++;
    else this.#sums.planned++;
    if (finals.length > 0) this.#settled(trace);
    else this.#unsettled(trace);
  }
}

const isFired = ({ what }: Told): boolean => what === "dispatched" || what === "completed";

const NEVER_SENT: ReadonlySet<string> = new Set(["missed", "skipped"]);

/** Commands that no event tells of. */
function* untold(traces: Iterable<Trace>): Iterable<Settled> {
  for (const { finals, interim, nominalAt, manual } of traces) {
    const isTold = finals.length + interim.length > 0;
    if (!isTold) yield { version: null, firstAt: nominalAt, lastAt: nominalAt, manual };
  }
}

/** What the clock settled of a definition whose end was not decided yet; or a round of a delay. */
function mayName(chapter: Chapter, { nominalAt, finals, interim }: Trace): boolean {
  const { timeline, version, from, until } = chapter;
  if (mayOutlive(chapter, nominalAt)) return true;
  if (!timeline.followsCompletion) return false;
  const ofIt = [...finals, ...interim].some((told) => told.version === version);
  return ofIt || (from <= nominalAt && nominalAt < until);
}
