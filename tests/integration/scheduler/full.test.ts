/*
 * Streams and buckets that are full because somebody limited them: what needs room is refused or waits, aloud; everything
 * else goes on; and once there is room again nothing is missing.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, every, manual, UNCAPTURED } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ask, store } from "../../support/wire.ts";
import { ledger, nominals, type Witness, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const { streams, buckets, keys } = names();
const FIRING = ["firing-0", "firing-1", "firing-2"];
/** The worker looks every second how much room there is; what is made before it knows of a new limit takes more than it should. */
const LOOKED_AFTER_MS = 2_000;
/** Long enough that a definition needs more room than a full bucket has. */
const LONG = { payload: "x".repeat(2_000) };

let stack: Stack;
let worker: WorkerProcess;
let client: Client;
let witness: Witness;

async function limit(stream: string, change: (usedBytes: number) => Partial<StreamConfig>): Promise<void> {
  const manager = await jetstreamManager(stack.nc);
  const { config, state } = await manager.streams.info(stream);
  await manager.streams.update(stream, { ...config, ...change(state.bytes) });
}
/** No more than `room` bytes fit. */
const fill = (stream: string, room = 0): Promise<void> =>
  limit(stream, (bytes) => ({
    max_bytes: Math.max(1, bytes + room),
    discard: "new" as StreamConfig["discard"],
  }));
const lift = (stream: string, discard: string): Promise<void> =>
  limit(stream, () => ({ max_bytes: -1, discard: discard as StreamConfig["discard"] }));

/** Each of them fires `count` times more. */
async function fireOn(count: number): Promise<void> {
  await Promise.all(FIRING.map((id) => witness.sent(id, witness.commands(id).length + count)));
}

const usedRatio = async (stream: string): Promise<number> => {
  const { body } = await worker.page("/metrics");
  return Number(
    new RegExp(`^scheduler_stream_used_ratio\\{stream="${stream}"\\} (\\S+)$`, "m").exec(body)?.[1],
  );
};

const warnings = (words: string): unknown[] =>
  worker.log.items.filter(({ level, detail }) => level === "warn" && String(detail).includes(words));

beforeAll(async () => {
  ({ stack, worker, client } = await openRunning({ settings: { LOCK_TIMEOUT_SECONDS: "2" } }));
  witness = await witnessOf(stack.nc);
  for (const id of FIRING) await client.create(id, every(0.5));
  await fireOn(1);
});
afterAll(() => stack.close());

describe("a full bucket", () => {
  it.each([
    ["definitions", keys.stream(buckets.schedules), 500],
    // A tenth, or 64 KiB, is left to schedules that exist.
    ["states", keys.stream(buckets.state), 80_000],
  ])(
    "of %s refuses new schedules, keeps the others firing, shows, and takes them again",
    async (what, stream, room) => {
      await fill(stream, room);
      await delay(LOOKED_AFTER_MS);
      const refused: unknown[] = [];
      for (let n = 0; refused.length < 5; n++)
        await client.create(`late-${what}-${n}`, manual(LONG)).catch((error: unknown) => refused.push(error));
      for (const error of refused) expect(error).toMatchObject({ code: "storage_full", retryable: true });
      await fireOn(2);
      expect(await usedRatio(stream)).toBeGreaterThan(0.1);
      await worker.end(what === "states" ? "SIGKILL" : "SIGTERM");
      worker = stack.worker();
      await worker.settled();
      await fireOn(2);
      expect(warnings("not stored")).toEqual([]);
      await lift(stream, "new");
      const definition = manual(LONG);
      await expect
        .poll(() => client.create(`after-${what}`, definition).then(({ version }) => version, String), {
          timeout: 10_000,
        })
        .toBe(1);
    },
  );
});

describe("a full stream of execution events", () => {
  it("has events wait, and commands go on; none is missing afterwards", async () => {
    await fill(streams.executions);
    await fireOn(3);
    await worker.log.nth(
      1,
      ({ level, detail }) => level === "warn" && String(detail).includes("stream_full"),
      10_000,
      "that events wait",
    );
    await lift(streams.executions, "old");
    await Promise.all(FIRING.map((id) => client.pause(id)));
    for (const id of FIRING) {
      const fired = nominals(witness.commands(id));
      await witness.settled(id, fired.length);
      expect(fired).toEqual(fired.map((_, n) => (fired[0] ?? 0) + n * 500));
      expect(ledger(witness.story(id))).toBe(fired.length);
    }
    await Promise.all(FIRING.map((id) => client.resume(id)));
  });
});

describe("a full inbox", () => {
  it("refuses whoever publishes, and whoever asks, with words that say so", async () => {
    await fill(streams.commands);
    await expect(
      store(stack.nc, { subject: "cmd.scheduler.default.create.full", body: manual() }),
    ).rejects.toThrow("maximum bytes exceeded");
    await expect(client.durable.create("full", manual())).rejects.toMatchObject({ code: "storage_full" });
    const { reply, serviceErrorCode } = await ask(stack.nc, {
      subject: "rpc.scheduler.default.create.full",
      body: manual(),
    });
    expect(serviceErrorCode).toBe("503");
    expect(reply).toMatchObject({ ok: false, error: { code: "storage_full", retryable: true } });
    await fireOn(2);
    await lift(streams.commands, "new");
    expect((await client.create("full", manual())).version).toBe(1);
  });
});

describe("dead letters that cannot be written", () => {
  it("wait, aloud, harm nobody, and come", async () => {
    await fill(streams.deadLetters);
    const target = { subject: UNCAPTURED };
    await client.create("dead", define({ type: "manual" }, { target, retry: { maxAttempts: 1 } }));
    await client.trigger("dead");
    await witness.settled("dead");
    await worker.log.nth(
      1,
      ({ detail }) => String(detail).startsWith("dead."),
      10_000,
      "that a letter waits",
    );
    await fireOn(2);
    await lift(streams.deadLetters, "old");
    await witness.deadLetters.until((items) => items.length === 1, "the letter");
  });
});
