/*
 * Streams and buckets that somebody deletes, empties or changes under a running worker: it turns red and says so, makes
 * nothing anew by itself, and goes on once they are back.
 */

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { names } from "@carillon/contracts";
import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { every, manual } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { nominals, type Witness, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const { streams, buckets, keys } = names();
const STATE = keys.stream(buckets.state);
const EVERY_MS = 250;
const WAIT = { timeout: 15_000 };

let stack: Stack;
let worker: WorkerProcess;
let witness: Witness;

const manager = async () => (await jetstreamManager(stack.nc)).streams;
const exists = async (stream: string): Promise<boolean> =>
  (await manager()).info(stream).then(
    () => true,
    () => false,
  );

async function remove(stream: string): Promise<StreamConfig> {
  const { config } = await (await manager()).info(stream);
  await (await manager()).delete(stream);
  return config;
}

const status = async (): Promise<number> => (await worker.page("/ready")).status;
const unfit = async (): Promise<number> =>
  Number(/^scheduler_streams_unfit (\d+)$/m.exec((await worker.page("/metrics")).body)?.[1]);

/** Waits until the worker is red, and says it of this stream, in these words. */
async function turnsRed(stream: string, words: string): Promise<void> {
  await expect.poll(status, WAIT).toBe(503);
  await worker.log.until(
    (lines) =>
      lines.findLast(
        ({ level, lines: faults }) => level === "error" && String(faults).includes(`${stream}${words}`),
      ),
    `an error line about ${stream}`,
  );
  expect(await unfit()).toBe(1);
}

async function turnsGreen(): Promise<void> {
  await expect.poll(status, WAIT).toBe(200);
  expect(await unfit()).toBe(0);
}

const fireOn = (count: number): Promise<unknown> =>
  witness.sent("beat", witness.commands("beat").length + count);

/** The server ends, `work` is done on the folder of its streams, and it starts again. */
async function offline(work: (folder: string) => Promise<unknown>): Promise<void> {
  const back = stack.nc.status();
  await stack.server.kill();
  await work(join(stack.server.storeDir, "jetstream", "$G", "streams"));
  await stack.server.restart();
  for await (const { type } of back) if (type === "reconnect") break;
  witness = await witnessOf(stack.nc);
}

beforeAll(async () => {
  ({ stack, worker } = await openRunning({
    // Their folders are looked into.
    servers: "processes",
    settings: { LOCK_TIMEOUT_SECONDS: "2" },
  }));
  witness = await witnessOf(stack.nc);
  await stack.client().create("beat", every(EVERY_MS / 1_000));
  await stack.client().create("hand", manual());
  await fireOn(2);
});
afterAll(() => stack.close());

describe("a stream that is deleted under a running worker", () => {
  it("turns it red while schedules fire on, is not made anew by it, and is used again once it is there", async () => {
    const config = await remove(streams.executions);
    await turnsRed(streams.executions, " is gone");
    await fireOn(4);
    expect(await exists(streams.executions)).toBe(false);
    await (await manager()).add(config);
    await turnsGreen();
    witness = await witnessOf(stack.nc);
    await witness.settled("beat", 4);
  });

  it("is told of when it is only changed, and work goes on", async () => {
    const { config } = await (await manager()).info(streams.audit);
    await (await manager()).update(streams.audit, { ...config, duplicate_window: 1e9 });
    await turnsRed(streams.audit, ": duplicate_window is 1000000000");
    await fireOn(2);
    await (await manager()).update(streams.audit, config);
    await turnsGreen();
  });

  it("may be the one of targets: what is due is tried again", async () => {
    const config = await remove(streams.targets);
    await stack.client().create("lost", manual({ retry: { maxAttempts: 3, initialDelaySeconds: 4 } }));
    await stack.client().trigger("lost");
    await turnsRed(streams.targets, " is gone");
    expect(await exists(streams.targets)).toBe(false);
    await (await manager()).add(config);
    await turnsGreen();
    witness = await witnessOf(stack.nc);
    await witness.sent("lost");
  });
});

describe("the inbox", () => {
  it("is read anew once somebody has made it anew, and numbers that begin again hide no command", async () => {
    for (let n = 0; n < 5; n++) await stack.client().trigger("hand");
    const config = await remove(streams.commands);
    await turnsRed(streams.commands, " is gone");
    await (await manager()).add(config);
    await turnsGreen();
    const sent = witness.commands("hand").length;
    await stack.client().trigger("hand");
    await witness.sent("hand", sent + 1);
    await fireOn(2);
    expect(worker.log.items.filter(({ msg }) => msg.startsWith("a bug"))).toEqual([]);
  });
});

describe("the bucket of states", () => {
  it("is not replaced by an empty one, by nobody; and restored, nothing fires twice", async () => {
    const copy = join(stack.folder, "backup");
    await offline((folder) => cp(join(folder, STATE), copy, { recursive: true }));
    await fireOn(4);
    const config = await remove(STATE);
    await turnsRed(STATE, " is gone");
    await worker.log.nth(1, ({ reason }) => reason === "storage_lost", 15_000, "that it let go");
    expect(await exists(STATE)).toBe(false);

    const { code, stderr } = await stack.worker().exited;
    expect([code, stderr]).toEqual([78, expect.stringContaining(`restore ${STATE} from a backup`)]);
    await (await manager()).add(config);
    await turnsRed(STATE, " was made anew and is empty");
    expect((await stack.worker().exited).code).toBe(78);
    expect((await (await manager()).info(STATE)).state.messages).toBe(0);

    await offline(async (folder) => {
      await rm(join(folder, STATE), { recursive: true });
      await cp(copy, join(folder, STATE), { recursive: true });
    });
    await turnsGreen();
    await fireOn(4);
    await stack.client().pause("beat");
    await witness.caughtUp();
    const fired = nominals(witness.commands("beat"));
    expect(fired).toEqual(fired.map((_, n) => (fired[0] ?? 0) + n * EVERY_MS));
    const ids = witness.story("beat").flatMap(({ id, data }) => (data.final ? [id] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
