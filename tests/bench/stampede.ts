/**
 * A herd: schedules that are all due in one instant, made well before, beside others that fire every second. How late each command was, and
 * for how long the worker's event loop stood still.
 */

import { setTimeout as delay } from "node:timers/promises";
import { FIRE_HEADERS, names } from "@carillon/contracts";
import { define, instant, TARGET } from "../support/definition.ts";
import { percentile } from "../support/measure.ts";
import { openRunning, type Stack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import { createAll, EVERY_MS, everySecond, idOf, PAYLOAD, phaseOf, TENANTS } from "./fleet.ts";
import { patientManager } from "./patient-manager.ts";
import { lastSequence, readStored } from "./stored-range.ts";

export interface HerdSize {
  readonly herd: number;
  readonly others: number;
}

interface Lags {
  /** From the due instant until each command was stored (milliseconds). */
  readonly herd: readonly number[];
  /** Of what was due while the herd was being fired, or in its second, where that took less. */
  readonly others: readonly number[];
}

export interface Stampede extends Lags {
  readonly stallMs: number;
}

const HERD_TARGET = `${TARGET}.herd`;
/** So that none of the herd fires a second time. */
const NEXT_SECONDS = 86_400;
/** The herd may take so many times as long to create, each, as the others did. */
const CREATION_MARGIN = 2;
const LEAD_MS_MIN = 2_500;
/** Creation is long over, and only the others fire. */
const CALM_MS = 1_000;
const STORED_MS_MAX = 300_000;
const { streams } = names();

export async function stampede({ herd, others }: HerdSize): Promise<Stampede> {
  const { stack, worker } = await openRunning({ tenants: TENANTS });
  try {
    const beganMs = performance.now();
    await createAll(stack, idsOf("other", others), everySecond);
    const eachMs = (performance.now() - beganMs) / others;
    const dueAt = Math.ceil((Date.now() + LEAD_MS_MIN + herd * eachMs * CREATION_MARGIN) / 1_000) * 1_000;
    await createAll(stack, idsOf("herd", herd), () =>
      define(
        { type: "interval", everySeconds: NEXT_SECONDS, startAt: instant(dueAt) },
        { target: { subject: HERD_TARGET }, payload: PAYLOAD },
      ),
    );
    if (Date.now() > dueAt - 2 * CALM_MS) throw new Error("the herd was not created in time");
    const after = await lastSequence(stack.nc, streams.targets);
    await delay(dueAt - CALM_MS - Date.now());
    // What is shown is the longest since somebody looked last.
    await longestStallMs(worker);
    const all = await until(async () => (await storedOfHerd(stack)) >= herd, STORED_MS_MAX);
    if (!all) throw new Error("the herd did not fire");
    const stallMs = await longestStallMs(worker);
    return { ...(await readLags(stack, { herd, others, after, dueAt })), stallMs };
  } finally {
    await stack.close();
  }
}

const idsOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => idOf(prefix, n));

async function storedOfHerd({ nc }: Stack): Promise<number> {
  const manager = await patientManager(nc);
  const { state } = await manager.streams.info(streams.targets, { subjects_filter: HERD_TARGET });
  return state.subjects?.[HERD_TARGET] ?? 0;
}

async function longestStallMs(worker: WorkerProcess): Promise<number> {
  const { body } = await worker.page("/metrics");
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(body)?.[1]) * 1_000;
}

/** Reads until all is there that was due meanwhile, so that what is late the most counts too. */
async function readLags(
  { nc }: Stack,
  { herd, others, after, dueAt }: HerdSize & { after: number; dueAt: number },
): Promise<Lags> {
  const ofHerd: number[] = [];
  const ofOthers: { sinceMs: number; lag: number }[] = [];
  const meanwhile = (): number[] => {
    const lengthMs = Math.max(EVERY_MS, percentile(ofHerd, 1));
    const within = ofOthers.filter(({ sinceMs }) => sinceMs >= 0 && sinceMs <= lengthMs);
    const planned = phases(others).map((phase) => Math.floor((lengthMs - phase) / EVERY_MS) + 1);
    const complete = within.length >= planned.reduce((sum, count) => sum + count, 0);
    return complete ? within.map(({ lag }) => lag) : [];
  };
  let read = after;
  const look = async (): Promise<boolean> => {
    read = await readStored(nc, streams.targets, read, ({ subject, storedAt, header }) => {
      const due = Date.parse(header(FIRE_HEADERS.dueAt));
      if (subject === HERD_TARGET) ofHerd.push(storedAt - due);
      else ofOthers.push({ sinceMs: due - dueAt, lag: storedAt - due });
    });
    return ofHerd.length >= herd && meanwhile().length > 0;
  };
  if (!(await until(look, STORED_MS_MAX))) throw new Error("others did not fire");
  return { herd: ofHerd, others: meanwhile() };
}

const phases = (count: number): number[] => Array.from({ length: count }, (_, n) => phaseOf(n));
