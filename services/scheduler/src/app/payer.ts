/**
 * Pays what a schedule owes: target commands, their events, announcements, dead letters. Everything paid here is listed in the stored
 * state first, so a crash at any point is made good by whoever loads it next. What has been paid is struck in memory, and stored with
 * the next write.
 */

import type { Announcement, DefinitionRecord, Delivered, Dispatch, Letter, Owed } from "@carillon/contracts";
import { dispatchedEvent, inBrief } from "../domain/announcement.ts";
import { deadLetter } from "../domain/dead-letter.ts";
import { eventMessage } from "../domain/event-message.ts";
import type { EpochMs } from "../domain/instant.ts";
import { isDispatch, owedId, strike } from "../domain/schedule.ts";
import { type Refusal, settleDelivered, settleRefused } from "../domain/settle.ts";
import { targetMessage } from "../domain/target-message.ts";
import type { Delivery, Parcel } from "./delivery.ts";
import type { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import { pause } from "./pause.ts";
import { signalOf } from "./told.ts";

/** What an owner sent before its lease was over is stored by then, or never: a refusal of the same command counts only after it. */
export const ON_ITS_WAY_MAX_MS = 10_000;
/** A worker that ends need not wait for longer. */
const WAIT_STEP_MS = 500;

export class Payer {
  readonly #context: PartitionContext;
  readonly #running = new Map<string, number>();

  constructor(context: PartitionContext) {
    this.#context = context;
  }

  /** Target commands on their way, by type of schedule. */
  get running(): ReadonlyMap<string, number> {
    return this.#running;
  }

  /** Begins to pay everything that is owed and not being paid yet. `ageMs`: since when the state is stored, after a takeover. */
  pay(held: Held, ageMs = 0): void {
    for (const owed of held.unpaid()) this.#begin(held, owed, this.#ageOf(owed, ageMs));
  }

  #begin(held: Held, owed: Owed, ageMs: number): void {
    const id = owedId(owed);
    const type = isDispatch(owed) ? (held.schedule?.record.effective.trigger.type ?? null) : null;
    const ended = (over: boolean): void => {
      this.#count(type, -1);
      held.payments.delete(id);
      if (!over) this.pay(held, ageMs);
      this.#context.rearm(held);
    };
    this.#count(type, 1);
    held.payments.add(
      id,
      this.#payOne(held, owed, ageMs).then(ended, (error: unknown) => {
        this.#context.fault(error);
        ended(true);
      }),
    );
  }

  /** It may have been sent when it was promised, however often the state has been stored since. */
  #ageOf(owed: Owed, storedMs: number): number {
    if (storedMs === 0) return 0;
    const promisedAt = owed.kind === "dispatch" ? owed.claimedAt : owed.at;
    return Math.max(storedMs, this.#context.serverNow() - promisedAt);
  }

  /** False: it is still owed, since what became of it could not be stored. */
  #payOne(held: Held, owed: Owed, ageMs: number): Promise<boolean> {
    switch (owed.kind) {
      case "dispatch":
        return this.#payDispatch(held, owed, ageMs);
      case "announcement":
        return this.#payAnnouncement(held, owed, ageMs);
      case "letter":
        return this.#payLetter(held, owed, ageMs);
    }
  }

  #payDispatch(held: Held, dispatch: Dispatch, ageMs: number): Promise<boolean> {
    const record = recordIn(held, dispatch.revision);
    return record === null || ageMs > 0
      ? this.#payDoubtful(held, dispatch, ageMs)
      : this.#fire(held, record, dispatch, ageMs);
  }

  /** Of an older definition, or after a takeover. */
  async #payDoubtful(held: Held, dispatch: Dispatch, ageMs: number): Promise<boolean> {
    const record = await this.#recordOf(held, dispatch.revision);
    if (record === null) {
      return this.#refused(held, dispatch, {
        reason: "definition_unavailable",
        message: `revision ${dispatch.revision} of the definition is no longer stored`,
      });
    }
    if (ageMs > 0 && (await this.#isTold(record, dispatch, ageMs, "past_window"))) {
      return this.#settledAsTold(held, dispatch);
    }
    return this.#fire(held, record, dispatch, ageMs, ageMs > 0);
  }

  /** Null: it is no target command. */
  #count(type: string | null, by: number): void {
    if (type !== null) this.#running.set(type, (this.#running.get(type) ?? 0) + by);
  }

  /** `early`: what an older term sent may still be on its way. */
  #fire(
    held: Held,
    record: DefinitionRecord,
    dispatch: Dispatch,
    ageMs: number,
    early = false,
  ): Promise<boolean> {
    const firedAt = this.#context.clock.now();
    return this.#deliver(record, dispatch, ageMs).then((delivery) =>
      delivery.kind === "refused"
        ? this.#notFired(held, record, dispatch, { refusal: delivery, ageMs, early })
        : this.#fired(held, record, dispatch, { delivered: delivery.delivered, firedAt, ageMs }),
    );
  }

  #deliver(record: DefinitionRecord, dispatch: Dispatch, ageMs: number): Promise<Delivery> {
    const { courier } = this.#context;
    const parcel = this.#parcel(() => targetMessage(record, dispatch), dispatch.claimedAt, ageMs);
    return record.effective.target.delivery === "core"
      ? courier.deliverCore(parcel)
      : courier.deliver(parcel);
  }

  async #notFired(
    held: Held,
    record: DefinitionRecord,
    dispatch: Dispatch,
    { refusal: { reason, message }, ageMs, early }: { refusal: Refusal; ageMs: number; early: boolean },
  ): Promise<boolean> {
    if (ageMs > 0 && (await this.#isTold(record, dispatch, ageMs, "always"))) {
      return this.#settledAsTold(held, dispatch);
    }
    if (!early) return this.#refused(held, dispatch, { reason, message });
    for (let waitedMs = 0; waitedMs < ON_ITS_WAY_MAX_MS; waitedMs += WAIT_STEP_MS) {
      await pause(this.#context.clock, WAIT_STEP_MS);
      this.#context.assertSpeaking();
    }
    return this.#fire(held, record, dispatch, ageMs + ON_ITS_WAY_MAX_MS);
  }

  #fired(
    held: Held,
    record: DefinitionRecord,
    dispatch: Dispatch,
    { delivered, firedAt, ageMs }: { delivered: Delivered; firedAt: EpochMs; ageMs: number },
  ): Promise<boolean> {
    // The command's place in its lane is free, and others may wait for it.
    this.#context.windows.admit();
    const settledAt = this.#context.clock.now();
    const event = dispatchedEvent(record, dispatch, { firedAt, settledAt, delivered });
    return this.announce(record, event, ageMs).then(() => {
      this.#tellFired(record, dispatch, { firedAt, settledAt, delivered });
      held.mend((state) => settleDelivered(state, dispatch, firedAt));
      return this.#context.conclude(held)?.then(() => true) ?? true;
    });
  }

  /**
   * After a takeover: the event was published before the crash, so the command was too. Within half of the window of its stream that need
   * not be known, as long as the target takes the command again.
   */
  async #isTold(
    record: DefinitionRecord,
    dispatch: Dispatch,
    ageMs: number,
    when: "past_window" | "always",
  ): Promise<boolean> {
    const { courier, finder, names } = this.#context;
    const event = dispatchedEvent(record, dispatch, { firedAt: 0, settledAt: 0, delivered: {} });
    const message = () => eventMessage(names, record, event, null);
    const facts = await finder.streamOf(message().subject);
    if (facts === null) return false;
    if (when === "past_window" && ageMs <= facts.duplicateWindowMs / 2) return false;
    return (await courier.search(this.#parcel(message, dispatch.claimedAt, ageMs), facts)).sequence !== null;
  }

  #settledAsTold(held: Held, dispatch: Dispatch): true {
    held.mend((state) => settleDelivered(state, dispatch, dispatch.claimedAt));
    return true;
  }

  #refused(held: Held, dispatch: Dispatch, refusal: Refusal): Promise<boolean> {
    const { clock, change } = this.#context;
    return change(held, (schedule) => settleRefused(schedule, dispatch, refusal, clock.now()));
  }

  async #payAnnouncement(held: Held, announcement: Announcement, ageMs: number): Promise<boolean> {
    const record = held.schedule?.record ?? null;
    if (record === null) return true;
    await this.announce(record, announcement, ageMs);
    const signal = signalOf(record, announcement);
    if (signal !== null) this.#context.tell(signal);
    held.mend((state) => strike(state, announcement));
    return true;
  }

  /** Resolves when the event is stored. `ageMs`: how long ago it may have been sent first. */
  announce(record: DefinitionRecord, announcement: Announcement, ageMs: number): Promise<void> {
    const { names, courier } = this.#context;
    const carries = announcement.definition && announcement.data["version"] === record.version;
    const message = () => eventMessage(names, record, announcement, carries ? record : null);
    const parcel = this.#parcel(message, announcement.at, ageMs);
    if (!announcement.definition) return courier.report(parcel);
    const brief = () => eventMessage(names, record, inBrief(announcement), null);
    return courier.report({ ...parcel, brief });
  }

  async #payLetter(held: Held, letter: Letter, ageMs: number): Promise<boolean> {
    const record = await this.#recordOf(held, letter.dispatch.revision);
    if (record !== null) {
      const message = () => deadLetter(this.#context.names, record, letter);
      await this.#context.courier.report(this.#parcel(message, letter.at, ageMs));
      this.#context.tell({
        kind: "execution.dead_lettered",
        where: record,
        executionId: letter.dispatch.executionId,
      });
    }
    held.mend((state) => strike(state, letter));
    return true;
  }

  async #recordOf(held: Held, revision: number): Promise<DefinitionRecord | null> {
    return recordIn(held, revision) ?? this.#context.records.definitionAt(held.key, revision);
  }

  #parcel(message: Parcel["message"], promisedAt: number, ageMs: number): Parcel {
    // A clock that was ahead may have dated it later than it can have been.
    const { guard, serverNow } = this.#context;
    return { message, promisedAt: Math.min(promisedAt, serverNow() - ageMs), ageMs, guard };
  }

  #tellFired(
    record: DefinitionRecord,
    dispatch: Dispatch,
    { firedAt, settledAt, delivered }: { firedAt: EpochMs; settledAt: EpochMs; delivered: Delivered },
  ): void {
    this.#context.tell({
      kind: "execution.fired",
      where: record,
      executionId: dispatch.executionId,
      scheduleType: record.effective.trigger.type,
      attempt: dispatch.attempt,
      lagMs: Math.max(0, firedAt - dispatch.dueAt),
      durationMs: settledAt - firedAt,
      duplicate: delivered.duplicate === true,
    });
  }
}

/** Null: it holds another revision of the definition, or none. */
const recordIn = ({ schedule }: Held, revision: number): DefinitionRecord | null =>
  schedule !== null && schedule.state.revision === revision ? schedule.record : null;
