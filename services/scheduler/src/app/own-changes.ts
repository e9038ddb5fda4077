/**
 * What the scheduler changes in a schedule by itself, in its turn and without a command: what an answer about a target command means for
 * it, its next round or its end, and that it is disabled.
 */

import type { StateRecord } from "@carillon/contracts";
import { disable, mayEnd, proceed } from "../domain/completion.ts";
import { brokenReason } from "../domain/redefinition.ts";
import type { Schedule } from "../domain/schedule.ts";
import type { Committer } from "./committer.ts";
import type { Held } from "./held.ts";
import type { WorkerContext } from "./partition-context.ts";
import { pause } from "./pause.ts";

/** The bucket refused a change for good: how long until whoever asked for it may ask again. */
const REFUSED_CHANGE_PAUSE_MS = 1_000;

export interface OwnChangesDeps extends Pick<WorkerContext, "clock" | "tell"> {
  committer: Committer;
  pay(held: Held): void;
  rearm(held: Held): void;
}

export class OwnChanges {
  readonly #deps: OwnChangesDeps;

  constructor(deps: OwnChangesDeps) {
    this.#deps = deps;
  }

  /** Writes what `change` makes of the schedule (the same state: nothing), then pays what is new. False: the bucket refused it. */
  change(held: Held, change: (schedule: Schedule) => StateRecord): Promise<boolean> {
    return held.take(() => this.#write(held, change));
  }

  async #write(held: Held, change: (schedule: Schedule) => StateRecord): Promise<boolean> {
    const { clock, tell, committer, pay } = this.#deps;
    const committed = await committer.commit(held, (schedule) => {
      if (schedule === null) return null;
      const state = change(schedule);
      return state === schedule.state ? null : { schedule: { ...schedule, state }, redefined: false };
    });
    if (committed.kind === "refused") {
      tell({ kind: "warning", message: `${held.key}: not stored: ${committed.description}` });
      await pause(clock, REFUSED_CHANGE_PAUSE_MS);
    }
    pay(held);
    return committed.kind !== "refused";
  }

  /**
   * The next round of a delay, or the end; null: something is ahead, so there is nothing to conclude. It is counted from the schedule's turn:
   * an earlier moment may lie before a round that was claimed meanwhile, which would be claimed again.
   */
  conclude(held: Held): Promise<void> | null {
    if (held.schedule === null || !mayEnd(held.schedule)) return null;
    const { clock, rearm } = this.#deps;
    return this.change(held, (schedule) => proceed(schedule, clock.now())).then(() => rearm(held));
  }

  /** In its turn. What is stored can be read, and no longer compiles: it stands as it is until another definition comes. */
  async disableBroken(held: Held): Promise<void> {
    const { clock, tell } = this.#deps;
    const fault = held.schedule?.timeline.fault ?? null;
    if (fault === null || held.schedule?.state.status !== "active") return;
    const now = clock.now();
    await this.#write(held, ({ record, state }) => disable(record, state, brokenReason(fault), now));
    const { tenant, scheduleId } = held;
    tell({
      kind: "schedule.broken",
      where: { tenant, scheduleId },
      code: fault.code,
      message: fault.message,
    });
  }
}
