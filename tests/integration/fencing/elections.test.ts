/*
 * The leader of the bucket of states is killed (SIGKILL) again and again while many schedules fire, on a cluster of three
 * servers, each of which comes back: the ledger balances, and no worker ends.
 */

import { names } from "@carillon/contracts";
import { LOOPBACK, type NatsServer, natsGreeting } from "@carillon/local";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { settles } from "../../support/fencing.ts";
import { say } from "../../support/measure.ts";
import { patient } from "../../support/patient.ts";
import { openProxy } from "../../support/proxy.ts";
import { shared } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";

/** Kills in a row; CARILLON_TEST_KILLS=10 for the long run. */
const KILLS = Number(process.env["CARILLON_TEST_KILLS"] ?? 1);
const SIZE = 40;
const EVERY_MS = 500;
/** So long may it take until the end of every schedule is stored, where the servers have been in trouble. */
const END_AHEAD_MS = 8_000;
const PATIENCE_MS = 30_000;
/** A consumer that nobody reads is gone after so long: nanoseconds. */
const PROBE_NANOS = 2_000_000_000;
const LEASE_SECONDS = "5";

/** Of the cluster, by their names, what it says of the stream now; null: nobody says anything. */
async function leading({ nc }: Stack, stream: string): Promise<string | null> {
  const { streams } = await jetstreamManager(nc, { checkAPI: false });
  const info = await streams.info(stream).catch(() => null);
  return info?.cluster?.leader ?? null;
}

/** The server that leads the bucket of states. */
async function leaderOf(stack: Stack): Promise<NatsServer> {
  const { buckets, keys } = names();
  const found: { leader?: NatsServer } = {};
  await settles("the bucket of states has a leader", async () => {
    const name = await leading(stack, keys.stream(buckets.state));
    for (const server of stack.servers) {
      const greeting = await natsGreeting({ host: LOOPBACK, port: server.port });
      if (greeting !== null && greeting.serverName === name) found.leader = server;
    }
    return found.leader !== undefined;
  });
  if (found.leader === undefined) throw new Error("a leader that is none of the servers");
  return found.leader;
}

async function takesConsumers({ nc }: Stack): Promise<boolean> {
  const { consumers } = await jetstreamManager(nc, { checkAPI: false });
  const { targets, executions } = names().streams;
  const added = [targets, executions].map((stream) =>
    consumers.add(stream, { inactive_threshold: PROBE_NANOS }),
  );
  return (await Promise.allSettled(added)).every(({ status }) => status === "fulfilled");
}

/** Resolves once so many more target commands are stored. */
async function fired({ nc }: Stack, more: number): Promise<void> {
  const { streams } = await jetstreamManager(nc, { checkAPI: false });
  const count = async (): Promise<number | null> => {
    const info = await streams.info(names().streams.targets).catch(() => null);
    return info?.state.last_seq ?? null;
  };
  let before: number | null = null;
  await settles(`${more} more commands`, async () => {
    const now = await count();
    before ??= now;
    return now !== null && before !== null && now >= before + more;
  });
}

it(`loses and doubles nothing while the leader of the states is killed ${KILLS} times`, {
  timeout: 90_000 + KILLS * 30_000,
}, async ({ onTestFinished }) => {
  const stack = await openStack({ cluster: true, settings: { LOCK_TIMEOUT_SECONDS: LEASE_SECONDS } });
  onTestFinished(() => stack.close());
  const proxies = await Promise.all(stack.servers.map(({ port }) => openProxy(port)));
  onTestFinished(async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))));
  const codes = new Map<string, number>();
  for (const proxy of proxies)
    proxy.onHeard((text) => {
      for (const [, code = ""] of text.matchAll(/"err_code":(\d+)/g))
        codes.set(code, (codes.get(code) ?? 0) + 1);
    });
  const urls = proxies.map(({ url }) => url).join(",");
  const workers = [stack.worker({ NATS_URL: urls }), stack.worker({ NATS_URL: urls })];
  await shared(workers);
  const fleet = await createFleet(patient(stack.client()), { name: "often", size: SIZE, everyMs: EVERY_MS });
  codes.clear();
  for (let kill = 0; kill < KILLS; kill++) {
    await fired(stack, 3 * SIZE);
    const leader = await leaderOf(stack);
    await leader.kill();
    await fired(stack, 4 * SIZE);
    await leader.restart();
  }
  await fired(stack, 4 * SIZE);
  // Only now: a consumer may live on a server that is killed, or on one that is not back yet.
  await settles("streams take consumers", () => takesConsumers(stack));
  const books = await openBooks(stack.nc, fleet);
  const balance = await books.close(stack.client(), PATIENCE_MS, END_AHEAD_MS);
  const counted = [...codes].map(([code, count]) => `${code} × ${count}`).join(", ");
  say(`${KILLS} leaders killed: ${inWords(balance)}; lag ${books.lag}; codes: ${counted}`);
  expect(isEven(balance)).toBe(true);
  for (const { log } of workers)
    expect(log.items.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
});
