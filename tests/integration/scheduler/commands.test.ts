/*
 * What commands do, in which order, and how often: publish order, repeats, expected versions, dry runs, outcomes.
 */

import type { ScheduleDefinition } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, every, manual } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ask, drop, store } from "../../support/wire.ts";
import { type Witness, whatOf, witnessOf } from "../../support/witness.ts";

let stack: Stack;
let client: Client;
let witness: Witness;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  client = running.client;
  witness = await witnessOf(stack.nc);
});
afterAll(() => stack?.close());

const refusal = (code: string) => expect.objectContaining({ name: "CarillonError", code });

describe.concurrent("commands of one schedule", () => {
  it("take effect in the order in which they were published", async () => {
    const sent: { verb: string; body?: unknown }[] = [{ verb: "create", body: every(3_600) }];
    for (let n = 1; n <= 200; n++) {
      sent.push({ verb: "update", body: { metadata: { n } } });
      if (n % 20 === 10) sent.push({ verb: "pause" });
      if (n % 20 === 0) sent.push({ verb: "resume" });
    }
    const ids = sent.map((_, index) => `default.order-${index}`);
    for (const [index, { verb, body }] of sent.entries()) {
      const headers = { "Nats-Msg-Id": ids[index] ?? "" };
      drop(stack.nc, { subject: `cmd.scheduler.default.${verb}.ordered`, body, headers });
    }
    await witness.recorded("ordered", "updated", 200);
    await witness.recorded("ordered", "resumed", 10);
    const record = witness.record("ordered");
    expect(record.map(({ data }) => data.commandId)).toEqual(ids);
    const updates = record.filter((event) => whatOf(event) === "updated");
    expect(updates.map(({ data }) => data.version)).toEqual(updates.map((_, index) => index + 2));
    expect(updates.map(({ data }) => data.definition?.metadata?.["n"])).toEqual(
      updates.map((_, index) => index + 1),
    );
    expect(await client.get("ordered")).toMatchObject({
      version: 201,
      status: "active",
      definition: { metadata: { n: 200 } },
    });
  });
});

