/**
 * Gives an installation another number of partitions while no worker lives. What is old stays until everything is stored anew, and every
 * phase can be begun again, so the process may end at any point: whoever runs it again goes on.
 *
 *   (mark) → copying: schedules under new keys ──► moving: the inbox is closed, its commands get new partitions
 *                │ --to <the old number>                    │
 *                ▼                                          ▼
 *            as before                                  clearing: old commands and keys go, terms are raised,
 *                                                       the inbox opens, the record names the new number
 */

import type { StreamInfo } from "@nats-io/jetstream";
import { pause } from "../../../app/pause.ts";
import type { Renumbering } from "../../../domain/repartition.ts";
import { type Change, changing, type InstallationRecord } from "../installation.ts";
import { alone, livingWorkers } from "./alone.ts";
import { copyPartition, goalOf } from "./copying.ts";
import { RepartitionRefused, type Step, type StepDeps } from "./deps.ts";
import { Mark } from "./mark.ts";
import { closeInbox, inboxInfo, moveCommands, openInbox, removeOriginals } from "./moving.ts";
import { removeAll } from "./removing.ts";
import { having, type Survey, survey } from "./survey.ts";
import { writeTerms } from "./terms.ts";

export interface Wish {
  to: number;
  /** Time to live of workers' heartbeats and leases, ms. */
  leaseTtlMs: number;
  /** Says what would be done, and writes nothing. */
  dryRun: boolean;
}

/** Of the signs of life that a refusal names. */
const SHOWN_MAX = 5;

/** Its own lease lives so many times longer than a worker's: nobody waits for it, and a busy machine must not end a long run. */
const LEASE_TTLS = 3;

/** Throws RepartitionRefused with a line that says what to do; Abandoned when somebody else took over. */
export async function repartition(deps: Omit<StepDeps, "guard">, wish: Wish): Promise<void> {
  const mark = await Mark.read({ ...deps, guard: () => true });
  const { partitions: from, change } = mark.record;
  const { to } = wish;
  if (change === undefined && to === from) return deps.say(`there are ${to} partitions already`);
  const givesUp = change?.phase === "copying" && to === from;
  if (change !== undefined && change.to !== to && !givesUp)
    throw new RepartitionRefused(changing(from, change));
  const looking = { ...deps, guard: () => true, change: { from, to: givesUp ? change.to : to } };
  await assertPossible(looking, change);
  if (wish.dryRun) return deps.say("nothing was written");
  await alone(deps, LEASE_TTLS * wish.leaseTtlMs, async (guard) => {
    const step = { ...looking, guard };
    const own = await Mark.read(step);
    if (givesUp) await giveUp(step, own, wish);
    else await new Run(step, own, wish).run();
  });
}

/** Tells what there is to do. */
async function assertPossible(step: Step, change: Change | undefined): Promise<void> {
  const { from, to } = step.change;
  const info = await inboxInfo(step);
  if ((info.config.sources ?? []).length > 0)
    throw new RepartitionRefused(
      `${info.config.name} sources from another stream (SCHEDULER_COMMANDS_FROM), so it cannot be closed while its commands are moved; this version changes the number of partitions only where the inbox captures commands itself`,
    );
  const [definitions, states] = [await survey(step, "schedules"), await survey(step, "state")];
  const old = having("old", states).length;
  const settled = having("settled", states).length;
  step.say(`${from} partitions → ${to}: ${old} schedules change theirs, ${settled} keep it`);
  step.say(`${info.state.messages} unread commands in ${info.config.name}`);
  for (const { key } of [...having("stray", definitions), ...having("stray", states)])
    step.say(`left as it is, since no schedule can have this key: ${key}`);
  if (change !== undefined) return step.say(`begun before, and goes on at: ${change.phase}`);
  for (const one of [definitions, states]) assertFree(step.change, one);
  assertRoom(info);
}

/** A change that has not begun finds nothing under its new keys, and room for everything once more. */
function assertFree({ to }: Renumbering, one: Survey): void {
  const [taken] = having("new", one);
  if (taken !== undefined)
    throw new RepartitionRefused(
      `key ${taken.key} is taken, where a schedule goes with ${to} partitions; no worker reads it now: remove it first`,
    );
  assertRoom(one.info);
}

function assertRoom({ config: { name, max_bytes, max_msgs }, state }: StreamInfo): void {
  const limits = [
    ["bytes", state.bytes, max_bytes],
    ["messages", state.messages, max_msgs],
  ] as const;
  for (const [unit, used, limit] of limits)
    if (limit > 0 && 2 * used > limit)
      throw new RepartitionRefused(
        `${name} holds ${used} ${unit} of at most ${limit}, and everything is stored twice for a while: raise that limit to ${2 * used} first`,
      );
}

