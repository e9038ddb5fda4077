/**
 * A run of chaos: a fleet fires, faults come one after the other with a calm between them, and at the end the streams say whether
 * everything planned was sent and told, once.
 */

import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@carillon/local";
import { wantedFor } from "../../services/scheduler/src/domain/rendezvous.ts";
import { randomOf } from "../sim/random.ts";
import { openStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { Crew } from "./crew.ts";
import { type Cost, type Fault, nextFaults, type Scene } from "./faults.ts";
import { createFleet, PARTITIONS } from "./fleet.ts";
import { Observer } from "./observer.ts";
import {
  type Bounds,
  balanceFaults,
  balanceLines,
  type ChaosReport,
  COSTS,
  startLoad,
  Tally,
} from "./report.ts";

export interface ChaosOptions {
  readonly cycles: number;
  readonly workers: number;
  /** Each fires once a second. */
  readonly schedules: number;
  readonly leaseMs: number;
  readonly leases: "nats" | "redis";
  readonly seed: number;
  readonly boundsMs: Bounds;
  /** Hears a line for each cycle. */
  readonly say: (line: string) => void;
}

/** Calm: so long everything is owned, and nothing is late. */
const CALM_MS = 1_000;
const CALM_MS_MAX = 60_000;
const LOOK_EVERY_MS = 50;
const SETTLE_MS_MAX = 60_000;
/** Of schedules that the durable commands make. */
const MORE_SCHEDULES = 2_000;

export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const { cycles, workers, schedules, leaseMs, leases, seed, boundsMs, say } = options;
  await using closing = new AsyncDisposableStack();
  const redis = leases === "redis" ? await startRedis({ ignoreEnvironment: true }) : null;
  closing.defer(() => redis?.stop());
  const stack = await openStack({
    settings: {
      LOCK_TIMEOUT_SECONDS: String(leaseMs / 1_000),
      MAX_SCHEDULES_PER_CREATOR: String(schedules + MORE_SCHEDULES),
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
    },
  });
  closing.defer(() => stack.close());

  const crew = new Crew(stack);
  await Promise.all(Array.from({ length: workers }, () => crew.start()));
  const random = randomOf(seed);
  const fleet = await createFleet(stack.client(), schedules);
  const observer = new Observer(stack, fleet, { leaseMs, random: randomOf(seed + 1) });
  closing.defer(() => observer.stop());
  const ordering = observer.orders.run();
  const loadOf = startLoad();
  const tally = new Tally();
  const faults: string[] = [];
  await until(() => observer.ledger.begun, SETTLE_MS_MAX);
  if (!(await calm(observer, crew))) throw new Error("it never came to rest before the first fault");

  const scene = { crew, server: stack.server, redis, random, leaseMs, workers };
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const { story, rested } = await runCycle(scene, observer, tally);
    say(`${String(cycle).padStart(4)} ${story}`);
    if (!rested) faults.push(`cycle ${cycle} did not come to rest: ${observer.unrest(crew.names)}`);
    if (!rested) break;
  }

  const load = loadOf();
  const endAt = Date.now();
  const orders = await observer.orders.close();
  await ordering;
  await until(() => observer.ledger.settled(endAt), SETTLE_MS_MAX);
  const balance = observer.ledger.balance(endAt);
  await crew.dismissAll();
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  return {
    lines: [
      ...tally.lines,
      ...balanceLines(balance, orders),
      `processor: harness ${percent(load.harness)} of one, idle ${percent(load.idle)} of all`,
    ],
    faults: [...faults, ...tally.faults(boundsMs), ...balanceFaults(balance, orders), ...crew.faults],
    figures: { ...options, gaps: tally.figures, balance, orders, load },
  };
}

async function runCycle(
  setting: Omit<Scene, "struck">,
  observer: Observer,
  tally: Tally,
): Promise<{ story: string; rested: boolean }> {
  const { crew } = setting;
  const { owners, gaps } = observer;
  const names = crew.names;
  const before = owners.all(names);
  const struck = new Set<string>();
  const scene: Scene = { ...setting, struck: ({ name }) => void struck.add(name) };
  const faults = nextFaults(scene);
  const beganMs = performance.now();
  gaps.begin(Date.now());
  const stories = await Promise.all(faults.map((fault) => fault.run(scene)));
  const rested = await calm(observer, crew);
  const after = owners.all(crew.names);
  // Until it is known that a worker was struck, what another one lets go of by plan may be wanted of it too.
  const thought = names.filter((name) => struck.has(name) || crew.names.includes(name));
  const moved = new Set(
    [...after].filter(([partition, owner]) => before.get(partition) !== owner).map(([p]) => p),
  );
  const costs = new Map<number, Cost | null>();
  for (let partition = 0; partition < PARTITIONS; partition++)
    costs.set(
      partition,
      costOf(faults, struck.has(wantedFor(partition, thought) ?? ""), moved.has(partition)),
    );
  const read = gaps.read();
  for (const cost of COSTS)
    tally.add(
      cost,
      [...costs].filter(([, one]) => one === cost).flatMap(([partition]) => read.get(partition) ?? []),
    );
  const all = [...read.values()];
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
  const silence = seconds(Math.max(...all.map(({ silenceMs }) => silenceMs)));
  const gap = seconds(Math.max(...all.flatMap(({ latenessMs }) => latenessMs)));
  return {
    rested,
    story:
      `${stories.join("; ")}: ${moved.size} partitions moved, without a fire ${silence}, gap ${gap}, ` +
      `calm after ${seconds(performance.now() - beganMs)}`,
  };
}

/** What a partition paid; null: nothing, since it was not concerned. */
function costOf(faults: readonly Fault[], struck: boolean, moved: boolean): Cost | null {
  const everybody = faults.find((fault) => fault.everybody !== undefined)?.everybody;
  if (everybody !== undefined) return everybody;
  if (struck) return "failover";
  return moved ? "handover" : null;
}

async function calm(observer: Observer, crew: Crew): Promise<boolean> {
  const endMs = performance.now() + CALM_MS_MAX;
  let sinceMs: number | null = null;
  for (; performance.now() < endMs; await delay(LOOK_EVERY_MS)) {
    if (observer.unrest(crew.names) === null) sinceMs ??= performance.now();
    else sinceMs = null;
    if (sinceMs !== null && performance.now() - sinceMs > CALM_MS) return true;
  }
  return false;
}