describe.concurrent("a command id", () => {
  it("has one effect when it is published twice", async () => {
    await client.create("twice", manual());
    const options = { commandId: "default.twice-trigger" };
    const first = await client.durable.trigger("twice", {}, options);
    const second = await client.durable.trigger("twice", {}, options);
    expect([first.duplicate, second.duplicate]).toEqual([false, true]);
    await client.durable.trigger("twice");
    await witness.settled("twice", 2);
    await witness.caughtUp();
    expect(witness.commands("twice")).toHaveLength(2);
  });

  it("has one effect and one answer when it is asked twice", async () => {
    await client.create("asked", manual());
    const sent = {
      subject: "rpc.scheduler.default.update.asked",
      body: { name: "once" },
      headers: { "Nats-Msg-Id": "default.asked-update" },
    };
    const first = await ask(stack.nc, sent);
    const second = await ask(stack.nc, sent);
    expect(first.reply).toMatchObject({ ok: true, schedule: { version: 2, definition: { name: "once" } } });
    expect(second.reply).toEqual(first.reply);
    await witness.caughtUp();
    expect(witness.record("asked").map(whatOf)).toEqual(["created", "updated"]);
  });

  it("fires once when a trigger is asked twice, and names the same execution", async () => {
    await client.create("pressed", manual());
    const sent = {
      subject: "rpc.scheduler.default.trigger.pressed",
      headers: { "Nats-Msg-Id": "default.pressed-trigger" },
    };
    const answers = [(await ask(stack.nc, sent)).reply, (await ask(stack.nc, sent)).reply];
    await client.trigger("pressed");
    await witness.settled("pressed", 2);
    expect(witness.commands("pressed")).toHaveLength(2);
    const executionId = witness.commands("pressed")[0]?.headers["Scheduler-Execution-Id"];
    expect(answers).toEqual([
      expect.objectContaining({ ok: true, executionId }),
      expect.objectContaining({ ok: true, executionId }),
    ]);
  });

  it("has one effect when it is first published, then asked", async () => {
    await client.create("both-ways", manual());
    const commandId = "default.both-ways-update";
    await client.durable.update("both-ways", { name: "once" }, { commandId });
    const view = await client.update("both-ways", { name: "once" }, { commandId });
    expect(view.version).toBe(2);
    await witness.caughtUp();
    expect(witness.record("both-ways").map(whatOf)).toEqual(["created", "updated"]);
  });

  it("is known after the schedule is deleted", async () => {
    const created = { commandId: "default.gone-create" };
    const deleted = { commandId: "default.gone-delete" };
    await client.create("gone", manual(), created);
    const first = await client.delete("gone", deleted);
    expect(await client.delete("gone", deleted)).toEqual(first);
    expect((await client.create("gone", manual(), created)).version).toBe(1);
    await expect(client.get("gone")).rejects.toEqual(refusal("not_found"));
    await witness.caughtUp();
    expect(witness.record("gone").map(whatOf)).toEqual(["created", "deleted"]);
  });

  it("is made from the place in the stream where a command brings none", async () => {
    await store(stack.nc, { subject: "cmd.scheduler.default.create.nameless", body: manual() });
    const event = await witness.recorded("nameless", "created");
    expect(event.data.commandId).toMatch(/^default\.#\d+@\d{8}T\d{9}Z$/);
    expect(event.data.actor).toBe("anonymous");
  });
});

describe.concurrent("an expected version", () => {
  it("lets a command through where it is the present one, and refuses it else", async () => {
    await client.create("versioned", manual());
    await client.update("versioned", { name: "b" }, { expectedVersion: 1 });
    const stale = { expectedVersion: 1, commandId: "default.stale" };
    await expect(client.update("versioned", { name: "c" }, stale)).rejects.toEqual(
      refusal("version_conflict"),
    );
    await expect(client.delete("versioned", { expectedVersion: 1 })).rejects.toEqual(
      refusal("version_conflict"),
    );
    expect(await client.get("versioned")).toMatchObject({ version: 2, definition: { name: "b" } });
    expect((await witness.rejected("default.stale")).data.error.code).toBe("version_conflict");
  });

  it("of several commands with the same one lets exactly one through", async () => {
    await client.create("raced", manual());
    const racing = Array.from({ length: 10 }, (_, n) =>
      client.update("raced", { metadata: { n } }, { expectedVersion: 1 }),
    );
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await client.get("raced")).version).toBe(2);
  });
});

describe.concurrent("a dry run", () => {
  it("decides and answers, and commits nothing", async () => {
    const dryRun = { dryRun: true };
    expect(await client.create("dry", every(1), dryRun)).toMatchObject({ version: 1, status: "active" });
    await expect(client.get("dry")).rejects.toEqual(refusal("not_found"));
    await client.create("dry", every(3_600));
    expect((await client.update("dry", { name: "b" }, dryRun)).version).toBe(2);
    expect((await client.pause("dry", dryRun)).status).toBe("paused");
    await client.trigger("dry", {}, dryRun);
    await client.delete("dry", dryRun);
    expect(await client.get("dry")).toMatchObject({ version: 1, status: "active", definition: every(3_600) });
    await witness.caughtUp();
    expect(witness.record("dry").map(whatOf)).toEqual(["created"]);
    expect(witness.commands("dry")).toEqual([]);
  });

  it("refuses what would be refused", async () => {
    const definition: ScheduleDefinition = define({ type: "manual" }, { target: { subject: "not.allowed" } });
    await expect(client.create("dry-refused", definition, { dryRun: true })).rejects.toEqual(
      refusal("target_not_allowed"),
    );
  });
});

describe.concurrent("the outcome of a durable command", () => {
  it("is published to the inbox that it names", async () => {
    const replyTo = "_INBOX.test.outcome";
    const outcomes = stack.nc.subscribe(replyTo, { max: 2 });
    await client.durable.create("told", manual(), { replyTo });
    await client.durable.create("told", every(1), { replyTo });
    const replies = [];
    for await (const message of outcomes) replies.push(message.json());
    expect(replies).toEqual([
      expect.objectContaining({ ok: true, schedule: expect.objectContaining({ version: 1 }) }),
      expect.objectContaining({ ok: false, error: expect.objectContaining({ code: "schedule_exists" }) }),
    ]);
  });
});