async function assertNobody(step: Step, leaseTtlMs: number): Promise<void> {
  const living = await livingWorkers(step, leaseTtlMs);
  if (living.length > 0)
    throw new RepartitionRefused(
      `stop all workers first; there are signs of life: ${living.slice(0, SHOWN_MAX).join(", ")}`,
    );
}

async function giveUp(step: Step, mark: Mark, { leaseTtlMs }: Wish): Promise<void> {
  await assertNobody(step, leaseTtlMs);
  const removed = await removeAll(step, "new");
  const { change: _, ...before } = mark.record;
  await mark.write(before);
  step.say(`given up: ${removed} keys removed, ${before.partitions} partitions as before`);
}

class Run {
  readonly #step: Step;
  readonly #mark: Mark;
  readonly #wish: Wish;

  constructor(step: Step, mark: Mark, wish: Wish) {
    this.#step = step;
    this.#mark = mark;
    this.#wish = wish;
  }

  async run(): Promise<void> {
    if (this.#mark.record.change === undefined) await this.#begin();
    else await assertNobody(this.#step, this.#wish.leaseTtlMs);
    if (this.#change.phase === "copying") await this.#copy();
    if (this.#change.phase === "moving") await this.#move();
    await this.#clear();
  }

  get #change(): Change {
    const { change } = this.#mark.record;
    if (change === undefined) throw new RepartitionRefused("the change was given up meanwhile");
    return change;
  }

  #note(change: Change): Promise<void> {
    return this.#mark.write({ ...this.#mark.record, change });
  }

  /** Looks for workers before and after the mark: one that saw no mark had its heartbeat or lease before it. */
  async #begin(): Promise<void> {
    const { leaseTtlMs, to } = this.#wish;
    const before: InstallationRecord = this.#mark.record;
    await assertNobody(this.#step, leaseTtlMs);
    await this.#note({ to, phase: "copying" });
    try {
      // Leases in Redis are not seen from here; heartbeats are, within a time to live.
      if (before.leases === "redis") await pause(this.#step.clock, leaseTtlMs);
      await assertNobody(this.#step, leaseTtlMs);
    } catch (error) {
      await this.#mark.write(before);
      throw error;
    }
  }

  async #copy(): Promise<void> {
    const step = this.#step;
    const removed = await removeAll(step, "new");
    if (removed > 0) step.say(`${removed} keys of an earlier run removed`);
    const before = [await survey(step, "schedules"), await survey(step, "state")] as const;
    let count = 0;
    for (let partition = 0; partition < step.change.from; partition++) {
      const copied = await copyPartition(step, partition);
      count += copied;
      if (copied > 0) step.say(`partition ${partition}: ${copied} schedules copied, ${count} in all`);
    }
    await assertCopied(step, before);
    await this.#note({ ...this.#change, phase: "moving" });
  }

  async #move(): Promise<void> {
    const step = this.#step;
    const { state } = await closeInbox(step);
    if (this.#change.after === undefined) await this.#note({ ...this.#change, after: state.last_seq });
    const { moved: before = null } = this.#mark.record;
    const after = this.#change.after ?? state.last_seq;
    const moved = await moveCommands(step, { after, before });
    await this.#note({ ...this.#change, phase: "clearing", moved });
  }

  async #clear(): Promise<void> {
    const step = this.#step;
    const { to, moved } = this.#change;
    if (moved === undefined)
      throw new RepartitionRefused("the installation's record does not say what was moved");
    await removeOriginals(step, moved);
    await writeTerms(step);
    await openInbox(step, to);
    const removed = await removeAll(step, "old");
    step.say(`${removed} old keys removed`);
    const { change: _, ...record } = this.#mark.record;
    await this.#mark.write({ ...record, partitions: to, moved });
    step.say(`done: start workers with SCHEDULER_PARTITIONS=${to}`);
  }
}

/** Before anything is removed: each old key has its new one, and nobody wrote under old keys since the copying began. */
async function assertCopied(step: Step, before: readonly [Survey, Survey]): Promise<void> {
  for (const [index, bucket] of (["schedules", "state"] as const).entries()) {
    const now = await survey(step, bucket);
    const copies = new Set(having("new", now).map(({ key }) => key));
    for (const { key, place, revision } of having("old", now)) {
      if (place !== null && !copies.has(goalOf(step, place)))
        throw new RepartitionRefused(`${key} was not copied; run this again`);
      if (revision > (before[index]?.info.state.last_seq ?? 0))
        throw new RepartitionRefused(`somebody wrote ${key} meanwhile: stop all workers and run this again`);
    }
  }
}
