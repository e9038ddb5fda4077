/**
 * The demo from the first process to the last: server, workers, sample services, auditor; then the acts, then the
 * auditor's verdict. Whatever was started is ended in reverse order, however the demo ends.
 */

import type { WriteStream } from "node:tty";
import { names } from "@carillon/contracts";
import { type Client, createClient } from "@carillon/contracts/client";
import { connect } from "@nats-io/transport-node";
import { ACTS } from "./acts/index.ts";
import { type Auditor, startAuditor } from "./auditor-process.ts";
import { Board } from "./board.ts";
import { SCHEDULE_IDS } from "./cast.ts";
import { Crew } from "./crew.ts";
import { EventFeed } from "./event-feed.ts";
import { orInterrupted } from "./interruption.ts";
import { keepRunning } from "./keep.ts";
import { startAnalytics } from "./samples/analytics.ts";
import { startNotification } from "./samples/notification.ts";
import { openScreen } from "./screen/index.ts";
import type { Screen } from "./screen/screen.ts";
import { startServer } from "./server.ts";
import { show } from "./show.ts";
import { stageOf } from "./stage.ts";
import { untilStream } from "./stream-wait.ts";
import { commandLines, verdictLines } from "./summary.ts";
import { duration } from "./wording.ts";
import type { Worker } from "./worker.ts";

export interface DemoOptions {
  /** Leave all running after the verdict, until `signal`. */
  readonly keep: boolean;
  readonly out: WriteStream;
  /** Aborted when the demo is to end early. */
  readonly signal: AbortSignal;
}

const { streams } = names();

/** True when the auditor's table balances. */
export async function runDemo({ keep, out, signal }: DemoOptions): Promise<boolean> {
  await using house = new AsyncDisposableStack();
  const { screenFor, paint, print } = openScreen(out);
  print("Starting a nats-server on this machine …");
  const server = await orInterrupted(signal, startServer(keep, print));
  house.defer(() => server.stop());
  const upAt = Date.now();
  print(`${server.url} is up.`);
  const crew = new Crew(server.url);
  house.defer(() => crew.sendHome());
  const first = crew.start();
  const auditor = startAuditor(server.url, upAt);
  house.defer(() => auditor.end());
  const nc = await connect({ servers: server.url, name: "demo" });
  house.defer(() => nc.close());
  const client = createClient(nc, { actor: "demo" });
  if (server.pid === null) house.defer(() => forget(client));
  const samples = [await startNotification(server.url, streams.targets), await startAnalytics(server.url)];
  house.defer(async () => void (await Promise.all(samples.map((sample) => sample.close()))));

  const board = new Board();
  const feed = new EventFeed(nc);
  const received = (): string =>
    samples.map((sample) => `${sample.name} got ${sample.received()}`).join(", ");
  const headline = (): string => `Carillon · ${crew.living().length} workers · ${received()}`;
  const screen = screenFor({ board: () => board.rows(), ledger: auditor.ledger, headline });
  house.defer(() => screen.close());
  show({ nc, client, feed, board, screen });
  const firstFire = timeFirstFire(feed, upAt);

  try {
    await orInterrupted(signal, Promise.race([untilStream(nc, streams.commands), deathOf(first)]));
    await play({ client, crew, feed, auditor, screen, signal });
  } catch (error) {
    if (!signal.aborted) screen.close();
    if (!signal.aborted) for (const line of crew.lastWords()) print(line);
    throw error;
  }
  screen.note("The auditor draws the balance …");
  const verdict = await orInterrupted(signal, auditor.finish(Date.now()));
  screen.close();
  for (const line of verdictLines(verdict, paint)) print(line);
  print(`First fire ${duration(firstFire() ?? Number.NaN)} after the server was up.`);
  for (const line of commandLines(keep ? server.url : null, paint)) print(line);
  if (keep) await keepRunning({ feed, print, paint, signal });
  return verdict.balanced;
}

interface Play {
  readonly client: Client;
  readonly crew: Crew;
  readonly feed: EventFeed;
  readonly auditor: Auditor;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

async function play({ screen, ...parts }: Play): Promise<void> {
  const stage = stageOf({ ...parts, say: (text) => screen.note(text) });
  for (const [index, act] of ACTS.entries()) {
    screen.act(`${index + 1}/${ACTS.length} ${act.title}`);
    await act.run(stage);
  }
}

/** Rejects when the worker ends. */
async function deathOf({ name, process }: Worker): Promise<never> {
  await process.ended;
  throw new Error(`${name} ended at its start (${process.ending()})`);
}

/** Milliseconds from `upAt` to the first fire; null until there was one. */
function timeFirstFire(feed: EventFeed, upAt: number): () => number | null {
  let firstMs: number | null = null;
  const stop = feed.listen(({ entity, what }) => {
    if (entity !== "execution" || what !== "dispatched") return;
    firstMs = Date.now() - upAt;
    stop();
  });
  return () => firstMs;
}

/** Leaves no schedule of ours on a server that others use. */
async function forget(client: Client): Promise<void> {
  await Promise.allSettled(SCHEDULE_IDS.map((scheduleId) => client.delete(scheduleId)));
}
