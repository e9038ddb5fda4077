/**
 * An owner that is stopped at one message after another, while another worker owns what it held and goes on: what both send, what was
 * claimed, and what the streams hold in the end.
 */

import { setTimeout as delay } from "node:timers/promises";
import { type Balance, type Books, createFleet, openBooks } from "./books.ts";
import { type Claims, heedClaims } from "./claims.ts";
import { manual, TARGET } from "./definition.ts";
import { inTurn } from "./in-turn.ts";
import { patient } from "./patient.ts";
import { openProxy } from "./proxy.ts";
import { PARTITIONS, shared } from "./sharing.ts";
import { openStack, type Stack } from "./stack.ts";
import { type Point, type Stalls, stallsOf } from "./stalls.ts";
import { until } from "./until.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** The shortest that is allowed. */
const LEASE_MS = 2_000;
const SIZE = 40;
const EVERY_MS = 500;
/** So long may it take until the end of every schedule is stored, where the servers have been in trouble. */
const END_AHEAD_MS = 8_000;
const COMMAND_EVERY_MS = 40;
const PATIENCE_MS = 30_000;

/** Counted of one stall. */
export interface Outcome {
  readonly point: Point;
  /** Holdings that the owner found to have been overtaken. */
  readonly fenced: number;
}

export interface Fencing {
  /** The one that stalls. */
  readonly owner: WorkerProcess;
  /** Stops the owner there until the other one holds everything and fires, and wakes it; resolves when it owns its share again. */
  stall(point: Point, taking: boolean): Promise<Outcome>;
  /** Message ids that the owner sent although somebody else had the term, and that were claimed after that term began. */
  unclaimed(): string[];
  /** Ends the fleet, and counts. */
  close(): Promise<Balance>;
}

const FENCED = 'distributed_lock_failures_total{backend="nats",reason="fenced"}';

async function fencedOf(worker: WorkerProcess): Promise<number> {
  const { body } = await worker.page("/metrics");
  const line = body.split("\n").find((one) => one.startsWith(FENCED));
  return Number(line?.slice(FENCED.length) ?? Number.NaN);
}

/** Looks until it holds. */
export async function settles(what: string, holds: () => Promise<boolean>): Promise<void> {
  if (!(await until(holds, PATIENCE_MS))) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
}

/** `atEnd`: keeps what ends all of it, however far it came. */
export async function openFencing(
  { cluster }: { cluster: boolean },
  atEnd: (end: () => Promise<void>) => void,
): Promise<Fencing> {
  const stack = await openStack({ cluster, settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  atEnd(() => stack.close());
  const proxy = await openProxy(stack.server.port);
  atEnd(() => proxy.close());
  const rival = stack.worker();
  await shared([rival]);
  const claims = await heedClaims(stack.nc);
  const owner = stack.worker({ NATS_URL: proxy.url });
  const [share = 0] = await shared([owner, rival]);
  const sent: { id: string; at: number }[] = [];
  proxy.onSent((text) => {
    const at = Date.now();
    for (const id of targetsIn(text)) sent.push({ id, at });
  });
  const stalls = stallsOf(owner.pid, proxy);
  const fleet = await createFleet(patient(stack.client()), { name: "often", size: SIZE, everyMs: EVERY_MS });
  const books = await openBooks(stack.nc, fleet);
  const stopCommands = await keepCommanding(stack);
  atEnd(async () => stopCommands());
  return {
    owner,
    stall: (point, taking) => stallOnce({ owner, rival, books, stalls, share }, point, taking),
    unclaimed: () => unclaimedAmong(sent, claims),
    close: () => {
      stopCommands();
      return books.close(stack.client(), PATIENCE_MS, END_AHEAD_MS);
    },
  };
}

interface Players {
  owner: WorkerProcess;
  rival: WorkerProcess;
  books: Books;
  stalls: Stalls;
  /** Partitions that are wanted of the owner. */
  share: number;
}

/** What belongs to a takeover is met when the owner takes its share back, after a stall of its own. */
async function stallOnce(players: Players, point: Point, taking: boolean): Promise<Outcome> {
  const { owner, rival, books, stalls, share } = players;
  const before = await fencedOf(owner);
  const holdsAll = async (): Promise<boolean> => (await rival.standing())?.owned === PARTITIONS;
  if (taking) {
    process.kill(owner.pid, "SIGSTOP");
    await settles("the other worker holds everything", holdsAll);
  }
  const stalled = stalls.at(point);
  if (taking) process.kill(owner.pid, "SIGCONT");
  await Promise.race([
    stalled,
    delay(PATIENCE_MS, null, { ref: false }).then(() => {
      throw new Error(`${point.what} was not met`);
    }),
  ]);
  await settles("the other worker holds everything", holdsAll);
  await books.more(2 * SIZE);
  stalls.wake();
  await settles("the owner owns its share again", async () => {
    const owned = [await owner.standing(), await rival.standing()].map((standing) => standing?.owned);
    return owned[0] === share && owned[1] === PARTITIONS - share;
  });
  await settles("the owner is ready", async () => (await owner.page("/ready")).status === 200);
  return { point, fenced: (await fencedOf(owner)) - before };
}

/** Message ids of the target commands in what a client sent. */
const targetsIn = (text: string): string[] =>
  [...text.matchAll(new RegExp(`HPUB ${TARGET} [^]*?Nats-Msg-Id: ?([^\\r]+)`, "g"))].map(
    ([, id]) => id ?? "",
  );

function unclaimedAmong(sent: readonly { id: string; at: number }[], claims: Claims): string[] {
  return sent.flatMap(({ id, at }) => {
    const claim = claims.byId.get(id);
    if (claim === undefined) return [`${id}: no claim`];
    const nextAt = claims.nextTermAt(claim.partition, claim.term);
    return at >= nextAt && claim.at >= nextAt ? [`${id}: term ${claim.term}`] : [];
  });
}

const COMMANDED = Array.from({ length: PARTITIONS }, (_, n) => `by-hand-${n}`);

/** Changes schedules in all partitions, one after another, whoever owns them and whether or not somebody answers. */
async function keepCommanding(stack: Stack): Promise<() => void> {
  const client = stack.client();
  await inTurn(COMMANDED, (id) => patient(client).create(id, manual()));
  let n = 0;
  const timer = setInterval(() => {
    n++;
    // An owner that stalls answers nothing in time; what became of it is asked of the streams.
    client.update(COMMANDED[n % COMMANDED.length] ?? "", { payload: { n } }).catch(() => {});
  }, COMMAND_EVERY_MS);
  return () => clearInterval(timer);
}
