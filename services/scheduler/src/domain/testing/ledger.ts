/**
 * A ledger of one schedule, for laws: keeps by which final event, or by which range of a resumption, each occurrence has been settled, and
 * finds what was settled twice.
 */

import type { Owed } from "@carillon/contracts";
import type { EpochMs } from "../instant.ts";
import { parseInstant } from "../instant.ts";
import type { Timeline } from "../timeline.ts";

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
