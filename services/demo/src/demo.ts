/**
 * The demo from the first process to the last: the house opens, the acts are played, the auditor draws the
 * balance. Whatever was started is ended in reverse order, however the demo ends.
 */

import type { WriteStream } from "node:tty";
import { names } from "@carillon/contracts";
import { ACTS } from "./acts/index.ts";
import { Board } from "./board.ts";
import { type House, openHouse } from "./house.ts";
import { orInterrupted } from "./interruption.ts";
import { keepRunning } from "./keep.ts";
import { openScreen } from "./screen/index.ts";
import type { Screen } from "./screen/screen.ts";
import { startRedisServer, startServer } from "./server.ts";
import { show } from "./show.ts";
import { stageOf } from "./stage.ts";
import { untilStream } from "./stream-wait.ts";
import { commandLines, verdictLines } from "./summary.ts";
import { duration } from "./wording.ts";

export interface DemoOptions {
  /** Leave all running after the verdict, until `signal`. */
  readonly keep: boolean;
  /** On a redis-server of its own; else in NATS. */
  readonly leasesInRedis: boolean;
  readonly out: WriteStream;
  /** Aborted when the demo is to end early. */
  readonly signal: AbortSignal;
}

/** True when the auditor's table balances. */
export async function runDemo({ keep, leasesInRedis, out, signal }: DemoOptions): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const { screenFor, paint, print } = openScreen(out);
  print("Starting a nats-server on this machine …");
  const server = await orInterrupted(signal, startServer(keep, print));
  stack.defer(() => server.stop());
  const redis = leasesInRedis ? await orInterrupted(signal, startRedisServer(print)) : null;
  stack.defer(async () => redis?.stop());
  const house = stack.use(await openHouse(server, redis?.url ?? null));
  print(`${server.url} is up.`);
  if (redis !== null) print(`${redis.url} is up, and keeps the leases.`);

  const board = new Board();
  const headline = (): string => headlineOf(house);
  const screen = screenFor({ board: () => board.rows(), ledger: house.auditor.ledger, headline });
  stack.defer(() => screen.close());
  show({ ...house, board, screen });
  const firstFire = timeFirstFire(house);
  await play(house, screen, signal).catch((error: unknown) => {
    screen.close();
    if (!signal.aborted) for (const line of house.crew.lastWords()) print(line);
    throw error;
  });
  screen.note("The auditor draws the balance …");
  const verdict = await orInterrupted(signal, house.auditor.finish(Date.now()));
  screen.close();
  for (const line of verdictLines(verdict, paint)) print(line);
  print(`First fire ${duration(firstFire() ?? Number.NaN)} after the server was up.`);
  for (const line of commandLines(keep ? server.url : null, paint)) print(line);
  if (keep) await keepRunning({ feed: house.feed, print, paint, signal });
  return verdict.balanced;
}

function headlineOf({ crew, samples }: House): string {
  const received = samples.map((sample) => `${sample.name} got ${sample.received()}`).join(", ");
  return `Carillon · workers: ${crew.living().length} · ${received}`;
}

const { streams } = names();

async function play(house: House, screen: Screen, signal: AbortSignal): Promise<void> {
  const opened = untilStream(house.nc, streams.commands);
  await orInterrupted(signal, Promise.race([opened, house.crew.death()]));
  const stage = stageOf({ ...house, signal, say: (text) => screen.note(text) });
  for (const [index, act] of ACTS.entries()) {
    screen.act(`${index + 1}/${ACTS.length} ${act.title}`);
    await act.run(stage);
  }
}

/** Milliseconds from the server's start to the first fire; null until there was one. */
function timeFirstFire({ feed, openedAt }: House): () => number | null {
  let firstMs: number | null = null;
  const stop = feed.listen(({ entity, what }) => {
    if (entity !== "execution" || what !== "dispatched") return;
    firstMs = Date.now() - openedAt;
    stop();
  });
  return () => firstMs;
}
