/**
 * A ledger of one schedule, for laws: keeps by which final event, or by which range of a resumption, each occurrence has been settled, and
 * finds what was settled twice. Beside it the worker in miniature: claims all that is due, and settles it at once.
 */

import type { Owed, StateRecord } from "@carillon/contracts";
import { advance } from "../advance.ts";
import { proceed } from "../completion.ts";
import { type EpochMs, parseInstant } from "../instant.ts";
import type { Schedule } from "../schedule.ts";
import { settleDelivered } from "../settle.ts";
import type { Timeline } from "../timeline.ts";
import { dispatchesOf, settled } from "./builders.ts";

/** Calls after which catching up is taken not to end. */
const CALLS_MAX = 5_000;

/** Advances until nothing more is due, and enters what each call owes. `check` is told the states around each call. */
export function catchUp(
  schedule: Schedule,
  now: EpochMs,
  ledger: Ledger,
  how: { denied?: boolean; check?(before: StateRecord, after: StateRecord, now: EpochMs): void } = {},
): Schedule {
  let current = schedule;
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    const step = advance(current, now, how.denied ?? false);
    if (step === null) return current;
    how.check?.(current.state, step.state, now);
    if (step.commit) ledger.enter(step.state.owed.slice(current.state.owed.length), current.timeline);
    const next = { ...current, state: step.state };
    current = step.commit ? settleAll(next, now) : next;
  }
  throw new Error(`more is due after ${CALLS_MAX} calls`);
}

/** Every target command is delivered, every event told. */
function settleAll(schedule: Schedule, now: EpochMs): Schedule {
  const state = dispatchesOf(schedule.state).reduce(
    (before, dispatch) => settleDelivered(before, dispatch, now),
    schedule.state,
  );
  return settled({ ...schedule, state: proceed({ ...schedule, state }, now) });
}

/** The occurrences from `from` on and before `until`, by the timeline alone. */
export function occurrences(
  { timeline }: Pick<Schedule, "timeline">,
  from: EpochMs,
  until: EpochMs,
): EpochMs[] {
  const all: EpochMs[] = [];
  for (let at = timeline.first(from); at !== null && at < until; at = timeline.next(at)) all.push(at);
  return all;
}

export class Ledger {
  /** How, by nominal instant. */
  readonly settled = new Map<EpochMs, string>();
  readonly faults: string[] = [];

  /** Enters what a state has come to owe; `timeline` tells the occurrences inside a range. */
  enter(owed: readonly Owed[], timeline: Timeline): void {
    for (const item of owed) {
      if (item.kind === "dispatch") this.#settle(item.nominalAt, "fired");
      if (item.kind !== "announcement") continue;
      if (item.what === "missed" || item.what === "skipped") this.#range(item.data, item.what, timeline);
      if (item.what === "resumed") this.#range(item.data["skipped"] ?? null, "paused", timeline);
    }
  }

  #range(data: unknown, how: string, timeline: Timeline): void {
    if (typeof data !== "object" || data === null) return;
    const { nominalAt, firstNominalAt = nominalAt, lastNominalAt = nominalAt, count = 1 } = data as Range;
    const [first, last] = [firstNominalAt, lastNominalAt].map(
      (text) => parseInstant(text ?? "") ?? Number.NaN,
    );
    let entered = 0;
    let at = timeline.next((first ?? 0) - 1);
    for (; at !== null && at <= (last ?? 0); at = timeline.next(at)) {
      this.#settle(at, how);
      entered++;
    }
    if (entered !== count) this.faults.push(`${how} ${firstNominalAt}: ${count} told, ${entered} there`);
  }

  #settle(nominalAt: EpochMs, how: string): void {
    const before = this.settled.get(nominalAt);
    if (before !== undefined)
      this.faults.push(`${new Date(nominalAt).toISOString()}: ${before}, then ${how}`);
    this.settled.set(nominalAt, how);
  }

  /** In order. */
  get instants(): EpochMs[] {
    return [...this.settled.keys()].sort((one, two) => one - two);
  }
}

interface Range {
  nominalAt?: string;
  firstNominalAt?: string;
  lastNominalAt?: string;
  count?: number;
}
