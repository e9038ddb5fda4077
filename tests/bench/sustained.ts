/**
 * Schedules that fire every second: how many commands a second are kept up, and how late they are. Each contestant has the machine to
 * itself, on servers of its own. Two workers of Carillon use two processors; BullMQ gains nothing by more of them.
 */

import { bullmq } from "./bullmq-contestant.ts";
import { carillon } from "./carillon-contestant.ts";
import { best, type Climb, climb, type Step } from "./contestant.ts";
import { type Bench, type Figure, inRepeats, type Outcome, type Target } from "./figure.ts";
import { limitAlone } from "./limit-loop.ts";
import { natsSchedules } from "./nats-contestant.ts";

const TIMES_BULLMQ = 2.5;
const SHARE_OF_LIMIT = 0.7;
const P50_MS_MAX = 5;
const P99_MS_MAX = 50;
/** At which the lag is judged; at the others it is told. */
const JUDGED = 5_000;

export interface SustainedSize extends Climb {
  /** Of the bare loop, for each schedule. */
  readonly firesEach: number;
}

const LAGS_AT = [1_000, JUDGED, 10_000];
/** Thousands; finer where contestants come to their end. */
const STEPS = [1, 2, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 40, 48, 56].map(
  (thousands) => thousands * 1_000,
);

const FULL: SustainedSize = {
  steps: STEPS,
  always: LAGS_AT,
  settleMs: 5_000,
  windowMs: 5_000,
  firesEach: 20,
};
const QUICK: SustainedSize = {
  steps: [1_000, JUDGED],
  always: [1_000, JUDGED],
  settleMs: 1_000,
  windowMs: 2_000,
  firesEach: 5,
};

export async function measureSustained(size: SustainedSize): Promise<Outcome> {
  const [one, two] = [carillon(1), carillon(2)];
  const own = await climb(one, size);
  const ofTwo = await climb(two, size);
  const ofBullmq = await climb(bullmq, size);
  const ofNats = await climb(natsSchedules, size);
  const most = best([...own, ...ofTwo]);
  const keys = most?.schedules ?? size.steps[0] ?? 1;
  const limit = await limitAlone({ keys, fires: keys * size.firesEach });

  const peers = [
    { name: bullmq.name, steps: ofBullmq },
    { name: natsSchedules.name, steps: ofNats },
  ];
  const rate = (peer: string, value: number, target: Target | null): Figure => ({
    name: "fires kept up, 99 of 100 within a second",
    unit: "fires/s",
    value: most?.perSecond ?? 0,
    peer: { name: peer, value },
    target,
  });
  return {
    figures: [
      rate(bullmq.name, best(ofBullmq)?.perSecond ?? 0, { timesAsMany: TIMES_BULLMQ }),
      rate(natsSchedules.name, best(ofNats)?.perSecond ?? 0, null),
      rate("the bare loop", limit.perSecond, { timesAsMany: SHARE_OF_LIMIT }),
      ...size.always.flatMap((schedules) =>
        peers.flatMap(({ name, steps }) =>
          lags(schedules, stepAt(own, schedules), name, stepAt(steps, schedules)),
        ),
      ),
    ],
    notes: [{ name: one.name, steps: own }, { name: two.name, steps: ofTwo }, ...peers].map(
      ({ name, steps }) => `${name}: ${told(steps)}`,
    ),
  };
}

const stepAt = (steps: readonly Step[], schedules: number): Step | undefined =>
  steps.find((step) => step.schedules === schedules);

/** Judged once, beside the first peer. */
function lags(schedules: number, own: Step | undefined, peer: string, other: Step | undefined): Figure[] {
  const judged = schedules === JUDGED && peer === bullmq.name;
  return (
    [
      ["p50", P50_MS_MAX],
      ["p99", P99_MS_MAX],
    ] as const
  ).map(([share, most]) => ({
    name: `lag ${share} at ${schedules} schedules a second`,
    unit: "ms",
    value: own?.[share] ?? Number.NaN,
    peer: { name: peer, value: other?.[share] ?? Number.NaN },
    target: judged ? { most } : null,
  }));
}

const told = (steps: readonly Step[]): string =>
  steps
    .map(
      ({ schedules, perSecond, p99 }) =>
        `${schedules} → ${Math.round(perSecond)}/s p99 ${Math.round(p99)} ms`,
    )
    .join(", ");

export const sustained: Bench = {
  name: "sustained",
  what: "schedules that fire every second, their phases spread over it (those of NATS are not: it rounds them to the second)",
  run: ({ quick }) => inRepeats(quick, () => measureSustained(quick ? QUICK : FULL)),
};
