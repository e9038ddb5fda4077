/**
 * Hostile triggers through the whole path: no crash, a code for each, and none may hold the event loop for longer than
 * WORK_MS_MAX of the processor's time. What is over is tried again cold: a collection of garbage or a compilation falls on
 * whatever runs just then, and what is slow by itself is slow every time.
 */

import { compile } from "../../services/scheduler/src/domain/recurrence/index.ts";
import { randomOf } from "../sim/random.ts";
import { type Bench, type Figure, median, milliseconds } from "./figure.ts";
import { type Answer, answer, catchUp } from "./hostile-path.ts";
import { hostileTrigger } from "./hostile-triggers.ts";

const INPUTS = 100_000;
const INPUTS_QUICK = 5_000;
/** What one input may hold up an event loop. */
const WORK_MS_MAX = 50;
const TRIES = 4;
/** More than timelines are kept for sharing: after so many others an input is compiled anew. */
const FORGOTTEN_AFTER = 8_100;
const SEED = 20_261_121;
const SHOWN_MAX = 400;

export interface Pass {
  readonly codes: ReadonlyMap<string, number>;
  readonly worst: { readonly ms: number; readonly body: string };
  readonly timesMs: readonly number[];
}

/** Throws what the product throws. `again`: whether slow inputs are tried again. */
export function hostilePass(inputs: number, { again }: { again: boolean }): Pass {
  const random = randomOf(SEED);
  const codes = new Map<string, number>();
  const timesMs: number[] = [];
  let worst = { ms: 0, body: "" };
  for (let n = 0; n < inputs; n++) {
    const body = JSON.stringify({ trigger: hostileTrigger(random), count: 1_000 });
    let { ms, code } = timed(body);
    for (let tries = 1; again && ms > WORK_MS_MAX && tries < TRIES; tries++) {
      forget();
      ms = Math.min(ms, timed(body).ms);
    }
    codes.set(code, (codes.get(code) ?? 0) + 1);
    timesMs.push(ms);
    if (ms > worst.ms) worst = { ms, body };
  }
  return { codes, worst, timesMs };
}

/** The longest of the stretches in which nothing else has its turn. */
function timed(body: string): { ms: number; code: string } {
  let answered: Answer = { code: "", trigger: null };
  const answerMs = milliseconds(() => {
    answered = answer(body);
  });
  const { code, trigger } = answered;
  const catchUpMs = trigger === null ? 0 : milliseconds(() => catchUp(trigger));
  return { ms: Math.max(answerMs, catchUpMs), code };
}

let forgotten = 0;
function forget(): void {
  for (let n = 0; n < FORGOTTEN_AFTER; n++) {
    const expression = `${forgotten % 60} ${Math.floor(forgotten / 60) % 24} ${1 + (Math.floor(forgotten / 1440) % 28)} * *`;
    forgotten++;
    compile({ type: "cron", expression, timezone: "UTC", dayMatch: "or", dst: null }, 0);
  }
}

export const hostile: Bench = {
  name: "hostile",
  what: "triggers made to be dear, a preview of 1,000 times and a catch-up over 20 years of each",
  run: ({ quick }) => {
    const inputs = quick ? INPUTS_QUICK : INPUTS;
    const { codes, worst, timesMs } = hostilePass(inputs, { again: true });
    const told = (name: string, value: number, target: Figure["target"] = null): Figure => ({
      name,
      unit: "ms",
      value,
      peer: null,
      target,
    });
    return {
      figures: [
        told(`${inputs} inputs, the worst`, worst.ms, { most: WORK_MS_MAX }),
        told("the middle one", median(timesMs)),
      ],
      notes: [
        ...[...codes]
          .sort(([, one], [, two]) => two - one)
          .map(([code, count]) => `${String(count).padStart(8)}  ${code}`),
        `the worst: ${worst.body.slice(0, SHOWN_MAX)}`,
      ],
    };
  },
};
