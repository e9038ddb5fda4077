/*
 * Another number of partitions, while no worker lives: schedules of all kinds, what a killed worker owes and what nobody has read are
 * found again by workers of the new number, whenever the change was killed and begun again. Nothing is lost, doubled or reordered.
 */

import { names } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { describe, expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { ahead, every, manual, once } from "../../support/definition.ts";
import { inTurn } from "../../support/in-turn.ts";
import { type Ended, runRepartition } from "../../support/repartition-process.ts";
import { allUnder, change, openOwn, running, settingsOf, unread } from "../../support/repartition-stack.ts";
import { scheduleKey } from "../../support/schedule-key.ts";
import type { Stack } from "../../support/stack.ts";
import { tailOf } from "../../support/stream-tail.ts";
import { witnessOf } from "../../support/witness.ts";

const { keys, buckets } = names();
const FLEET = 80;
const OTHERS = 40;
/** Unread commands of one schedule, and of each that has some. */
const UNREAD = 5;
/** A killed run is found to be gone within a lease. */
const LONG_MS = 240_000;

const ids = (name: string): string[] => Array.from({ length: OTHERS }, (_, n) => `${name}-${n}`);

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

/** Versions of the definitions that are kept under a key, in the order of the bucket. */
async function versionsOf(stack: Stack, key: string): Promise<number[]> {
  const tail = await tailOf(stack.nc, keys.stream(buckets.schedules));
  await tail.caughtUp();
  return tail.items
    .filter(({ subject, body }) => subject === keys.subject(buckets.schedules, key) && body !== "")
    .map(({ body }) => JSON.parse(body).version);
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
