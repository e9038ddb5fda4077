/**
 * The loop of one partition, and the one writer of its schedules. Two inputs, commands and the clock; each schedule takes its turns alone.
 * The pass over what is due is bounded, and called by one alarm.
 */

import type { EpochMs } from "../domain/instant.ts";
import { earliest } from "../domain/schedule.ts";
import { Alarm } from "./alarm.ts";
import type { Census } from "./census.ts";
import { Claimer } from "./claimer.ts";
import { Commander } from "./commander.ts";
import { Committer } from "./committer.ts";
import { Gate } from "./gate.ts";
import type { Held } from "./held.ts";
import { InboxQueue } from "./inbox-queue.ts";
import { oncePerTurn } from "./once-per-turn.ts";
import { OwnChanges } from "./own-changes.ts";
import type { PartitionContext, WorkerContext } from "./partition-context.ts";
import { within } from "./pause.ts";
import { Payer } from "./payer.ts";
import { Abandoned, type Guard, type InboxMessage, type InboxReader } from "./ports.ts";
import { Refuser } from "./refuser.ts";
import type { ServerClock } from "./server-clock.ts";
import { SetAsides } from "./set-asides.ts";
import { Shelf } from "./shelf.ts";
import type { Term } from "./terms.ts";
import { Upkeep } from "./upkeep.ts";
import { Warmer } from "./warmer.ts";

/** A planned end waits so long for commands that were begun; the rest is delivered again to the next owner. */
export const DRAIN_COMMANDS_MS = 2_000;

/** A planned end waits so long for targets; the rest is owed, and the next owner pays it. */
export const DRAIN_TARGETS_MS = 300;

/** A schedule's clock waits so long for the target commands of the term before; a target that takes longer gets them out of order. */
const REPAIR_WAIT_MS = 300;

export interface PartitionParts extends Term {
  partition: number;
  /** Believed only while this is true. */
  guard: Guard;
  serverNow: ServerClock;
  inbox: string;
  /** Of the partition, and with partition 0 that of what fits no form. */
  readers: readonly InboxReader[];
  census: Census;
  /** The partition cannot go on; called once. */
  ended(error: unknown): void;
}

export class Partition {
  readonly #context: PartitionContext;
  readonly #parts: PartitionParts;
  /** What is held. During loading others fill it. */
  readonly shelf: Shelf;
  readonly #committer: Committer;
  readonly #payer: Payer;
  readonly #changes: OwnChanges;
  readonly #claimer: Claimer;
  readonly #gate: Gate;
  readonly #commander: Commander;
  readonly #upkeep: Upkeep;
  readonly #setAsides: SetAsides;
  readonly #warmer: Warmer;
  readonly #queues: readonly InboxQueue[];
  readonly #alarm: Alarm;
  readonly #armSoon = oncePerTurn(() => this.#arm());
  #state: "loading" | "open" | "closing" | "ended" = "loading";

