/**
 * What the screen knows of each schedule: a line in the order in which they were created. Counts and lags come
 * from events, the next fire from the header of the last command or from a question to the scheduler.
 */

import type { ScheduleView } from "@carillon/contracts";
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

const STATUS_AFTER: Readonly<Record<string, string>> = {
  created: "active",
  paused: "paused",
  resumed: "active",
  completed: "completed",
  deleted: "deleted",
  disabled: "disabled",
};

export class Board {
  readonly #rows = new Map<string, BoardRow>();

  rows(): BoardRow[] {
    return [...this.#rows.values()];
  }

  hear(news: News): void {
    if (news.entity === "schedule") {
      const { definition } = news.event.data;
      const status = STATUS_AFTER[news.what];
      this.#change(news.scheduleId, {
        ...(definition === undefined ? {} : { trigger: triggerWords(definition.trigger) }),
        ...(status === undefined ? {} : { status }),
        ...(status === undefined || status === "active" ? {} : { nextAt: null }),
      });
    } else if (news.entity === "execution" && news.what === "dispatched") {
      const { lagMs, cause } = news.event.data;
      const fired = (this.#rows.get(news.scheduleId)?.fired ?? 0) + 1;
      this.#change(news.scheduleId, { fired, lagMs: cause === "trigger" ? null : (lagMs ?? null) });
    }
  }

  /** The next fire as a command's header names it; null where it names none. */
  next(scheduleId: string, nextAt: string | null): void {
    if (this.#rows.get(scheduleId)?.status === "active") this.#change(scheduleId, { nextAt });
  }

  /** What the scheduler answered about it. */
  see({ scheduleId, status, nextFireAt }: ScheduleView): void {
    this.#change(scheduleId, { status, nextAt: nextFireAt });
  }

  #change(scheduleId: string, change: Partial<BoardRow>): void {
    const blank = { scheduleId, trigger: "", status: "active", nextAt: null, lagMs: null, fired: 0 };
    this.#rows.set(scheduleId, { ...(this.#rows.get(scheduleId) ?? blank), ...change });
  }
}
