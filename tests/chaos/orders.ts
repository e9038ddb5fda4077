/**
 * Durable commands in the midst of it: schedules that are created, changed, paused, resumed and triggered. Whoever sends one repeats it
 * under its id until it is stored; from then on it must have its effect, once, in order, and without anybody's help.
 */

import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type ExecutionEventData, names, type ScheduleEventData } from "@carillon/contracts";
import type { Client, DurableOptions } from "@carillon/contracts/client";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Random } from "../sim/random.ts";
import { manual } from "../support/definition.ts";
import type { TailedMessage } from "../support/lasting-tail.ts";
import { until } from "../support/until.ts";

export interface OrdersBalance {
  readonly sent: number;
  /** Stored, and without their effect. */
  readonly lost: readonly string[];
  /** Effects that no command had, or had before, or in another order. */
  readonly wrong: readonly string[];
  /** Handled again: their outcome was told more than once. */
  readonly redelivered: number;
}

const PREFIX = "order-";
const EVERY_MS = 250;
const SCHEDULES_MIN = 8;
/** Share of commands that make a new schedule. */
const NEW = 0.04;
const AGAIN_MS = 250;
const WAIT_MS = 30_000;
const REPLIES = "_INBOX.chaos";

const { event } = names();

interface Page {
  readonly id: string;
  version: number;
  paused: boolean;
  busy: boolean;
  /** Events that must come, in this order. */
  readonly due: string[];
  readonly heard: string[];
  /** Commands to the target and final events, by execution id. */
  readonly executions: Map<string, { sent: number; told: number }>;
}

export class Orders {
  readonly #client: Client;
  readonly #random: Random;
  readonly #pages: Page[] = [];
  readonly #outcomes = new Map<string, string>();
  readonly #wrong: string[] = [];
  #running = new Set<Promise<void>>();
  #stopped = false;
  #sent = 0;
  #redelivered = 0;

