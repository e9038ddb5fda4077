/**
 * The inbox's side of a partition: commands of one schedule one at a time, in the order of the stream; those of different schedules side by
 * side. A command is confirmed to the inbox only after its event has been stored, so whatever a crash interrupts comes again, and the
 * schedule's memory makes the repeat harmless.
 */

import {
  type Announcement,
  CONTROL_HEADERS,
  type ErrorBody,
  type ErrorReply,
  type OkReply,
} from "@carillon/contracts";
import {
  type Command,
  controlText,
  type Envelope,
  readCommand,
  type Sender,
  senderOf,
} from "../domain/command.ts";
import { type Decision, decide } from "../domain/decide.ts";
import { entrust, entrustedTo } from "../domain/entrusted.ts";
import type { EpochMs } from "../domain/instant.ts";
import { type Identity, recall } from "../domain/memory.ts";
import { reject, rejectAt } from "../domain/rejection.ts";
import type { Schedule } from "../domain/schedule.ts";
import { wordedViewOf } from "../domain/view.ts";
import { warningsOf } from "../domain/warnings.ts";
import type { Committer } from "./committer.ts";
import type { Gate } from "./gate.ts";
import type { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import { pause, within } from "./pause.ts";
import type { Payer } from "./payer.ts";
import type { InboxMessage } from "./ports.ts";
import type { Refuser } from "./refuser.ts";

/** An acknowledged pause or deletion waits so long for target commands on their way; what is later is owed, and known to be. */
export const IN_FLIGHT_WAIT_MS = 300;

interface Decided {
  readonly decision: Decision;
  /** To be told before the command is confirmed, and not listed in the state. */
  readonly event: Announcement | null;
}

type Judged =
  | ({ readonly ok: true; readonly command: Command } & Decided)
  | { readonly ok: false; readonly error: ErrorBody };

const DONE = Promise.resolve();
const STALE: Decision = { kind: "stale" };

const untold = (decision: Decision): Decided => ({ decision, event: null });

/** The server's clock as two workers know it differs by less than this. */
const SKEW_MAX_MS = 1_000;

/** Whoever says when a schedule fires is warned of what that means. */
const DEFINING_VERBS: ReadonlySet<string> = new Set(["create", "apply", "update"]);

const QUIETING_VERBS: ReadonlySet<string> = new Set(["pause", "delete"]);

export class Commander {
  readonly #context: PartitionContext;
  readonly #committer: Committer;
  readonly #payer: Payer;
  readonly #refuser: Refuser;
  readonly #gate: Gate;
  readonly #inbox: string;
  /** What was stored earlier may have been delivered to an owner before. */
  readonly #since: EpochMs;

  constructor(
    context: PartitionContext,
    parts: { committer: Committer; payer: Payer; refuser: Refuser; gate: Gate; inbox: string },
  ) {
    this.#context = context;
    this.#committer = parts.committer;
    this.#payer = parts.payer;
    this.#refuser = parts.refuser;
    this.#gate = parts.gate;
    this.#inbox = parts.inbox;
    this.#since = context.serverNow();
  }

  #envelope(message: InboxMessage): Envelope {
    const { subject, data, sequence, storedAt } = message;
    return { subject, data, sequence, storedAt, inbox: this.#inbox, header: (name) => message.header(name) };
  }

  sender(message: InboxMessage): Sender {
    return senderOf(this.#envelope(message), this.#context.names);
  }

  /**
   * Resolves once the command is confirmed to the inbox, or is no longer `wanted`, since it will be delivered again. `poisonous`: it ended
   * an earlier worker.
   */
  handle(
    held: Held,
    message: InboxMessage,
    sender: Sender,
    { poisonous, wanted }: { poisonous: boolean; wanted(): boolean },
  ): Promise<void> {
    const awaited = message.header(CONTROL_HEADERS.commandId) !== null;
    const { sequence } = message;
    const entry = this.#gate.enter(sender, this.#context.rules().tenants, { sequence, awaited });
    if (entry.kind === "refused") {
      // Were a later command applied first, this one would count as settled when it is delivered again.
      const refused = this.#refuseAtOnce(held, message, sender, entry.error);
      held.precede(refused);
      return refused;
    }
    const turn = () => (wanted() ? this.#handle(held, message, sender, poisonous) : DONE);
    return held
      .queue(() => entry.pass(wanted).then(() => held.take(turn)))
      .finally(() => this.#gate.leave(sequence));
  }

  /** What follows from it may wait for targets, and keeps nobody's turn. Many wait for theirs, and an async function that waits is dear. */
  #handle(held: Held, message: InboxMessage, sender: Sender, poisonous: boolean): Promise<void> {
    return this.#context.turns
      .run(() => this.#judge(held, message, sender, poisonous))
      .then((judged) => this.#follow(held, judged, sender, message));
  }

  async #follow(held: Held, judged: Judged, sender: Sender, message: InboxMessage): Promise<void> {
    if (!judged.ok || judged.decision.kind === "repeated") await this.#tellUntold(held, message, sender);
    if (judged.ok) await this.#conclude(held, judged, sender, message);
    else await this.#refuse(sender, judged.error, message);
  }

  /** An owner before this one may have applied it, and left untold what a confirmation would have the inbox forget. */
  async #refuseAtOnce(held: Held, message: InboxMessage, sender: Sender, error: ErrorBody): Promise<void> {
    const known = held.schedule !== null || held.cold;
    if (known && message.storedAt <= this.#since + SKEW_MAX_MS)
      await held.take(() => this.#tellUntold(held, message, sender));
    await this.#refuse(sender, error, message);
  }

  /** In the schedule's turn: what an earlier delivery of this very command was to tell, whatever is made of this one. */
  async #tellUntold(held: Held, message: InboxMessage, { commandId }: Sender): Promise<void> {
    const { schedule } = held;
    if (schedule === null) return;
    const reason = controlText(message.header(CONTROL_HEADERS.reason));
    const identity = { inbox: this.#inbox, sequence: message.sequence, commandId, reason };
    const event = entrustedTo(schedule, identity);
    if (event === null) return;
    await this.#payer.announce(schedule.record, event, Math.max(1, this.#context.serverNow() - event.at));
    this.#context.assertSpeaking();
  }

  async #judge(held: Held, message: InboxMessage, sender: Sender, poisonous: boolean): Promise<Judged> {
    const envelope = this.#envelope(message);
    // Before anything reads its body, since reading may be what ended the workers.
    if (poisonous && isNew(held, { ...envelope, commandId: sender.commandId }))
      return { ok: false, error: poisonError() };
    const read = readCommand(envelope, sender, {
      names: this.#context.names,
      tenants: this.#context.rules().tenants,
    });
    if (!read.ok) return read;
    if (held.setAside) return { ok: false, error: unreadableError() };
    return { ok: true, command: read.value, ...(await this.#decideAndCommit(held, read.value)) };
  }

  /** The decision that was committed, or that needed no commit. */
  async #decideAndCommit(held: Held, command: Command): Promise<Decided> {
    const { clock, rules } = this.#context;
    const judge = (schedule: Schedule | null) => decide(schedule, command, rules());
    if (command.dryRun) return untold(await this.#rehearse(held.schedule, judge));
    for (;;) {
      let decided = untold(STALE);
      const committed = await this.#committer.commit(held, (schedule) => {
        const decision = judge(schedule);
        decided = untold(decision);
        // At once: what is struck from now on must be struck from this.
        if (decision.kind === "waiving") held.foresee(decision.state);
        if (decision.kind !== "accepted") return null;
        const left = entrust(decision.schedule, command);
        decided = { decision, event: left.event };
        return { schedule: left.schedule, redefined: decision.redefined };
      });
      if (committed.kind === "too_large") return untold({ kind: "rejected", error: tooLargeError() });
      if (committed.kind === "refused") {
        const { error } = reject("storage_full", `not stored: ${committed.description}`);
        return untold({ kind: "rejected", error });
      }
      if (decided.decision.kind !== "waiving") return decided;
      await pause(clock, 0);
    }
  }

  /** Decides to the end, and keeps nothing. */
  async #rehearse(
    current: Schedule | null,
    judge: (schedule: Schedule | null) => Decision,
  ): Promise<Decision> {
    let schedule = current;
    for (;;) {
      const decision = judge(schedule);
      if (schedule === null || decision.kind !== "waiving") return decision;
      schedule = { ...schedule, state: decision.state };
      await pause(this.#context.clock, 0);
    }
  }

  async #conclude(
    held: Held,
    { command, decision, event }: Extract<Judged, { ok: true }>,
    sender: Sender,
    message: InboxMessage,
  ): Promise<void> {
    if (decision.kind === "rejected") {
      if (command.dryRun) return this.#answer(sender, { ok: false, error: decision.error }, message);
      return this.#refuse(sender, decision.error, message);
    }
    if (decision.kind === "stale" || decision.kind === "waiving") return message.ack();
    if (event !== null) await this.#payer.announce(decision.schedule.record, event, 0);
    if (decision.kind === "repeated" || !command.dryRun) {
      this.#payer.pay(held);
      await this.#announced(held, command);
    }
    if (QUIETING_VERBS.has(command.verb)) {
      await within(this.#context.clock, IN_FLIGHT_WAIT_MS, Promise.all(held.dispatchesInFlight()));
    }
    this.#tellAccepted(command, decision);
    const { outcome } = decision;
    const executionId = outcome.executionId === undefined ? {} : { executionId: outcome.executionId };
    if (sender.replyTo === null) return message.ack();
    const stored = decision.kind === "accepted" && !command.dryRun ? held.schedule : null;
    const shown = stored ?? decision.schedule;
    const schedule = wordedViewOf(shown, outcome);
    const warnings = DEFINING_VERBS.has(command.verb) ? warningsOf(shown, command.storedAt) : [];
    this.#answer(sender, { ok: true, schedule, ...executionId, warnings }, message);
  }

  /** Waits until the command's event has been stored. */
  async #announced(held: Held, command: Command): Promise<void> {
    const events = (held.schedule?.state.owed ?? []).filter(
      (owed) => owed.kind === "announcement" && owed.data["commandId"] === command.commandId,
    );
    await Promise.all(
      events.flatMap((event) => (event.kind === "announcement" ? (held.payments.get(event.id) ?? []) : [])),
    );
    this.#context.assertSpeaking();
  }

  async #refuse(sender: Sender, error: ErrorBody, message: InboxMessage): Promise<void> {
    this.#gate.refuse(message.sequence, error);
    await this.#refuser.refuse(sender, error, message.storedAt);
    this.#answer(sender, { ok: false, error }, message);
  }

  #answer({ replyTo }: Sender, reply: OkReply | ErrorReply, message: InboxMessage): void {
    if (replyTo !== null) this.#context.publisher.reply(replyTo, JSON.stringify(reply), {});
    message.ack();
  }

  #tellAccepted(command: Command, decision: Extract<Decision, { kind: "accepted" | "repeated" }>): void {
    const accepted = decision.kind === "accepted" && decision.unchanged ? "unchanged" : "accepted";
    const result = command.dryRun ? "dry_run" : decision.kind === "repeated" ? "repeated" : accepted;
    const { tenant, scheduleId, verb, commandId, actor } = command;
    this.#context.tell({
      kind: "command.accepted",
      where: { tenant, scheduleId },
      verb,
      commandId,
      actor,
      result,
    });
  }
}

/** A command that was applied before is only answered again, which harms nobody. */
const isNew = ({ schedule }: Held, command: Identity): boolean =>
  schedule === null || recall(schedule.state.memory, command).kind === "new";

const tooLargeError = (): ErrorBody =>
  rejectAt(
    "payload_too_large",
    "",
    "the definition is longer than NATS takes in one message, beside its defaults (max_payload)",
  ).error;

const poisonError = (): ErrorBody =>
  reject("internal_error", "handling this command ended a worker twice; it was not applied").error;

const unreadableError = (): ErrorBody =>
  reject("definition_unavailable", "what is stored for this schedule cannot be read; it is left alone").error;
