/**
 * How fast commands are done: an rpc beside schedules that fire, and durable ones as fast as they are taken. Beside each what it
 * stores, stored by a bare loop.
 */

import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_TENANT, names } from "@carillon/contracts";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Distribution } from "../support/distribution.ts";
import { BareCreations, bareCreationsPerSecond } from "./bare-creation.ts";
import { type Creation, createBulk } from "./bulk.ts";
import { type Bench, type Figure, median, type Outcome } from "./figure.ts";
import { everySecond, idOf } from "./fleet.ts";
import { openLoop, type Rate } from "./open-loop.ts";
import { populationOf } from "./population.ts";
import { lastSequence } from "./stored-range.ts";
import { openWorkplace, startReady, untilQuiet } from "./workplace.ts";

export interface CommandsPlan {
  readonly rpc: Rate;
  readonly firesPerSecond: number;
  /** Of firing, before anything is measured. */
  readonly warmUpMs: number;
  readonly durable: number;
  readonly repeats: number;
}

const FULL: CommandsPlan = {
  rpc: { perSecond: 500, seconds: 20 },
  firesPerSecond: 2_000,
  warmUpMs: 5_000,
  durable: 50_000,
  repeats: 3,
};
const QUICK: CommandsPlan = {
  ...FULL,
  warmUpMs: 500,
  rpc: { perSecond: 500, seconds: 1 },
  durable: 2_000,
  repeats: 1,
};

const P50_MS_MAX = 3;
const P99_MS_MAX = 25;
/** Every rpc is answered within two seconds, if only by saying that it is not known. */
const ANSWER_MS_MAX = 5_000;

const { streams, rpc } = names();

export const commands: Bench = {
  name: "commands",
  what: "creating over rpc beside 2,000 fires a second, and durably at saturation",
  run: ({ quick }) => measureCommands(quick ? QUICK : FULL),
};

export async function measureCommands(plan: CommandsPlan): Promise<Outcome> {
  const { figures, notes = [] } = await latencyOf(plan);
  return { figures: [...figures, ...(await durableOf(plan))], notes };
}

/** Of answers, while schedules fire. */
async function latencyOf({ rpc: rate, firesPerSecond, warmUpMs, repeats }: CommandsPlan): Promise<Outcome> {
  const stack = await openWorkplace();
  try {
    const { nc } = stack;
    await startReady(stack);
    await createBulk(nc, firesPerSecond, (n) => ({
      scheduleId: idOf("firing", n),
      body: JSON.stringify(everySecond(n)),
    }));
    await delay(warmUpMs);
    const bare = await BareCreations.open(nc, nc);
    const firesOf = () => lastSequence(nc, streams.executions);
    const population = populationOf(Date.now());
    const spreads: Distribution[] = [];
    const bareSpreads: Distribution[] = [];
    const fires: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const before = await firesOf();
      const startedMs = performance.now();
      spreads.push(
        await openLoop(rate, (n) => create(nc, population(repeat * rate.perSecond * rate.seconds + n))),
      );
      fires.push((((await firesOf()) - before) * 1_000) / (performance.now() - startedMs));
      bareSpreads.push(await openLoop(rate, () => bare.one()));
    }
    const of = (share: number, most: number): Figure => ({
      name: `rpc create, ${rate.perSecond}/s beside ${firesPerSecond} fires/s, p${share * 100}`,
      unit: "ms",
      value: median(spreads.map((spread) => spread.percentile(share))),
      peer: { name: "bare loop", value: median(bareSpreads.map((spread) => spread.percentile(share))) },
      target: { most },
    });
    const seen = fires.map((count) => Math.round(count)).join(", ");
    return {
      figures: [of(0.5, P50_MS_MAX), of(0.99, P99_MS_MAX)],
      notes: [`fires a second meanwhile: ${seen}`],
    };
  } finally {
    await stack.close();
  }
}

async function create(nc: NatsConnection, { scheduleId, body }: Creation): Promise<void> {
  const subject = rpc.build({ tenant: DEFAULT_TENANT, verb: "create", scheduleId: `asked-${scheduleId}` });
  const answer = await nc.request(subject, body, { timeout: ANSWER_MS_MAX });
  if (!answer.string().startsWith('{"ok":true')) throw new Error(answer.string());
}

async function durableOf({ durable, repeats }: CommandsPlan): Promise<Figure[]> {
  const stack = await openWorkplace();
  try {
    const { nc } = stack;
    await startReady(stack);
    const population = populationOf(Date.now());
    const rates: number[] = [];
    const bareRates: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const { perSecond } = await createBulk(nc, durable, (n) => population(repeat * durable + n));
      rates.push(perSecond);
      await untilQuiet(stack);
      bareRates.push(await bareCreationsPerSecond(nc, durable));
    }
    const peer = { name: "bare loop", value: median(bareRates) };
    return [
      { name: "durable creates at saturation", unit: "creates/s", value: median(rates), peer, target: null },
    ];
  } finally {
    await stack.close();
  }
}
