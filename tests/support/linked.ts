/**
 * A worker behind a link that can be troubled, and a command of it that the server has, while the worker does not know.
 * The target's stream forgets message ids after a second, so that a command that is simply sent again would be there
 * twice.
 */

import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { ahead, manual, once } from "./definition.ts";
import { type LinkProxy, openProxy } from "./proxy.ts";
import { openStack, type Stack, TENANTS } from "./stack.ts";
import { tailOf } from "./stream-tail.ts";
import { openWallClock } from "./wall-clock.ts";
import { type ExecutionEvent, whatOf, witnessOf } from "./witness.ts";
import type { Settings, WorkerProcess } from "./worker-process.ts";

const STREAM = "LINK";
const SUBJECT = "cmd.link.send";
export const WINDOW_MS = 1_000;
const ID = "watched";
export const SHORT_LEASE: Settings = { LOCK_TIMEOUT_SECONDS: "2" };
/** A worker finds out after two pings, ten seconds apart, that nobody answers. */
export const UNANSWERED_MS_MAX = 45_000;

type Finish = (close: () => Promise<void>) => void;

export interface Linked {
  readonly stack: Stack;
  readonly proxy: LinkProxy;
  readonly worker: WorkerProcess;
  /** Has the worker fire the schedule once. */
  readonly fire: () => Promise<unknown>;
}

/** A worker behind a proxy, and a stream that captures its target. */
export async function openLinked(finish: Finish, settings: Settings = {}, clockMs = 0): Promise<Linked> {
  const entry = { subject: SUBJECT };
  const targets = [...(TENANTS["default"]?.targets ?? []), entry];
  const stack = await openStack({ tenants: { default: { targets } }, settings });
  finish(() => stack.close());
  const proxy = await openProxy(stack.server.port);
  finish(() => proxy.close());
  const manager = await jetstreamManager(stack.nc);
  await manager.streams.add({ name: STREAM, subjects: [SUBJECT], duplicate_window: WINDOW_MS * 1_000_000 });
  const clock = clockMs === 0 ? null : await openWallClock(stack.folder, clockMs);
  const worker = stack.worker({ NATS_URL: proxy.url, ...clock?.settings });
  // libfaketime cleans up where a process ends in order.
  finish(async () => void (await worker.end()));
  await worker.settled();
  const target = { subject: SUBJECT };
  const client = stack.client();
  const press = async (): Promise<unknown> => {
    await client.create(ID, manual({ target }));
    return client.durable.trigger(ID);
  };
  // By a clock that is slow nothing falls due for long.
  const wait = () => client.create(ID, once(ahead(1) + clockMs, { target }));
  return { stack, proxy, worker, fire: clockMs < 0 ? press : wait };
}

export interface Told {
  /** How many the target's stream holds. */
  readonly commands: number;
  readonly story: readonly string[];
  /** Of the last event. */
  readonly delivered: ExecutionEvent["data"]["delivered"];
}

/**
 * Has one command fired, and `trouble` called when it is on its way to the server, before anything comes back. Answers the
 * commands in the stream and the story of the schedule, once it is settled and another window has passed.
 */
export async function fireInto(
  { stack, proxy, fire }: Linked,
  trouble: () => void,
  recover: () => Promise<void>,
): Promise<Told> {
  const witness = await witnessOf(stack.nc);
  const sent = await tailOf(stack.nc, STREAM);
  let begun = false;
  proxy.onSent((text) => {
    if (begun || !text.includes(`PUB ${SUBJECT} `)) return;
    begun = true;
    trouble();
  });
  await fire();
  await sent.until((items) => items.length > 0, "the command");
  if (witness.story(ID).length > 0) throw new Error("the worker heard of it before the trouble began");
  await recover();
  const story = await witness.settled(ID, 1, UNANSWERED_MS_MAX);
  await delay(2 * WINDOW_MS);
  await sent.caughtUp();
  await witness.caughtUp();
  return {
    commands: sent.items.length,
    story: story.map(whatOf),
    delivered: story.at(-1)?.data.delivered,
  };
}

/** One command, one event, and the event says where the command is and that it had been there already. */
export const ONE = {
  commands: 1,
  story: ["dispatched"],
  delivered: { stream: STREAM, sequence: 1, duplicate: true },
};
