/*
 * Another number of partitions, while no worker lives: schedules of all kinds, what a killed worker owes and what nobody has read are
 * found again by workers of the new number, whenever the change was killed and begun again. Nothing is lost, doubled or reordered.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names, partitionOf } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { jetstreamManager } from "@nats-io/jetstream";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { ahead, every, manual, once } from "../../support/definition.ts";
import { inTurn } from "../../support/in-turn.ts";
import { type Ended, runRepartition } from "../../support/repartition-process.ts";
import { scheduleKey } from "../../support/schedule-key.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { tailOf } from "../../support/stream-tail.ts";
import { store } from "../../support/wire.ts";
import { witnessOf } from "../../support/witness.ts";

const { keys, buckets, streams } = names();
const SETTINGS = { LOCK_TIMEOUT_SECONDS: "2" };
const FLEET = 80;
const OTHERS = 40;
/** Unread commands of one schedule, and of each that has some. */
const UNREAD = 5;
/** A killed run is found to be gone within a lease. */
const LONG_MS = 240_000;
/** Several processes one after the other, each waiting for a lease to expire. */
const SOME_MS = 90_000;

const ids = (name: string): string[] => Array.from({ length: OTHERS }, (_, n) => `${name}-${n}`);

async function openOwn(): Promise<Stack> {
  const stack = await openStack({ settings: SETTINGS });
  onTestFinished(() => stack.close());
  return stack;
}

async function running(stack: Stack, partitions: number) {
  const worker = stack.worker({ SCHEDULER_PARTITIONS: String(partitions) });
  return worker.settled().then(() => worker);
}

const settingsOf = ({ server }: Stack) => ({ NATS_URL: server.url, ...SETTINGS });
const change = (stack: Stack, ...args: string[]): Promise<Ended> =>
  runRepartition(args, { settings: settingsOf(stack) });

/** Killed at these words, and begun again each time. Resolves with what the run that was let alone said. */
async function changeAgainAndAgain(
  stack: Stack,
  to: number,
  kills: readonly [string, number][],
): Promise<Ended> {
  for (const [words, afterMs] of kills) {
    const { code } = await runRepartition(["--to", String(to)], {
      settings: settingsOf(stack),
      killAt: { words, afterMs },
    });
    expect([null, 0]).toContain(code);
  }
  return change(stack, "--to", String(to));
}

/** Commands that nobody reads yet; the last of those of one schedule decides. */
async function leaveUnread(client: Client, round: number): Promise<void> {
  for (let n = 1; n <= UNREAD; n++)
    await inTurn(ids("manual"), (id) => client.durable.update(id, { metadata: { round, n } }));
  await inTurn(ids("manual"), (id) => client.durable.trigger(id, undefined, { commandId: idOf(id, round) }));
  await inTurn(ids("gone"), (id) => client.durable.apply(`${id}-${round}`, manual()));
}
const idOf = (id: string, round: number): string => `default.${id}-${round}`;

const unread = async (stack: Stack): Promise<number> =>
  (await (await jetstreamManager(stack.nc)).streams.info(streams.commands)).state.messages;

/** Versions of the definitions that are kept under a key, in the order of the bucket. */
async function versionsOf(stack: Stack, key: string): Promise<number[]> {
  const tail = await tailOf(stack.nc, keys.stream(buckets.schedules));
  await tail.caughtUp();
  return tail.items
    .filter(({ subject, body }) => subject === keys.subject(buckets.schedules, key) && body !== "")
    .map(({ body }) => JSON.parse(body).version);
}

async function allUnder(stack: Stack, partitions: number): Promise<void> {
  const manager = await jetstreamManager(stack.nc);
  for (const bucket of [buckets.schedules, buckets.state]) {
    const info = await manager.streams.info(keys.stream(bucket), { subjects_filter: `$KV.${bucket}.*.*.*` });
    for (const subject of Object.keys(info.state.subjects ?? {})) {
      const key = subject.slice(`$KV.${bucket}.`.length);
      const last = await manager.streams.getMessage(keys.stream(bucket), { last_by_subj: subject });
      const { scheduleId = "" } = keys.schedule.parse(key) ?? {};
      if (last?.header.get("KV-Operation") === "") expect(key).toBe(scheduleKey(scheduleId, partitions));
    }
  }
}

