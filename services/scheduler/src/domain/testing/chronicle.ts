/**
 * What the streams would hold of one schedule, for laws about the ledger check: the worker in miniature claims, delivers and tells, and
 * everything it says goes through the messages themselves.
 */

import type { Announcement, DefinitionRecord, Dispatch, Owed } from "@carillon/contracts";
import { advance } from "../advance.ts";
import { dispatchedEvent } from "../announcement.ts";
import type { Command } from "../command.ts";
import { proceed } from "../completion.ts";
import { decide } from "../decide.ts";
import { eventMessage } from "../event-message.ts";
import type { EpochMs } from "../instant.ts";
import { type Judgement, judge } from "../ledger/judge.ts";
import { planOf } from "../ledger/plan.ts";
import { standingOf } from "../ledger/standing.ts";
import { storyOf } from "../ledger/story.ts";
import { type Change, readChange, readTold, type Sent, type Told } from "../ledger/told.ts";
import type { Schedule } from "../schedule.ts";
import { settleDelivered } from "../settle.ts";
import { later, NAMES, RULES, settled } from "./builders.ts";

/** Calls after which catching up is taken not to end. */
const CALLS_MAX = 5_000;

const encoder = new TextEncoder();

export class Chronicle {
  readonly changes: Change[] = [];
  readonly told: Told[] = [];
  readonly sent: Sent[] = [];
  current: Schedule | null = null;
  now: EpochMs;

  constructor(now: EpochMs) {
    this.now = now;
  }

  /** All that is due fires, or is told why not. */
  catchUp(): void {
    for (let calls = 0; this.current !== null; calls++) {
      const step = advance(this.current, this.now, false);
      if (step === null) return;
      if (calls === CALLS_MAX) throw new Error(`more is due after ${CALLS_MAX} calls`);
      this.current = { ...this.current, state: step.state };
      if (step.commit) this.#pay();
    }
  }

  /** Decides to the end; a refusal changes nothing. */
  carryOut(command: Command): void {
    for (;;) {
      const decision = decide(this.current, later(this.current, command), RULES);
      if (decision.kind === "waiving" && this.current !== null) {
        this.current = { ...this.current, state: decision.state };
        continue;
      }
      if (decision.kind === "accepted") {
        this.current = decision.schedule;
        this.#pay();
      }
      return;
    }
  }

  /** The check of everything so far, or of what is left of it. */
  judge(
    left: { told?: readonly Told[]; sent?: readonly Sent[]; from?: EpochMs; until?: EpochMs } = {},
  ): Judgement {
    const {
      told = this.told,
      sent = this.sent,
      from = Number.NEGATIVE_INFINITY,
      until = this.now + 1,
    } = left;
    const scheduleId = "daily";
    const story = storyOf({ tenant: "acme", scheduleId }, this.changes, Number.NEGATIVE_INFINITY);
    const span = { from, until };
    const { times } = planOf(story, span, Number.POSITIVE_INFINITY);
    const standing = this.current === null ? null : standingOf(this.current.state);
    return judge({
      ...{ scheduleId, story, span, planned: times, told, sent, standing },
      toldWhole: true,
      checks: () => true,
    });
  }

  #pay(): void {
    while (this.current !== null && this.current.state.owed.length > 0) {
      const { record, state } = this.current;
      for (const owed of state.owed) this.#say(owed, record);
      const delivered = state.owed
        .filter((owed): owed is Dispatch => owed.kind === "dispatch")
        .reduce((before, dispatch) => settleDelivered(before, dispatch, this.now), state);
      const paid = settled({ ...this.current, state: delivered });
      this.current = { ...paid, state: proceed(paid, this.now) };
    }
  }

  #say(owed: Owed, record: DefinitionRecord): void {
    if (owed.kind === "letter") return;
    if (owed.kind === "announcement") {
      this.#tell(owed, record);
      return;
    }
    const { executionId, attempt, nominalAt, cause } = owed;
    const sequence = this.sent.length + 1;
    const delivered = { stream: "TARGETS", sequence, duplicate: false };
    this.sent.push({
      ...{ stream: "TARGETS", sequence, scheduleId: record.scheduleId, executionId, attempt, nominalAt },
      manual: cause === "trigger",
    });
    this.#tell(dispatchedEvent(record, owed, { firedAt: this.now, settledAt: this.now, delivered }), record);
  }

  #tell(announcement: Announcement, record: DefinitionRecord): void {
    const message = eventMessage(NAMES, record, announcement, announcement.definition ? record : null);
    const body = encoder.encode(message.data);
    if (announcement.entity === "schedule") this.changes.push(some(readChange(body, this.now)));
    else this.told.push(some(readTold(body)));
  }
}

function some<Value>(value: Value | null): Value {
  if (value === null) throw new Error("an event of ours is not read");
  return value;
}