  constructor(worker: WorkerContext, parts: PartitionParts) {
    const { term } = parts;
    this.#parts = parts;
    this.#context = this.#contextOf(worker);
    const { guard, store, records, clock } = this.#context;
    this.#setAsides = new SetAsides(this.#context);
    this.#committer = new Committer({
      store,
      records,
      term,
      guard,
      spare: () => this.#context.ground.spare(),
      note: (held) => this.#count(held),
      setAside: (held, fault) => this.#setAsides.tell(held, fault),
    });
    this.#payer = new Payer(this.#context);
    this.#changes = new OwnChanges({
      ...this.#context,
      committer: this.#committer,
      pay: (held) => this.#payer.pay(held),
      rearm: (held) => this.#rearm(held),
    });
    this.#alarm = new Alarm(clock, () => this.#pass());
    this.#upkeep = new Upkeep({
      clock,
      committer: this.#committer,
      pay: (held) => this.#payer.pay(held),
      rearm: (held) => this.#rearm(held),
      fault: this.#context.fault,
    });
    this.#warmer = new Warmer(this.#context, {
      committer: this.#committer,
      pay: (held, ageMs) => this.#payer.pay(held, ageMs),
      disableBroken: (held) => this.#changes.disableBroken(held),
      setAside: (held, fault) => this.#setAsides.tell(held, fault),
      mayCool: (held) => this.#claimer.mayCool(held),
    });
    this.#claimer = new Claimer(this.#context, {
      committer: this.#committer,
      payer: this.#payer,
      warmer: this.#warmer,
      forget: (held) => this.shelf.forget(held),
      turn: (lane) => this.#act(() => this.#claimer.unpark(lane)),
    });
    const refuser = new Refuser(worker, guard);
    this.#gate = new Gate(worker);
    this.#commander = new Commander(this.#context, {
      committer: this.#committer,
      payer: this.#payer,
      refuser,
      gate: this.#gate,
      inbox: parts.inbox,
    });
    this.shelf = new Shelf({
      census: parts.census,
      warmSet: worker.warmSet,
      warm: this.#warmer.warmOne,
      expect: (held, at) => this.#claimer.expect(held, at),
      setAside: (held, fault) => this.#setAsides.tell(held, fault),
    });
    this.#queues = parts.readers.map((reader, index) => this.#queueOf(reader, index === 0));
  }

  #contextOf(worker: WorkerContext): PartitionContext {
    const guard: Guard = () => this.#state !== "ended" && this.#parts.guard();
    return {
      ...worker,
      guard,
      serverNow: this.#parts.serverNow,
      fault: (error) => this.#fault(error),
      change: (held, change) => this.#changes.change(held, change),
      conclude: (held) => this.#changes.conclude(held),
      rearm: (held) => this.#rearm(held),
      assertSpeaking: () => {
        if (!guard()) throw new Abandoned("the lease is over");
      },
    };
  }

  /** What fits no form is refused without a look at any schedule, so it need not be noted. */
  #queueOf(reader: InboxReader, formed: boolean): InboxQueue {
    const { inbox, judge } = this.#parts;
    const suspect = formed ? this.#parts.suspect : null;
    const note = formed ? this.#parts.note : async () => {};
    return new InboxQueue({
      reader,
      inbox,
      suspect,
      judge,
      note,
      handle: (message, poisonous, stillWanted) => this.#handle(message, poisonous, stillWanted),
      forgotten: () => this.#gate.wake(),
      fault: (error) => this.#fault(error),
    });
  }

  /** Repairs what is owed, then takes inputs and minds the clock. `ageMs`: since when a state has been stored. */
  open(ageMs: (held: Held) => number): void {
    if (this.#state !== "loading") return;
    this.#state = "open";
    for (const held of this.shelf.values()) {
      if (held.cold) continue;
      this.#payer.pay(held, ageMs(held));
      this.#rearmRepaired(held);
      if (held.schedule?.timeline.fault)
        held.take(() => this.#changes.disableBroken(held)).catch(this.#context.fault);
    }
    for (const queue of this.#queues) queue.open();
    this.#arm();
  }

  /** What was claimed before the takeover goes out before what is due by now. */
  #rearmRepaired(held: Held): void {
    const owed = held.dispatchesInFlight();
    this.#parts.census.note(held);
    if (owed.length === 0) this.#rearm(held);
    else void within(this.#context.clock, REPAIR_WAIT_MS, Promise.all(owed)).then(() => this.#rearm(held));
  }

  /** A planned end: no input, what is in flight ends, everything is stored. */
  async close(): Promise<void> {
    if (this.#state !== "open") return this.end();
    this.#state = "closing";
    this.#alarm.stop();
    const { clock } = this.#context;
    await within(clock, DRAIN_COMMANDS_MS, Promise.all(this.#queues.map((queue) => queue.close())));
    const worked = [...this.shelf.values()].filter((held) => held.worked);
    await within(clock, DRAIN_COMMANDS_MS, Promise.all(worked.map((held) => held.settled())));
    const payments = worked.flatMap((held) => held.payments.all());
    await within(clock, DRAIN_TARGETS_MS, Promise.all(payments));
    await this.#upkeep.flush().catch((error: unknown) => this.#fault(error));
    this.end();
  }

  /** At once: nothing more is said. */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#alarm.stop();
    this.shelf.clear();
    for (const queue of this.#queues) void queue.close();
  }

  get partition(): number {
    return this.#parts.partition;
  }

  get term(): number {
    return this.#parts.term;
  }

  /** What is held is what counts: the partition was taken over, and its term is believed in. */
  get speaking(): boolean {
    return this.#state !== "loading" && this.#context.guard();
  }

  /** In no order; one that is being made may have no schedule yet. */
  schedules(): Iterable<Held> {
    return this.shelf.values();
  }

  /** Of one that is held here: when the clock looks at it next; null: not at all, as far as is known. */
  wakesAt(held: Held): EpochMs | null {
    return this.#claimer.wakesAt(held);
  }

  gauges(now: EpochMs): { backlog: number; nextAt: EpochMs | null; running: ReadonlyMap<string, number> } {
    return {
      backlog: this.#claimer.backlog(now),
      nextAt: this.#claimer.dueAt(),
      running: this.#payer.running,
    };
  }

  async #handle(message: InboxMessage, poisonous: boolean, stillWanted: () => boolean): Promise<void> {
    const { names } = this.#context;
    const sender = this.#commander.sender(message);
    const { tenant, scheduleId } = sender;
    const key = names.keys.schedule.build({ partition: this.#parts.partition, tenant, scheduleId });
    const held = this.shelf.at({ key, tenant });
    const wanted = (): boolean => stillWanted() && this.#state === "open";
    await this.#commander.handle(held, message, sender, { poisonous, wanted });
    this.#rearm(held);
    if (held.idle && held.revision === 0) this.shelf.forget(held);
  }

  #count(held: Held): void {
    if (this.#state !== "ended") this.#parts.census.note(held);
  }

  #rearm(held: Held): void {
    if (this.#state === "ended") return;
    this.#count(held);
    this.#upkeep.note(held);
    this.#claimer.rearm(held);
    this.#changes.conclude(held)?.catch(this.#context.fault);
    this.#warmer.rest(held);
    this.#context.windows.admit();
    this.#armSoon();
  }

  #arm(): void {
    if (this.#state !== "open") return;
    this.#alarm.set(earliest(this.#claimer.nextAt(), this.#upkeep.nextAt(this.#claimer.crowded)));
  }

  #pass(): void {
    this.#context.windows.admit();
    this.#act(() => {
      if (!this.#claimer.pass()) this.#upkeep.pass(this.#claimer.crowded);
    });
  }

  #act(act: () => void): void {
    if (this.#state !== "open") return;
    if (this.#context.guard()) act();
    else this.#fault(new Abandoned("the lease is over"));
    this.#arm();
  }

  #fault(error: unknown): void {
    if (this.#state === "ended") return;
    this.end();
    this.#parts.ended(error);
  }
}