describe("another number of partitions", () => {
  it("loses, doubles and reorders nothing, wherever the change was killed", {
    timeout: LONG_MS,
  }, async () => {
    const stack = await openOwn();
    const client = stack.client();
    let worker = await running(stack, 32);
    const witness = await witnessOf(stack.nc);
    const fleet = await createFleet(client, { name: "fleet", size: FLEET, everyMs: 500 });
    const books = await openBooks(stack.nc, fleet);
    await inTurn(ids("manual"), (id) => client.durable.create(id, manual()));
    await inTurn(ids("manual"), (id) => client.durable.trigger(id, undefined, { commandId: idOf(id, 0) }));
    await inTurn(ids("paused"), (id) => client.durable.create(id, every(3_600)));
    await inTurn(ids("paused"), (id) => client.durable.pause(id, { reason: "for now" }));
    await inTurn(ids("gone"), (id) => client.durable.create(id, manual(), { commandId: idOf(id, 9) }));
    await inTurn(ids("gone"), (id) => client.durable.delete(id));
    await inTurn(ids("far"), (id) => client.durable.create(id, once(ahead(86_400))));
    await expect.poll(() => unread(stack), { timeout: 30_000 }).toBe(0);
    await books.more(FLEET);
    await worker.end("SIGKILL");
    await leaveUnread(client, 1);

    const dry = await change(stack, "--to", "7", "--dry-run");
    expect(dry).toMatchObject({ code: 0, lines: expect.arrayContaining(["nothing was written"]) });
    const first = await changeAgainAndAgain(stack, 7, [
      ["partition 2:", 0],
      ["partition 20:", 20],
      ["unread commands moved", 0],
      ["old keys removed", 0],
    ]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    await allUnder(stack, 7);
    worker = await running(stack, 7);
    await books.more(2 * FLEET);
    await worker.end("SIGKILL");
    await leaveUnread(client, 2);

    const second = await changeAgainAndAgain(stack, 64, [
      ["unread commands in", Math.round(Math.random() * 400)],
      ["partition 6:", Math.round(Math.random() * 200)],
      ["unread commands moved", Math.round(Math.random() * 50)],
    ]);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    // What was moved and not read is moved once more.
    expect(await change(stack, "--to", "5")).toMatchObject({ code: 0, stderr: "" });
    await allUnder(stack, 5);
    worker = await running(stack, 5);
    await books.more(2 * FLEET);
    await expect.poll(() => unread(stack), { timeout: 30_000 }).toBe(0);
    const balance = await books.close(client);
    expect(isEven(balance), inWords(balance)).toBe(true);

    const views = await client.list({ limit: 500 });
    expect(views.items.filter(({ scheduleId }) => scheduleId.startsWith("paused-"))).toHaveLength(OTHERS);
    for (const id of ids("manual")) {
      const { version, definition } = await client.get(id);
      expect({ version, metadata: definition.metadata }).toEqual({
        version: 1 + 2 * UNREAD,
        metadata: { round: 2, n: UNREAD },
      });
      // The first outcome again, and no second effect.
      for (const round of [1, 2]) await client.trigger(id, undefined, { commandId: idOf(id, round) });
      await witness.settled(id, 3);
    }
    // One that was stored and not committed may stand beside them, with the number of the one that was.
    const versions = await versionsOf(stack, scheduleKey("manual-0", 5));
    expect([...versions].sort((a, b) => a - b)).toEqual(versions);
    expect(new Set(versions)).toEqual(new Set(Array.from({ length: 1 + 2 * UNREAD }, (_, n) => n + 1)));
    await inTurn(ids("gone"), (id) => client.create(id, manual(), { commandId: idOf(id, 9) }));
    await expect(client.get("gone-0")).rejects.toMatchObject({ code: "not_found" });
    expect((await client.get("gone-1-2")).version).toBe(1);
    expect((await client.resume("paused-0")).status).toBe("active");
    await witness.caughtUp();
    for (const id of ids("manual")) expect(witness.commands(id)).toHaveLength(3);
    const changes = witness.record("manual-3").map(({ data }) => data.version);
    expect(changes).toEqual([...changes].sort((a, b) => (a ?? 0) - (b ?? 0)));
    expect(await unread(stack)).toBe(0);
  });
});

describe("the command", { timeout: SOME_MS }, () => {
  it("refuses while a worker lives, and a worker of another number says what to do", async () => {
    const stack = await openOwn();
    const worker = await running(stack, 4);
    const refused = await change(stack, "--to", "8");
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain("stop all workers first");
    const other = await stack.worker({ SCHEDULER_PARTITIONS: "8" }).exited;
    expect(other.code).toBe(78);
    expect(other.stderr).toContain(
      "SCHEDULER_PARTITIONS=4, or stop all workers and run npm run repartition -- --to 8",
    );
    expect((await stack.client().create("still", manual())).version).toBe(1);
    await worker.end();
  });

  it("keeps workers out until it is finished or given up", async () => {
    const stack = await openOwn();
    const worker = await running(stack, 4);
    await inTurn(ids("one"), (id) => stack.client().create(id, manual()));
    await worker.end();
    await runRepartition(["--to", "9"], {
      settings: settingsOf(stack),
      killAt: { words: "partition 0:", afterMs: 0 },
    });
    const refused = await stack.worker({ SCHEDULER_PARTITIONS: "4" }).exited;
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain("npm run repartition -- --to 9");
    expect(await change(stack, "--to", "7")).toMatchObject({ code: 78 });
    const back = await change(stack, "--to", "4");
    expect(back).toMatchObject({ code: 0, stderr: "" });
    await running(stack, 4);
    await allUnder(stack, 4);
    expect((await stack.client().update("one-0", { metadata: {} })).version).toBe(2);
  });

  it("takes along what cannot be read, and leaves keys that no schedule can have", async () => {
    const stack = await openOwn();
    const worker = await running(stack, 4);
    const bad =
      ids("bad").find((id) => partitionOf("default", id, 4) !== partitionOf("default", id, 9)) ?? "";
    await stack.client().create(bad, manual());
    await worker.end();
    const put = (key: string, body: unknown) =>
      store(stack.nc, { subject: keys.subject(buckets.state, key), body });
    await put(scheduleKey(bad, 4), "\u0000 no record");
    await put("x.y.z.odd", "odd");
    const { code, lines } = await change(stack, "--to", "9");
    expect(code).toBe(0);
    expect(lines).toContainEqual(expect.stringContaining("x.y.z.odd"));
    const after = await running(stack, 9);
    await after.log.nth(
      1,
      (line) => line.msg.includes("it is set aside") && line["key"] === scheduleKey(bad, 9),
      10_000,
      "that it is set aside",
    );
    await expect(stack.client().trigger(bad)).rejects.toMatchObject({ code: "definition_unavailable" });
  });

  it("has a command that was applied and not confirmed stay applied, also without an id of its own", async () => {
    const stack = await openOwn();
    const worker = await running(stack, 4);
    const [id = "", other = ""] = ids("half").filter(
      (one) => partitionOf("default", one, 4) !== partitionOf("default", one, 9),
    );
    await stack.client().create(id, manual());
    await stack.client().create(other, manual());
    await worker.end();
    const manager = await jetstreamManager(stack.nc);
    const { created } = await manager.streams.info(streams.commands);
    const send = (scheduleId: string): Promise<number> =>
      store(stack.nc, { subject: `cmd.scheduler.default.trigger.${scheduleId}` });
    const sequence = await send(id);
    const subject = keys.subject(buckets.state, scheduleKey(id, 4));
    const stored = await manager.streams.getMessage(keys.stream(buckets.state), { last_by_subj: subject });
    const state = JSON.parse(stored?.string() ?? "");
    // As after a crash between the commit and the confirmation.
    const memory = { ...state.memory, inbox: created, sequence };
    await store(stack.nc, { subject, body: { ...state, memory } });
    await send(other);
    expect(await change(stack, "--to", "9")).toMatchObject({ code: 0, stderr: "" });
    await running(stack, 9);
    const witness = await witnessOf(stack.nc);
    await witness.settled(other);
    await expect.poll(() => unread(stack)).toBe(0);
    await witness.caughtUp();
    expect(witness.commands(id)).toEqual([]);
    await stack.client().trigger(id);
    await witness.settled(id);
  });

  it.each([0, 300, 900])(
    "and a worker that starts %i ms before or beside it never both have their way",
    async (aheadMs) => {
      const stack = await openOwn();
      const first = await running(stack, 4);
      await inTurn(ids("one"), (id) => stack.client().create(id, manual()));
      await first.end();
      const worker = stack.worker({ SCHEDULER_PARTITIONS: "4" });
      await delay(aheadMs);
      const { code, stderr } = await change(stack, "--to", "9");
      if (code === 0) {
        // It ends by itself, or had come too far for that and holds nothing.
        await Promise.race([worker.exited, delay(5_000)]);
        expect([0, 78]).toContain((await worker.end()).code);
        await running(stack, 9);
      } else {
        expect(stderr).toContain("stop all workers first");
        await worker.settled();
      }
      await allUnder(stack, code === 0 ? 9 : 4);
      expect((await stack.client().update("one-0", { metadata: {} })).version).toBe(2);
    },
  );
});
