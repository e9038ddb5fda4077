/**
 * Ten days without a worker, for schedules that wanted to fire ten times a second. The worker that comes back lives by a
 * wall clock that is ten days ahead of the one before, so the records are as the product wrote them.
 */

import { type ExecutionEventData, names } from "@carillon/contracts";
import type { NatsConnection } from "@nats-io/transport-node";
import { define, instant, once } from "../support/definition.ts";
import { inTurn } from "../support/in-turn.ts";
import { openStack, type Stack } from "../support/stack.ts";
import { follow } from "../support/stream-tail.ts";
import { until } from "../support/until.ts";
import { openWallClock } from "../support/wall-clock.ts";
import type { Report } from "./report.ts";

const DAY_MS = 86_400_000;
const GONE_MS = 10 * DAY_MS;
const EVERY_MS = 100;
/** Until the first occurrence: by then all are created, and the worker is gone. */
const LEAD_MS = 300_000;
const FRESH = "fresh";
/** So long after the end of all others a fresh schedule is due, at the very start of the worker. */
const FRESH_AFTER_MS = 1_000;
const FIRST_FIRE_MS_MAX = 5_000;
const EVENTS_MAX = 2;
/** A gap of ten days is told within this, however many schedules have one. */
const TOLD_MS_MAX = 120_000;

interface Page {
  events: number;
  /** Occurrences that its final events cover. */
  settled: number;
  commands: number;
  firedAt: number | null;
}

export async function soakGaps({ schedules }: { schedules: number }): Promise<Report> {
  const stack = await openStack({ settings: { MAX_SCHEDULES_PER_CREATOR: String(schedules + 1) } });
  try {
    const { ids, occurrences, endAt } = await leave(stack, schedules);
    const pages = await openPages(stack.nc);
    const clock = await openWallClock(stack.folder, endAt + FRESH_AFTER_MS - Date.now());
    const startedAt = Date.now();
    const worker = stack.worker(clock.settings);
    const isTold = (id: string): boolean => (pages.get(id)?.settled ?? 0) >= occurrences;
    const all = await until(() => pages.has(FRESH) && ids.every(isTold), TOLD_MS_MAX);
    const toldMs = Date.now() - startedAt;
    const firstFireMs = Math.round((pages.get(FRESH)?.firedAt ?? Number.NaN) - startedAt);
    await worker.end();
    const events = Math.max(...ids.map((id) => pages.get(id)?.events ?? 0));
    return {
      lines: [
        `${schedules} schedules of ${EVERY_MS} ms, ten days without a worker: ${occurrences} occurrences each, ` +
          `${(schedules * occurrences).toExponential(2)} in all`,
        `from start to the first fire of a fresh schedule ${firstFireMs} ms; everything told after ${toldMs} ms; ` +
          `at most ${events} execution events for a gap`,
      ],
      faults: [
        ...(all ? [] : [`after ${toldMs} ms not everything is told`]),
        ...(firstFireMs < FIRST_FIRE_MS_MAX ? [] : [`the first fire came after ${firstFireMs} ms`]),
        ...ids.flatMap((id) => faultsOf(id, pages.get(id), occurrences)),
      ],
    };
  } finally {
    await stack.close();
  }
}

/** Creates everything, and ends the worker before anything is due. */
async function leave(stack: Stack, size: number) {
  const first = stack.worker();
  await first.settled();
  const client = stack.client();
  const startAt = Date.now() + LEAD_MS;
  const endAt = startAt - LEAD_MS + GONE_MS;
  const ids = Array.from({ length: size }, (_, n) => `gap-${n}`);
  const definition = define(
    { type: "interval", everySeconds: EVERY_MS / 1_000, startAt: instant(startAt) },
    { endAt: instant(endAt), misfire: { policy: "fire_once", graceSeconds: 0 } },
  );
  await inTurn(ids, (id) => client.create(id, definition));
  await client.create(FRESH, once(endAt + FRESH_AFTER_MS));
  await first.end();
  return { ids, endAt, occurrences: Math.floor((endAt - startAt) / EVERY_MS) + 1 };
}

/** What came of each schedule. */
async function openPages(nc: NatsConnection): Promise<ReadonlyMap<string, Page>> {
  const { streams } = names();
  const pages = new Map<string, Page>();
  const pageOf = (id: string): Page => {
    const page = pages.get(id) ?? { events: 0, settled: 0, commands: 0, firedAt: null };
    pages.set(id, page);
    return page;
  };
  await follow(nc, streams.executions, ({ body }) => {
    const data: ExecutionEventData = JSON.parse(body).data;
    const page = pageOf(data.scheduleId);
    page.events++;
    if (data.final) page.settled += data.count ?? 1;
  });
  await follow(nc, streams.targets, ({ headers, storedAt }) => {
    const page = pageOf(headers["Scheduler-Schedule-Id"] ?? "");
    page.commands++;
    page.firedAt ??= storedAt;
  });
  return pages;
}

function faultsOf(id: string, page: Page | undefined, occurrences: number): string[] {
  const { events = 0, settled = 0, commands = 0 } = page ?? {};
  return [
    ...(events <= EVENTS_MAX ? [] : [`${id} has ${events} execution events`]),
    ...(settled === occurrences ? [] : [`${id}: ${settled} of ${occurrences} occurrences are settled`]),
    ...(commands === 1 ? [] : [`${id} fired ${commands} times`]),
  ];
}
