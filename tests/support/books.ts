/**
 * The books of a fleet: schedules that fire at one rate for as long as a test takes. What is planned is computed from
 * their definitions alone; what happened is counted from the streams. Nothing is kept of a message that has been
 * counted, so that the books do not grow with the time that they are kept.
 */

import { type ExecutionEventData, names } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import type { NatsConnection } from "@nats-io/transport-node";
import { every, instant } from "./definition.ts";
import { Distribution } from "./distribution.ts";
import { inTurn } from "./in-turn.ts";
import { Series } from "./series.ts";
import { follow, type StoredMessage } from "./stream-tail.ts";
import { until } from "./until.ts";

export interface Fleet {
  readonly everyMs: number;
  /** First nominal instants by id. */
  readonly anchors: ReadonlyMap<string, number>;
}

/** What was planned from the first occurrence to the last, and what became of it. */
export interface Balance {
  readonly planned: number;
  readonly commands: number;
  readonly finals: number;
  /** Planned, and not in the target's stream. */
  readonly lost: readonly string[];
  /** Planned, and without a final event. */
  readonly untold: readonly string[];
  /** Stored, or told as final, once more. */
  readonly doubled: number;
  /** Stored before it was due, by the server's clock. */
  readonly early: number;
  /** Sent or told, and never planned. */
  readonly stray: number;
}

export interface Books {
  /** From due to stored. */
  readonly lag: Distribution;
  /** Resolves once `count` more commands are stored. */
  more(count: number, waitMs?: number): Promise<void>;
  /** Gives the fleet an end (`aheadMs` from now; every schedule must know it by then), waits until everything up to it is settled, but no longer than `waitMs`, and counts. */
  close(client: Client, waitMs?: number, aheadMs?: number): Promise<Balance>;
}

/** The end of a fleet is so far ahead that every schedule knows it by then, on a busy machine too. */
const END_AHEAD_MS = 4_000;
const WAIT_MS = 30_000;

export async function createFleet(
  client: Pick<Client, "create">,
  {
    name,
    size,
    everyMs,
    more,
  }: { name: string; size: number; everyMs: number; more?: Parameters<typeof every>[1] },
): Promise<Fleet> {
  const ids = Array.from({ length: size }, (_, n) => `${name}-${n}`);
  const views = await inTurn(ids, (id) => client.create(id, every(everyMs / 1_000, more)));
  return {
    everyMs,
    anchors: new Map(
      // One that was created twice, since no answer came, may have fired by then.
      views.map(({ scheduleId, createdAt, nextFireAt }) => [
        scheduleId,
        more?.startAt === undefined ? Date.parse(createdAt) + everyMs : Date.parse(nextFireAt ?? ""),
      ]),
    ),
  };
}

interface Page {
  readonly anchor: number;
  readonly sent: Series;
  readonly told: Series;
}

/** Reads both streams from their beginning. Ends with the connection. */
export async function openBooks(nc: NatsConnection, { everyMs, anchors }: Fleet): Promise<Books> {
  const { streams } = names();
  const pages = new Map<string, Page>();
  for (const [id, anchor] of anchors) pages.set(id, { anchor, sent: new Series(), told: new Series() });
  const lag = new Distribution();
  const count = { commands: 0, finals: 0, early: 0, stray: 0 };

  const enter = (series: "sent" | "told", scheduleId: string, nominalAt: number): void => {
    const page = pages.get(scheduleId);
    const number = page === undefined ? Number.NaN : (nominalAt - page.anchor) / everyMs;
    if (page === undefined || !Number.isInteger(number) || number < 0) count.stray++;
    else page[series].add(number);
  };
  const onCommand = ({ headers, storedAt }: StoredMessage): void => {
    const scheduleId = headers["Scheduler-Schedule-Id"] ?? "";
    if (!pages.has(scheduleId)) return;
    const lagMs = storedAt - Date.parse(headers["Scheduler-Due-At"] ?? "");
    if (lagMs < 0) count.early++;
    lag.add(lagMs);
    count.commands++;
    enter("sent", scheduleId, Date.parse(headers["Scheduler-Nominal-At"] ?? ""));
  };
  const onEvent = ({ body }: StoredMessage): void => {
    const data: ExecutionEventData = JSON.parse(body).data;
    if (!pages.has(data.scheduleId) || data.final !== true) return;
    const first = Date.parse(data.firstNominalAt ?? data.nominalAt ?? "");
    for (let n = 0; n < (data.count ?? 1); n++) {
      count.finals++;
      enter("told", data.scheduleId, first + n * everyMs);
    }
  };
  await follow(nc, streams.targets, onCommand);
  await follow(nc, streams.executions, onEvent);

  const plannedOf = ({ anchor }: Page, at: number): number =>
    Math.max(0, Math.floor((at - anchor) / everyMs) + 1);
  const missing = (series: "sent" | "told", at: number): string[] =>
    [...pages].flatMap(([id, page]) =>
      page[series].missing(plannedOf(page, at)).map((number) => `${id} ${number}`),
    );
  return {
    lag,
    more: async (more, waitMs = WAIT_MS) => {
      const enough = count.commands + more;
      if (await until(() => count.commands >= enough, waitMs)) return;
      throw new Error(`${enough - count.commands} of ${more} commands did not come within ${waitMs} ms`);
    },
    close: async (client, waitMs = WAIT_MS, aheadMs = END_AHEAD_MS) => {
      const endAt = Date.now() + aheadMs;
      await inTurn([...pages.keys()], (id) => client.durable.update(id, { endAt: instant(endAt) }));
      const settled = (page: Page): boolean =>
        Math.min(page.sent.next, page.told.next) >= plannedOf(page, endAt);
      const all = [...pages.values()];
      await until(() => all.every(settled), aheadMs + waitMs);
      return {
        ...count,
        planned: all.reduce((sum, page) => sum + plannedOf(page, endAt), 0),
        lost: missing("sent", endAt),
        untold: missing("told", endAt),
        doubled: all.reduce((sum, { sent, told }) => sum + sent.doubled + told.doubled, 0),
      };
    },
  };
}

/** Nothing is wrong with it. */
export const isEven = ({
  planned,
  commands,
  finals,
  lost,
  untold,
  doubled,
  early,
  stray,
}: Balance): boolean =>
  planned > 0 &&
  commands === planned &&
  finals === planned &&
  lost.length + untold.length + doubled + early + stray === 0;

/** For people. */
export const inWords = ({
  planned,
  commands,
  finals,
  lost,
  untold,
  doubled,
  early,
  stray,
}: Balance): string =>
  `planned ${planned}, commands ${commands}, final events ${finals}: ` +
  `lost ${lost.length}, untold ${untold.length}, doubled ${doubled}, early ${early}, stray ${stray}`;
