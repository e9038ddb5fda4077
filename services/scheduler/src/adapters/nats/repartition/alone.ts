/**
 * Nobody else: no worker lives, and no other change of the number of partitions runs. A worker shows itself by its heartbeat and, where
 * leases are kept in NATS, by its leases; once the installation is marked, it takes no partition over any more.
 */

import { pause, within } from "../../../app/pause.ts";
import type { Guard, Lease } from "../../../app/ports.ts";
import { NatsLeases } from "../leases.ts";
import { isMarker, keptMsOf, lastMessage, streamInfo } from "../stream-questions.ts";
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
    if (clock.monotonicMs() - startedMs > 2 * ttlMs + SLACK_MS)
      throw new RepartitionRefused("another run of this is at work; let it end");
    if (!told) deps.say("another run of this may be at work; waiting until it is done or its lease expires");
    await pause(clock, LOOK_MS);
  }
}

/**
 * Signs of workers that live: heartbeats, or leases that they hold. Waits for those of workers that ended to expire, `ttlMs` at least. A
 * server that was killed may keep them for ever, so one that nobody has renewed for as long as it lasts counts no more.
 */
export async function livingWorkers(deps: Deps, ttlMs: number): Promise<readonly string[]> {
  const { clock } = deps;
  const startedMs = clock.monotonicMs();
  const seen = new Map<string, { revision: number; sinceMs: number }>();
  for (let told = false; ; told = true) {
    const nowMs = clock.monotonicMs();
    const signs = await signsOfLife(deps);
    for (const { key, revision } of signs)
      if (seen.get(key)?.revision !== revision) seen.set(key, { revision, sinceMs: nowMs });
    const living = signs.filter(
      ({ key, keptMs }) => nowMs - (seen.get(key)?.sinceMs ?? nowMs) <= keptMs + SLACK_MS,
    );
    const waitMs = Math.max(ttlMs, ...living.map(({ keptMs }) => keptMs)) + SLACK_MS + 2 * LOOK_MS;
    if (living.length === 0 || nowMs - startedMs > waitMs) return living.map(({ key }) => key);
    if (!told)
      deps.say(`waiting until what is left of workers expires: ${living.length} heartbeats and leases`);
    await pause(clock, LOOK_MS);
  }
}

interface Sign {
  key: string;
  revision: number;
  /** How long it lasts unless it is renewed. */
  keptMs: number;
}

async function signsOfLife(deps: Deps): Promise<Sign[]> {
  const { buckets, keys } = deps.names;
  const own = keys.lease.build({ partition: NAME });
  const signs = [...(await signsIn(deps, buckets.workers)), ...(await signsIn(deps, buckets.leases))];
  return signs.filter(({ key }) => key !== own);
}

async function signsIn({ api, names }: Deps, bucket: string): Promise<Sign[]> {
  const { keys } = names;
  const stream = keys.stream(bucket);
  const prefix = keys.subject(bucket, "");
  const info = await streamInfo(api, stream, `${prefix}>`);
  const subjects = Object.keys(info?.state.subjects ?? {});
  const last = await Promise.all(subjects.map((subject) => lastMessage(api, stream, subject)));
  return last.flatMap((message) => {
    if (message === null || isMarker(message)) return [];
    const key = message.subject.slice(prefix.length);
    return [{ key, revision: message.seq, keptMs: keptMsOf(message) ?? 0 }];
  });
}
