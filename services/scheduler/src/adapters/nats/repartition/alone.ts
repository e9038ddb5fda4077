/**
 * Nobody else: no worker lives, and no other change of the number of partitions runs. A worker shows itself by its heartbeat and, where
 * leases are kept in NATS, by its leases; once the installation is marked, it takes no partition over any more.
 */

import { pause, within } from "../../../app/pause.ts";
import type { Guard, Lease } from "../../../app/ports.ts";
import { NatsLeases } from "../leases.ts";
import { isMarker, lastMessage, streamInfo } from "../stream-questions.ts";
import { RepartitionRefused, type StepDeps } from "./deps.ts";

const NAME = "repartition";
const RENEWALS = 3;
const LOOK_MS = 250;
/** Beside a time to live: what the server takes to remove a key. */
const SLACK_MS = 1_500;

type Deps = Omit<StepDeps, "guard">;

/** Calls `work` while no other process does. Throws RepartitionRefused where another one keeps at it. */
export async function alone(deps: Deps, ttlMs: number, work: (guard: Guard) => Promise<void>): Promise<void> {
  const lease = await acquire(deps, ttlMs);
  let over: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const renewing = renew(deps, { lease, ttlMs }, ended);
  try {
    await work(() => deps.clock.monotonicMs() < lease.deadlineMs());
  } finally {
    over();
    await renewing;
    await lease.release();
  }
}

async function renew(
  { clock }: Deps,
  { lease, ttlMs }: { lease: Lease; ttlMs: number },
  ended: Promise<void>,
): Promise<void> {
  let going = true;
  const end = ended.then(() => {
    going = false;
  });
  while (going) {
    await within(clock, ttlMs / RENEWALS, end);
    if (going && !(await lease.renew())) return;
  }
}

async function acquire(deps: Deps, ttlMs: number): Promise<Lease> {
  const { clock, names } = deps;
  const leases = new NatsLeases(deps);
  const startedMs = clock.monotonicMs();
  for (let told = false; ; told = true) {
    const lease = await leases.acquire(names.keys.lease.build({ partition: NAME }), NAME, ttlMs);
    if (lease !== null) return lease;
    if (clock.monotonicMs() - startedMs > ttlMs + SLACK_MS)
      throw new RepartitionRefused("another run of this is at work; let it end");
    if (!told) deps.say("another run of this may be at work; waiting until it is done or its lease expires");
    await pause(clock, LOOK_MS);
  }
}

/** Workers that live, or the leases that they hold; waits so long for those that ended to expire. */
export async function livingWorkers(deps: Deps, ttlMs: number): Promise<readonly string[]> {
  const startedMs = deps.clock.monotonicMs();
  for (let told = false; ; told = true) {
    const living = await signsOfLife(deps);
    if (living.length === 0 || deps.clock.monotonicMs() - startedMs > ttlMs + SLACK_MS) return living;
    if (!told) deps.say(`waiting until what is left of workers expires: ${living.slice(0, 5).join(", ")}`);
    await pause(deps.clock, LOOK_MS);
  }
}

async function signsOfLife(deps: Deps): Promise<string[]> {
  const { buckets, keys } = deps.names;
  const own = keys.lease.build({ partition: NAME });
  const workers = await keysOf(deps, buckets.workers);
  const leases = (await keysOf(deps, buckets.leases)).filter((key) => key !== own);
  return [...workers, ...leases];
}

async function keysOf({ api, names }: Deps, bucket: string): Promise<string[]> {
  const { keys } = names;
  const stream = keys.stream(bucket);
  const prefix = keys.subject(bucket, "");
  const info = await streamInfo(api, stream, `${prefix}>`);
  const subjects = Object.keys(info?.state.subjects ?? {});
  const last = await Promise.all(subjects.map((subject) => lastMessage(api, stream, subject)));
  return last.flatMap((message) =>
    message === null || isMarker(message) ? [] : [message.subject.slice(prefix.length)],
  );
}
