/**
 * What the screen knows of each schedule: a line in the order in which they were created. Counts and lags come
 * from events, the next fire from the header of the last command, from the end of a delay's last round, or from a
 * question to the scheduler.
 */

import type { CloudEvent, ExecutionEventData, ScheduleDefinition } from "@carillon/contracts";
import type { News } from "./news.ts";
import { triggerWords } from "./wording.ts";

export interface BoardRow {
  readonly scheduleId: string;
  readonly trigger: string;
  /** Words of the contract (`active`, `paused`, …), and `deleted`. */
  readonly status: string;
  /** RFC 3339; null: not known, or none. */
  readonly nextAt: string | null;
  /** Milliseconds; null: not fired yet, or by hand. */
  readonly lagMs: number | null;
  readonly fired: number;
}

/** A row, and what it takes to foresee a delay. */
interface Entry extends BoardRow {
  /** Milliseconds from one end to the next fire; null: not a delay. */
  readonly delayMs: number | null;
}

const SECOND_MS = 1000;

const STATUS_AFTER: Readonly<Record<string, string>> = {
  created: "active",
  paused: "paused",
  resumed: "active",
  completed: "completed",
  deleted: "deleted",
  disabled: "disabled",
};

export class Board {
  readonly #rows = new Map<string, Entry>();

  rows(): BoardRow[] {
    return [...this.#rows.values()].map(({ delayMs, ...row }) => row);
  }

  hear(news: News): void {
    if (news.entity === "schedule") this.#live(news.scheduleId, news.what, news.event.data.definition);
    else if (news.entity === "execution" && news.what === "dispatched") {
      this.#fire(news.scheduleId, news.event);
    }
  }

  /** The next fire as a command's header, or the scheduler's answer, names it; null where it names none. */
  next(scheduleId: string, nextAt: string | null): void {
    if (this.#rows.get(scheduleId)?.status === "active") this.#change(scheduleId, { nextAt });
  }

  #live(scheduleId: string, what: string, definition: ScheduleDefinition | undefined): void {
    const status = STATUS_AFTER[what];
    this.#change(scheduleId, {
      ...(definition === undefined
        ? {}
        : { trigger: triggerWords(definition.trigger), delayMs: delayOf(definition) }),
      ...(status === undefined ? {} : { status }),
      ...(status === undefined || status === "active" ? {} : { nextAt: null }),
    });
  }

  #fire(scheduleId: string, { time, data: { lagMs, cause } }: CloudEvent<ExecutionEventData>): void {
    const { fired = 0, delayMs = null } = this.#rows.get(scheduleId) ?? {};
    this.#change(scheduleId, {
      fired: fired + 1,
      lagMs: cause === "trigger" ? null : (lagMs ?? null),
    });
    if (delayMs !== null) this.next(scheduleId, new Date(Date.parse(time) + delayMs).toISOString());
  }

  #change(scheduleId: string, change: Partial<Entry>): void {
    const blank = {
      scheduleId,
      trigger: "",
      status: "active",
      nextAt: null,
      lagMs: null,
      fired: 0,
      delayMs: null,
    };
    this.#rows.set(scheduleId, { ...(this.#rows.get(scheduleId) ?? blank), ...change });
  }
}

const delayOf = ({ trigger }: ScheduleDefinition): number | null =>
  trigger.type === "delay" ? trigger.delaySeconds * SECOND_MS : null;
