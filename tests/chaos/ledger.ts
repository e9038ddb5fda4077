/**
 * What became of each planned occurrence, told from the two streams alone while they grow: of a message that has been counted nothing is
 * kept, so a run may take hours.
 */

import type { ExecutionEventData } from "@carillon/contracts";
import type { TailedMessage } from "../support/lasting-tail.ts";
import { Series } from "../support/series.ts";
import { EVERY_MS, numberOf, plannedBy, type Schedule } from "./fleet.ts";

/** What was planned up to an instant, and what became of it. */
export interface Balance {
  readonly planned: number;
  /** Planned, and not in the target's stream. */
  readonly lost: readonly string[];
  /** Planned, and without a final event. */
  readonly untold: readonly string[];
  /** Stored, or told as final, once more. */
  readonly doubled: number;
  /** Stored before it was due, by the server's clock. */
  readonly early: number;
  /** Sent or told, and never planned. */
  readonly stray: number;
  /** Final events that say something else than that it fired. */
  readonly unfired: number;
  /** Sent again by somebody who could not know that they had been stored, and dropped by the stream. */
  readonly repeated: number;
}

interface Page {
  readonly schedule: Schedule;
  readonly sent: Series;
  readonly told: Series;
}

export class Ledger {
  readonly #pages: readonly Page[];
  #early = 0;
  #stray = 0;
  #unfired = 0;
  #repeated = 0;

  constructor(fleet: readonly Schedule[]) {
    this.#pages = fleet.map((schedule) => ({ schedule, sent: new Series(), told: new Series() }));
  }

  /** A command that a target was sent. */
  sent(scheduleId: string, { storedAt, header }: TailedMessage): void {
    if (storedAt < Date.parse(header("Scheduler-Due-At"))) this.#early++;
    this.#enter("sent", scheduleId, Date.parse(header("Scheduler-Nominal-At")));
  }

  /** An event of an execution. */
  told(data: ExecutionEventData): void {
    if (data.delivered?.duplicate === true) this.#repeated++;
    if (data.final !== true) return;
    const first = Date.parse(data.firstNominalAt ?? data.nominalAt ?? "");
    const count = data.count ?? 1;
    if (data.firedAt === undefined) this.#unfired += count;
    for (let n = 0; n < count; n++) this.#enter("told", data.scheduleId, first + n * EVERY_MS);
  }

  /** Schedules of which something planned up to `at` is not stored yet. */
  behind(at: number): number {
    return this.#pages.filter(({ schedule, sent }) => sent.next < plannedBy(schedule, at)).length;
  }

  /** Each of them has fired. */
  get begun(): boolean {
    return this.#pages.every(({ sent }) => sent.next > 0);
  }

  /** Everything planned up to `at` is stored and told. */
  settled(at: number): boolean {
    return this.#pages.every(
      ({ schedule, sent, told }) => Math.min(sent.next, told.next) >= plannedBy(schedule, at),
    );
  }

  balance(at: number): Balance {
    const missing = (which: "sent" | "told"): string[] =>
      this.#pages.flatMap(({ schedule, [which]: series }) =>
        series.missing(plannedBy(schedule, at)).map((number) => `${schedule.id} ${number}`),
      );
    return {
      planned: this.#pages.reduce((sum, { schedule }) => sum + plannedBy(schedule, at), 0),
      lost: missing("sent"),
      untold: missing("told"),
      doubled: this.#pages.reduce((sum, { sent, told }) => sum + sent.doubled + told.doubled, 0),
      early: this.#early,
      stray: this.#stray,
      unfired: this.#unfired,
      repeated: this.#repeated,
    };
  }

  #enter(which: "sent" | "told", scheduleId: string, nominalAt: number): void {
    const page = this.#pages[numberOf(scheduleId) ?? Number.NaN];
    const number = page === undefined ? Number.NaN : (nominalAt - page.schedule.anchor) / EVERY_MS;
    if (page === undefined || !Number.isInteger(number) || number < 0) this.#stray++;
    else page[which].add(number);
  }
}
