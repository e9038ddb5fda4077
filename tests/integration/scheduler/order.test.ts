/*
 * Thousands of commands of one schedule, published as fast as they are stored, while the links of two workers are cut and
 * held, and the owner of the schedule is stopped for longer than its lease and wakes up as a zombie, twice. Every command has its effect once,
 * in the order in which it was published: as the audit, the outcomes and the target's stream tell it.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { OkReply } from "@carillon/contracts";
import { expect, it } from "vitest";
import { manual } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { type LinkProxy, openProxy } from "../../support/proxy.ts";
import { ownerOf, shared, untilOwnedBy } from "../../support/sharing.ts";
import { openStack } from "../../support/stack.ts";
import { ledger, whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const LEASE_MS = 2_000;
const COMMANDS = 3_000;
/** Every so many commands one is a trigger instead of an update. */
const TRIGGER_EVERY = 10;
const ID = "ordered";
/** Published before their acknowledgements come. */
const BURST = 500;
const DROP_MS = 150;
const PATIENCE_MS = 60_000;
/** What waits in the inbox of an owner that is gone comes to the next one within this. */
const PAUSE_MS_MAX = 3 * LEASE_MS;

interface Linked {
  readonly worker: WorkerProcess;
  readonly proxy: LinkProxy;
}

const isTrigger = (n: number): boolean => n % TRIGGER_EVERY === TRIGGER_EVERY - 1;
const commandIdOf = (n: number): string => `default.c-${n}`;
const replyToOf = (n: number): string => `_INBOX.order.${n}`;

it("of one schedule take effect in order, none lost and none repeated", { timeout: 120_000 }, async ({
  onTestFinished,
}) => {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000) } });
  onTestFinished(() => stack.close());
  const link = async (): Promise<Linked> => {
    const proxy = await openProxy(stack.server.port);
    onTestFinished(() => proxy.close());
    return { proxy, worker: stack.worker({ NATS_URL: proxy.url }) };
  };
  const pair = [await link(), await link()];
  const workers = pair.map(({ worker }) => worker);
  await shared(workers);
  const { owner } = await ownerOf(stack, workers, ID);
  const [holder, heir] = pair.sort((one) => (one.worker === owner ? -1 : 1)) as [Linked, Linked];
  const client = stack.client();
  await client.create(ID, manual());
  const witness = await witnessOf(stack.nc);
  const outcomes = new Map<number, number[]>();
  stack.nc.subscribe(replyToOf(-1).replace("-1", "*"), {
    callback: (_, message) => {
      const n = Number(message.subject.split(".").at(-1));
      const reply = message.json<OkReply>();
      outcomes.set(n, [...(outcomes.get(n) ?? []), reply.ok ? reply.schedule.version : Number.NaN]);
    },
  });

  const publish = async (): Promise<void> => {
    for (let from = 0; from < COMMANDS; from += BURST) {
      const burst = Array.from({ length: Math.min(BURST, COMMANDS - from) }, (_, n) => from + n);
      await Promise.all(
        burst.map((n) => {
          const options = { commandId: commandIdOf(n), replyTo: replyToOf(n) };
          if (isTrigger(n)) return client.durable.trigger(ID, { payload: { n } }, options);
          return client.durable.update(ID, { metadata: { n } }, options);
        }),
      );
    }
  };
  const updates = (): number => witness.audit.items.length - 1;
  const reached = (share: number): Promise<unknown> =>
    witness.audit.until(() => updates() >= COMMANDS * 0.9 * share, `${share} of the updates`, PATIENCE_MS);
  const drop = async ({ proxy }: Linked): Promise<void> => {
    proxy.cut();
    await delay(DROP_MS);
    proxy.mend();
  };
  /** The heir goes on with what is in the inbox, until the holder is back. */
  const stumble = async (): Promise<void> => {
    process.kill(holder.worker.pid, "SIGSTOP");
    await untilOwnedBy(stack, ID, heir.worker);
    process.kill(holder.worker.pid, "SIGCONT");
    await untilOwnedBy(stack, ID, holder.worker);
  };

  const published = publish();
  await reached(0.1);
  await drop(holder);
  await reached(0.2);
  holder.proxy.hold("toClient");
  await delay(DROP_MS);
  holder.proxy.release("toClient");
  await reached(0.3);
  await stumble();
  const first = updates();
  await reached(0.5);
  await drop(heir);
  await drop(holder);
  await reached(0.7);
  await stumble();
  const second = updates();
  await reached(0.85);
  await drop(holder);
  await published;
  await reached(1);
  await witness.settled(ID, COMMANDS / TRIGGER_EVERY, PATIENCE_MS);
  await witness.caughtUp();

  const all = Array.from({ length: COMMANDS }, (_, n) => n);
  const expected = all.filter((n) => !isTrigger(n));
  const told = witness.record(ID).filter((event) => whatOf(event) === "updated");
  const fired = witness.commands(ID).map(({ body }) => JSON.parse(body).n as number);
  const storedAts = witness.audit.items.map(({ storedAt }) => storedAt);
  const pauses = storedAts.map((at, n) => Math.round(at - (storedAts[n - 1] ?? at))).sort((a, b) => b - a);
  const answered = [...outcomes.values()].flat().length;
  say(
    `${COMMANDS} commands, 4 link drops, takeovers after ${first} and ${second} updates: ${told.length} updates, ` +
      `${fired.length} fires, ${answered} outcomes of ${outcomes.size} commands; longest pauses ${pauses.slice(0, 3).join(" ")} ms`,
  );
  expect(pauses[0]).toBeLessThan(PAUSE_MS_MAX);
  expect(told.map(({ data }) => data.commandId)).toEqual(expected.map(commandIdOf));
  expect(told.map(({ data }) => data.version)).toEqual(expected.map((_, index) => index + 2));
  expect(fired.sort((a, b) => a - b)).toEqual(all.filter(isTrigger));
  expect(ledger(witness.story(ID))).toBe(COMMANDS / TRIGGER_EVERY);
  expect(await client.get(ID)).toMatchObject({
    version: expected.length + 1,
    definition: { metadata: { n: expected.at(-1) } },
  });
  const versionAfter = (n: number): number => n + 2 - Math.floor((n + 1) / TRIGGER_EVERY);
  const wrong = all.filter((n) => {
    const versions = outcomes.get(n) ?? [];
    return versions.length === 0 || versions.some((version) => version !== versionAfter(n));
  });
  expect(wrong).toEqual([]);
  for (const { worker } of pair) {
    expect(worker.log.items.filter(({ level }) => level === "error")).toEqual([]);
  }
});
