/*
 * The command that changes the number of partitions, and the workers that it meets: they keep each other out, and what is odd in an
 * installation comes through.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names, partitionOf } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { manual } from "../../support/definition.ts";
import { inTurn } from "../../support/in-turn.ts";
import { runRepartition } from "../../support/repartition-process.ts";
import { allUnder, change, openOwn, running, settingsOf, unread } from "../../support/repartition-stack.ts";
import { scheduleKey } from "../../support/schedule-key.ts";
import { store } from "../../support/wire.ts";
import { witnessOf } from "../../support/witness.ts";

const { keys, buckets, streams } = names();
const SIZE = 40;
/** Several processes one after the other, each waiting for a lease to expire. */
const SOME_MS = 90_000;

const ids = (name: string): string[] => Array.from({ length: SIZE }, (_, n) => `${name}-${n}`);

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

  it("ends a worker that stood still meanwhile, which says what to do", async () => {
    const stack = await openOwn();
    const worker = await running(stack, 4);
    process.kill(worker.pid, "SIGSTOP");
    expect(await change(stack, "--to", "9")).toMatchObject({ code: 0, stderr: "" });
    process.kill(worker.pid, "SIGCONT");
    const { code, stderr } = await worker.exited;
    expect(code).toBe(78);
    expect(stderr).toMatch(/^this installation has 9 partitions, .* set SCHEDULER_PARTITIONS=9, .*\n$/);
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
        expect((await worker.exited).code).toBe(78);
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
