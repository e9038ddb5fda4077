/*
 * One of two workers is stopped for three leases while it fires, and wakes up when the other one owns its partitions. Message by
 * message: what it publishes from then on, what was claimed, and what the streams hold. It lives on, and is given its partitions back.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names, type StateRecord } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { TARGET } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { type LinkProxy, openProxy } from "../../support/proxy.ts";
import { shared } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const LEASE_MS = 2_000;
const STOPPED_MS = 3 * LEASE_MS;
const SIZE = 80;
const EVERY_MS = 400;
const ROUND = SIZE;

interface Claim {
  /** When the server stored the state that promises it first. */
  readonly at: number;
  readonly term: number;
  readonly partition: number;
}

/**
 * By message id, every claim from now on, live: the bucket keeps the last version of a state only, so the server is asked
 * to tell each one that it stores.
 */
async function heedClaims({ nc }: Stack): Promise<ReadonlyMap<string, Claim>> {
  const { buckets, keys } = names();
  const prefix = `claims.${keys.subject(buckets.state, "")}`;
  const claims = new Map<string, Claim>();
  nc.subscribe("claims.>", {
    callback: (_, message) => {
      const { owed = [], term } = message.data.length === 0 ? {} : message.json<StateRecord>();
      const at = Date.parse(message.headers?.get("Nats-Time-Stamp") ?? "");
      for (const one of owed) {
        if (one.kind !== "dispatch") continue;
        const id = `default.${one.executionId}.${one.attempt}`;
        const partition = Number(keys.schedule.parse(message.subject.slice(prefix.length))?.partition);
        if (!claims.has(id)) claims.set(id, { at, term: term ?? Number.NaN, partition });
      }
    },
  });
  const state = keys.stream(buckets.state);
  const manager = await jetstreamManager(nc);
  await manager.streams.update(state, { republish: { src: ">", dest: "claims.>" } });
  return claims;
}

/** Message ids of the target commands in what a client sent. */
const targetsIn = (sent: string): string[] =>
  [...sent.matchAll(new RegExp(`HPUB ${TARGET} [^]*?Nats-Msg-Id: ?([^\\r]+)`, "g"))].map(
    ([, id]) => id ?? "",
  );

/** What goes over the link from now on. */
function record(proxy: LinkProxy): () => string {
  const chunks: string[] = [];
  proxy.onSent((text) => chunks.push(text));
  return () => chunks.join("");
}

/** By partition, that of whoever owns it now. */
async function termsOf(stack: Stack): Promise<ReadonlyMap<number, number>> {
  const { partitions } = await stack.client().status();
  return new Map(partitions.owners.map(({ partition, term }) => [partition, term]));
}

/** A counter on the worker's metrics page, over all its labels; 0 where it is not there. */
async function countOf(worker: WorkerProcess, name: string): Promise<number> {
  const { body } = await worker.page("/metrics");
  const lines = body.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

it("publishes nothing that was not claimed anew, and is of use again", { timeout: 120_000 }, async ({
  onTestFinished,
}) => {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  onTestFinished(() => stack.close());
  const proxy = await openProxy(stack.server.port);
  onTestFinished(() => proxy.close());
  const [zombie, other] = [stack.worker({ NATS_URL: proxy.url }), stack.worker()];
  await shared([zombie, other]);
  const claims = await heedClaims(stack);
  const fleet = await createFleet(stack.client(), { name: "often", size: SIZE, everyMs: EVERY_MS });
  const books = await openBooks(stack.nc, fleet);
  const said = record(proxy);
  await books.more(3.5 * ROUND);
  const own = (await zombie.standing())?.owned ?? 0;
  const terms = await termsOf(stack);

  const stoppedAt = Date.now();
  process.kill(zombie.pid, "SIGSTOP");
  await shared([other]);
  await delay(STOPPED_MS - (Date.now() - stoppedAt));
  const saidBefore = targetsIn(said()).length;
  const wokeAt = Date.now();
  process.kill(zombie.pid, "SIGCONT");
  await shared([zombie, other]);
  await books.more(3 * ROUND);
  const published = targetsIn(said()).slice(saidBefore);
  const again = (await zombie.standing())?.owned ?? 0;
  const lost = await countOf(zombie, "distributed_locks_lost_total");
  const fenced = await countOf(zombie, 'distributed_lock_failures_total{backend="nats",reason="fenced"}');

  // And it takes over all when it is its turn.
  await other.end("SIGKILL");
  await shared([zombie]);
  await books.more(3 * ROUND);
  const balance = await books.close(stack.client());
  const witness = await witnessOf(stack.nc);
  await witness.caughtUp();
  const commands = witness.targets.items.map(({ headers, storedAt }) => ({
    id: headers["Nats-Msg-Id"] ?? "",
    storedAt,
  }));
  const dispatched = witness.executions.items.map(({ body }) => JSON.parse(body));
  say(
    `stopped for ${STOPPED_MS} ms at ${(SIZE * 1_000) / EVERY_MS} fires/s, with ${own} partitions: ${lost} leases lost, ${fenced} fenced, ` +
      `owns ${again} again; target commands that it sent after it woke up: ${published.length}; claims seen ${claims.size}; ${inWords(balance)}`,
  );

  expect(isEven(balance)).toBe(true);
  expect(saidBefore).toBeGreaterThan(ROUND);
  expect([own > 0, again, fenced >= own]).toEqual([true, own, true]);
  const stale = (id: string): boolean => {
    const claim = claims.get(id);
    return claim === undefined || claim.term <= (terms.get(claim.partition) ?? Number.NaN);
  };
  expect(published.length).toBeGreaterThan(0);
  // What was half sent when it was stopped the new owner has sent too: it was stored before, once, and the repeat is dropped.
  const repeated = new Set(published.filter(stale));
  const kept = commands.filter(({ id, storedAt }) => repeated.has(id) && storedAt < wokeAt);
  expect(kept.map(({ id }) => id).sort()).toEqual([...repeated].sort());
  expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
  const unclaimed = ({ id, storedAt }: (typeof commands)[number]) =>
    !((claims.get(id)?.at ?? Number.NaN) <= storedAt);
  expect(commands.filter(unclaimed)).toEqual([]);
  expect(dispatched.map(whatOf).filter((what) => what !== "dispatched")).toEqual([]);
  expect(new Set(dispatched.map(({ data }) => data.executionId)).size).toBe(commands.length);
  expect(zombie.log.items.filter(({ level }) => level === "error")).toEqual([]);
});