  constructor(nc: NatsConnection, client: Client, random: Random) {
    this.#client = client;
    this.#random = random;
    nc.subscribe(`${REPLIES}.*`, { callback: (_, { subject, data }) => this.#outcome(subject, data) });
  }

  static owns(scheduleId: string): boolean {
    return scheduleId.startsWith(PREFIX);
  }

  /** Sends until it is stopped. */
  async run(): Promise<void> {
    for (; !this.#stopped; await delay(EVERY_MS)) {
      const sending = this.#send(this.#next()).finally(() => this.#running.delete(sending));
      this.#running.add(sending);
    }
  }

  /** A command that a target was sent. */
  sent(scheduleId: string, { header }: TailedMessage): void {
    this.#count(scheduleId, header("Scheduler-Execution-Id"), "sent");
  }

  told(data: ExecutionEventData): void {
    if (data.final) this.#count(data.scheduleId, data.executionId ?? "", "told");
  }

  /** A message of the stream of changes. */
  audit(message: TailedMessage): void {
    const place = event.parse(message.subject);
    const page = this.#pages.find(({ id }) => id === place?.scheduleId);
    if (place === null || page === undefined) return;
    const { data }: { data: ScheduleEventData } = JSON.parse(message.body());
    page.heard.push(wordsOf(place.what, data.version, data.commandId ?? "nobody"));
  }

  /** Waits for all effects, and compares. */
  async close(): Promise<OrdersBalance> {
    this.#stopped = true;
    await Promise.all(this.#running);
    await until(() => this.#pages.every(isDone), WAIT_MS);
    const wrong = this.#pages.flatMap(differences);
    const versions = await this.#versions();
    for (const { id, version } of this.#pages)
      if (versions.get(id) !== version)
        wrong.push(`${id} has version ${versions.get(id) ?? "none"}, expected ${version}`);
    return {
      sent: this.#sent,
      lost: this.#pages.flatMap(missing),
      wrong: [...this.#wrong, ...wrong],
      redelivered: this.#redelivered,
    };
  }

  /** None where they are not told, which is a fault of its own. */
  async #versions(): Promise<ReadonlyMap<string, number>> {
    const versions = new Map<string, number>();
    try {
      for await (const { scheduleId, version } of this.#client.each({ search: PREFIX }))
        versions.set(scheduleId, version);
    } catch (error) {
      this.#wrong.push(`a list failed: ${error}`);
    }
    return versions;
  }

  #next(): Page {
    const idle = this.#pages.filter(({ busy }) => !busy);
    if (this.#pages.length >= SCHEDULES_MIN && idle.length > 0 && !this.#random.chance(NEW))
      return this.#random.pick(idle);
    const page: Page = {
      id: `${PREFIX}${this.#pages.length}`,
      version: 0,
      paused: false,
      busy: false,
      due: [],
      heard: [],
      executions: new Map(),
    };
    this.#pages.push(page);
    return page;
  }

  async #send(page: Page): Promise<void> {
    const { durable } = this.#client;
    const { id } = page;
    const token = randomUUID();
    const options: DurableOptions = { commandId: `default.${token}`, replyTo: `${REPLIES}.${token}` };
    const commandId = `default.${token}`;
    page.busy = true;
    this.#sent++;
    const note = (what: string): void => void page.due.push(wordsOf(what, page.version, commandId));
    const post = this.#post;
    if (page.version === 0) {
      page.version = 1;
      note("created");
      await post(() => durable.create(id, manual({ metadata: { n: "1" } }), options));
    } else if (this.#random.chance(0.4)) {
      page.executions.set(executionOf(id, commandId), { sent: 0, told: 0 });
      await post(() => durable.trigger(id, {}, options));
    } else if (this.#random.chance(0.5)) {
      page.version++;
      const metadata = { n: String(page.version) };
      note("updated");
      await post(() => durable.update(id, { metadata }, options));
    } else if (page.paused) {
      page.paused = false;
      note("resumed");
      await post(() => durable.resume(id, {}, options));
    } else {
      page.paused = true;
      note("paused");
      await post(() => durable.pause(id, options));
    }
    page.busy = false;
  }

  /** Whoever has no answer asks again, under the same id. */
  readonly #post = async (once: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        return void (await once());
      } catch {
        await delay(AGAIN_MS);
      }
    }
  };

  #outcome(subject: string, data: Uint8Array): void {
    const text = new TextDecoder().decode(data);
    const { ok } = JSON.parse(text);
    const first = this.#outcomes.get(subject);
    if (ok !== true) this.#wrong.push(`refused: ${text}`);
    if (first !== undefined) this.#redelivered++;
    this.#outcomes.set(subject, text);
  }

  #count(scheduleId: string, executionId: string, which: "sent" | "told"): void {
    const execution = this.#pages.find(({ id }) => id === scheduleId)?.executions.get(executionId);
    if (execution === undefined) this.#wrong.push(`${which} ${executionId}, which nobody triggered`);
    else execution[which]++;
  }
}

const wordsOf = (what: string, version: number, commandId: string): string =>
  `${what} v${version} ${commandId}`;

const executionOf = (id: string, commandId: string): string =>
  `${id}@m-${createHash("sha256").update(commandId).digest("hex").slice(0, 16)}`;

const isDone = (page: Page): boolean =>
  page.heard.length >= page.due.length &&
  [...page.executions.values()].every(({ sent, told }) => Math.min(sent, told) > 0);

function missing({ id, due, heard, executions }: Page): string[] {
  const those = new Set(heard);
  return [
    ...due.filter((words) => !those.has(words)).map((words) => `${id} ${words}`),
    ...[...executions].filter(([, { sent, told }]) => Math.min(sent, told) === 0).map(([words]) => words),
  ];
}

function differences({ id, due, heard, executions }: Page): string[] {
  const at = heard.findIndex((words, index) => words !== due[index]);
  return [
    ...(at < 0 ? [] : [`${id}: heard "${heard[at]}" where "${due[at]}" was due`]),
    ...[...executions]
      .filter(([, { sent, told }]) => Math.max(sent, told) > 1)
      .map(([words, { sent, told }]) => `${words}: sent ${sent} times, told ${told} times`),
  ];
}
