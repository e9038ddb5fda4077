/**
 * The nats-server goes away and comes back, three times in three ways, while a fleet of schedules fires: stopped in
 * order, killed, and paused so that its connections stay open and nothing answers.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { NatsServer } from "@carillon/local";
import { type Balance, createFleet, inWords, isEven, openBooks } from "../support/books.ts";
import { openStack, type Stack } from "../support/stack.ts";
import { type Vitals, vitalsOf } from "../support/vitals.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import type { Report } from "./report.ts";

const LEASE_MS = 2_000;
const SIZE = 50;
const EVERY_MS = 250;
const FIRES_PER_SECOND = SIZE * (1_000 / EVERY_MS);
/** Seconds of firing before and after each outage. */
const CALM_SECONDS = 1;
/** What an outage may add to a worker: what waits is bounded, so this does not depend on its length. */
const GROWTH_MB_MAX = 100;
const READY_MS_MAX = 15_000;
const LOOK_EVERY_MS = 20;

interface Outage {
  begin(server: NatsServer): Promise<void>;
  end(server: NatsServer): Promise<void>;
}

const OUTAGES: Readonly<Record<string, Outage>> = {
  "stopped and started again": { begin: (server) => stop(server), end: (server) => server.restart() },
  "killed and started again": { begin: (server) => server.kill(), end: (server) => server.restart() },
  "paused and continued": {
    begin: async (server) => server.pause(),
    end: async (server) => server.resume(),
  },
};

export async function soakServers({ outageMs }: { outageMs: number }): Promise<Report> {
  const lines: string[] = [];
  const faults: string[] = [];
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  try {
    const worker = stack.worker();
    await worker.settled();
    const fleet = await createFleet(stack.client(), { name: "steady", size: SIZE, everyMs: EVERY_MS });
    await (await openBooks(stack.nc, fleet)).more(FIRES_PER_SECOND * CALM_SECONDS);
    for (const [what, outage] of Object.entries(OUTAGES)) {
      const { before, after, redMs, backMs } = await suffer(stack, worker, outage, outageMs);
      // The client of a connection that broke begins its consumers anew, and so do the books.
      await (await openBooks(stack.nc, fleet)).more(FIRES_PER_SECOND * CALM_SECONDS);
      lines.push(
        `nats-server ${what} after ${outageMs} ms: not ready ${redMs} ms later, ready ${backMs} ms after its return; ` +
          `RSS ${before.rss.toFixed(0)} → ${after.rss.toFixed(0)} MB`,
      );
      if (after.rss - before.rss > GROWTH_MB_MAX)
        faults.push(`${what}: RSS grew by more than ${GROWTH_MB_MAX} MB`);
    }
    const balance = await (await openBooks(stack.nc, fleet)).close(stack.client());
    lines.push(`${FIRES_PER_SECOND} fires/s: ${inWords(balance)}`);
    faults.push(...faultsOf(balance, worker));
  } finally {
    await stack.close();
  }
  return { lines, faults };
}

/** One outage, as the worker's readiness tells it. */
async function suffer(
  { server, nc }: Stack,
  worker: WorkerProcess,
  outage: Outage,
  outageMs: number,
): Promise<{ before: Vitals; after: Vitals; redMs: number; backMs: number }> {
  const before = await vitalsOf(worker);
  const beganAtMs = performance.now();
  await outage.begin(server);
  const redMs = await untilReady(worker, false, beganAtMs);
  await delay(Math.max(0, outageMs - (performance.now() - beganAtMs)));
  const endedAtMs = performance.now();
  await outage.end(server);
  const backMs = await untilReady(worker, true, endedAtMs);
  const after = await vitalsOf(worker);
  await nc.rtt();
  return { before, after, redMs, backMs };
}

async function untilReady(worker: WorkerProcess, ready: boolean, sinceMs: number): Promise<number> {
  const wanted = ready ? 200 : 503;
  for (;;) {
    const { status } = await worker.page("/ready");
    const tookMs = Math.round(performance.now() - sinceMs);
    if (status === wanted) return tookMs;
    if (tookMs > READY_MS_MAX) throw new Error(`/ready is still ${status} after ${tookMs} ms`);
    await delay(LOOK_EVERY_MS);
  }
}

/** In order, and the store stays. */
async function stop(server: NatsServer): Promise<void> {
  if (server.pid === null) throw new Error("no server of this test runs");
  process.kill(server.pid, "SIGTERM");
  while (server.pid !== null) await delay(LOOK_EVERY_MS);
}

function faultsOf(balance: Balance, worker: WorkerProcess): string[] {
  const errors = worker.log.items
    .filter(({ level }) => level === "error")
    .map(({ msg }) => `the log has "${msg}"`);
  return isEven(balance) ? errors : [...errors, `the balance is not even: ${JSON.stringify(balance)}`];
}
