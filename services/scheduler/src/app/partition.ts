/**
 * The loop of one partition, and the one writer of its schedules. Two inputs, commands and the clock; each schedule takes its turns alone.
 * The pass over what is due is bounded, and called by one alarm.
 */

import type { Suspect } from "@carillon/contracts";
import { senderOf } from "../domain/command.ts";
import type { EpochMs } from "../domain/instant.ts";
import { earliest, type Schedule } from "../domain/schedule.ts";
import { Alarm } from "./alarm.ts";
import type { Census } from "./census.ts";
import { Claimer } from "./claimer.ts";
import { Commander } from "./commander.ts";
import { Committer } from "./committer.ts";
import { Gate } from "./gate.ts";
import { Held } from "./held.ts";
import { InboxQueue } from "./inbox-queue.ts";
import { OwnChanges } from "./own-changes.ts";
import type { PartitionContext, WorkerContext } from "./partition-context.ts";
import { within } from "./pause.ts";
import { Payer } from "./payer.ts";
import { Abandoned, type Guard, type InboxMessage, type InboxReader } from "./ports.ts";
import type { RecordFault } from "./records.ts";
import { Refuser } from "./refuser.ts";
import type { ServerClock } from "./server-clock.ts";
import { SetAsides } from "./set-asides.ts";
import { Upkeep } from "./upkeep.ts";

/** A planned end waits so long for commands that were begun; the rest is delivered again to the next owner. */
export const DRAIN_COMMANDS_MS = 2_000;

/** A planned end waits so long for targets; the rest is owed, and the next owner pays it. */
export const DRAIN_TARGETS_MS = 300;

/** A schedule's clock waits so long for the target commands of the term before; a target that takes longer gets them out of order. */
const REPAIR_WAIT_MS = 300;

export interface PartitionParts {
  partition: number;
  term: number;
  /** Believed only while this is true. */
  guard: Guard;
  serverNow: ServerClock;
  inbox: string;
  /** Of the partition, and with partition 0 that of what fits no form. */
  readers: readonly InboxReader[];
  suspect: Suspect | null;
  note(suspect: Suspect | null): Promise<void>;
  census: Census;
  /** The partition cannot go on; called once. */
  ended(error: unknown): void;
}

interface Address {
  key: string;
  tenant: string;
  scheduleId: string;
}

export class Partition {
  readonly #context: PartitionContext;
  readonly #parts: PartitionParts;
  readonly #held = new Map<string, Held>();
  readonly #committer: Committer;
  readonly #payer: Payer;
  readonly #changes: OwnChanges;
  readonly #claimer: Claimer;
  readonly #gate: Gate;
  readonly #commander: Commander;
  readonly #upkeep: Upkeep;
  readonly #setAsides: SetAsides;
  readonly #queues: readonly InboxQueue[];
  readonly #alarm: Alarm;
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
      fault: this.#context.fault,
    });
    this.#claimer = new Claimer(this.#context, {
      committer: this.#committer,
      payer: this.#payer,
      forget: (held) => this.#forget(held),
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
      conclude: (held, at) => this.#changes.conclude(held, at),
      rearm: (held) => this.#rearm(held),
      assertSpeaking: () => {
        if (!guard()) throw new Abandoned("the lease is over");
      },
    };
  }

  /** What fits no form is refused without a look at any schedule, so it need not be noted. */
  #queueOf(reader: InboxReader, formed: boolean): InboxQueue {
    const { inbox } = this.#parts;
    const suspect = formed ? this.#parts.suspect : null;
    const note = formed ? this.#parts.note : async () => {};
    return new InboxQueue({
      reader,
      inbox,
      suspect,
      note,
      handle: (message, poisonous, stillWanted) => this.#handle(message, poisonous, stillWanted),
      forgotten: () => this.#gate.wake(),
      fault: (error) => this.#fault(error),
    });
  }

  /** During loading: a schedule as it is stored. */
  add(address: Address, schedule: Schedule, revision: number): Held {
    const held = new Held(address);
    held.adopt(schedule, revision);
    this.#held.set(held.key, held);
    return held;
  }

  /** During loading: a schedule of which something cannot be read. Tells in its own time. */
  setAside(address: Address, fault: RecordFault, revision: number): void {
    const held = new Held(address);
    held.adopt(null, revision, true);
    this.#held.set(held.key, held);
    this.#setAsides.tell(held, fault);
  }

  /** Repairs what is owed, then takes inputs and minds the clock. `ageMs`: since when a state has been stored. */
  open(ageMs: (held: Held) => number): void {
    if (this.#state !== "loading") return;
    this.#state = "open";
    for (const held of this.#held.values()) {
      this.#payer.pay(held, ageMs(held));
      this.#rearmRepaired(held);
      this.#changes.disableBroken(held).catch(this.#context.fault);
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
    const worked = [...this.#held.values()].filter((held) => held.worked);
    await within(clock, DRAIN_COMMANDS_MS, Promise.all(worked.map((held) => held.settled())));
    const payments = worked.flatMap((held) => [...held.payments.values()]);
    await within(clock, DRAIN_TARGETS_MS, Promise.all(payments));
    await this.#upkeep.flush().catch((error: unknown) => this.#fault(error));
    this.end();
  }

  /** At once: nothing more is said. */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#alarm.stop();
    for (const held of this.#held.values()) this.#parts.census.remove(held);
    for (const queue of this.#queues) void queue.close();
  }

  get partition(): number {
    return this.#parts.partition;
  }

  /** Schedules, deleted ones included whose memory is kept. */
  get size(): number {
    return this.#held.size;
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
    return this.#held.values();
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
    const { tenant, scheduleId } = senderOf(this.#commander.envelope(message), names);
    const key = names.keys.schedule.build({ partition: this.#parts.partition, tenant, scheduleId });
    const held = this.#held.get(key) ?? new Held({ key, tenant });
    this.#held.set(key, held);
    const wanted = (): boolean => stillWanted() && this.#state === "open";
    await this.#commander.handle(held, message, { poisonous, wanted });
    this.#rearm(held);
    if (held.idle && held.revision === 0) this.#forget(held);
  }

  #count(held: Held): void {
    if (this.#state !== "ended") this.#parts.census.note(held);
  }

  #rearm(held: Held): void {
    if (this.#state === "ended") return;
    this.#count(held);
    this.#upkeep.note(held);
    this.#claimer.rearm(held);
    if (this.#changes.mayConclude(held))
      this.#changes.conclude(held, this.#context.clock.now()).catch(this.#context.fault);
    this.#arm();
  }

  #arm(): void {
    if (this.#state === "open") this.#alarm.set(earliest(this.#claimer.nextAt(), this.#upkeep.nextAt()));
  }

  #pass(): void {
    if (this.#state !== "open") return;
    if (!this.#context.guard()) this.#fault(new Abandoned("the lease is over"));
    else if (!this.#claimer.pass()) this.#upkeep.pass();
    this.#arm();
  }

  #forget(held: Held): void {
    if (this.#held.get(held.key) === held) this.#held.delete(held.key);
    this.#parts.census.remove(held);
  }

  #fault(error: unknown): void {
    if (this.#state === "ended") return;
    this.end();
    this.#parts.ended(error);
  }
}
