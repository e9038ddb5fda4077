/*
 * What commands do, in which order, and how often: publish order, repeats, versions, dry runs, deletion.
 */

import type { ScheduleDefinition } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, manual, once, series, TARGET, UNCAPTURED } from "../../support/definition.ts";
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

describe.concurrent("create", () => {
  it("accepts an equal definition, in whatever order its keys come, and changes nothing", async () => {
    await client.create("equal", {
      trigger: { type: "manual" },
      target: { subject: TARGET },
      payload: { a: 1, b: 2 },
    });
    const again = await client.create("equal", {
      payload: { b: 2, a: 1 },
      target: { subject: TARGET },
      trigger: { type: "manual" },
    });
    expect(again.version).toBe(1);
    await witness.caughtUp();
    expect(witness.record("equal").map(whatOf)).toEqual(["created"]);
  });

  it("refuses another definition", async () => {
    await client.create("other", manual());
    await expect(client.create("other", every(60))).rejects.toEqual(refusal("schedule_exists"));
    expect((await client.get("other")).definition).toEqual(manual());
  });

  it("accepts an equal definition even when its instant has passed", async () => {
    const definition = once(ahead(0.6));
    await client.create("passed", definition);
    await witness.recorded("passed", "completed");
    expect(await client.create("passed", definition)).toMatchObject({ version: 1, status: "completed" });
    await expect(client.create("passed-other", definition)).rejects.toEqual(refusal("at_in_past"));
  });

  it("goes on counting versions after a deletion", async () => {
    await client.create("reborn", manual());
    await client.update("reborn", { name: "second" });
    await client.delete("reborn");
    expect(await client.create("reborn", manual())).toMatchObject({ version: 3, status: "active" });
  });
});

describe.concurrent("apply", () => {
  it("creates, replaces, and changes nothing where nothing differs", async () => {
    expect((await client.apply("applied", manual())).version).toBe(1);
    expect((await client.apply("applied", manual({ name: "b" }))).version).toBe(2);
    expect((await client.apply("applied", manual({ name: "b" }))).version).toBe(2);
  });

  it("starts a completed schedule anew", async () => {
    await client.apply("anew", define({ type: "immediate" }));
    await witness.recorded("anew", "completed");
    await client.apply("anew", define({ type: "immediate" }));
    await witness.recorded("anew", "completed", 2);
    await witness.caughtUp();
    expect(witness.commands("anew")).toHaveLength(2);
  });

  it("lifts no pause", async () => {
    await client.create("still", every(60));
    await client.pause("still");
    expect(await client.apply("still", every(30))).toMatchObject({ version: 2, status: "paused" });
  });
});

describe.concurrent("update", () => {
  it("replaces each field that is given whole, and says what changed", async () => {
    await client.create("patched", manual({ metadata: { a: 1, b: 2 }, tags: ["x"] }));
    const view = await client.update("patched", { metadata: { c: 3 } }, { reason: "because" });
    expect(view.definition).toEqual(manual({ metadata: { c: 3 }, tags: ["x"] }));
    const event = await witness.recorded("patched", "updated");
    expect(event.data).toMatchObject({
      actor: "test",
      reason: "because",
      version: 2,
      diff: [{ path: "/metadata", before: { a: 1, b: 2 }, after: { c: 3 } }],
    });
  });

  it("removes a field that is null", async () => {
    await client.create("stripped", manual({ payload: { a: 1 }, priority: "high" }));
    const view = await client.update("stripped", { payload: null, priority: null });
    expect(view.definition).toEqual(manual());
    expect(view.effective.priority).toBe(5);
    await client.trigger("stripped");
    expect((await witness.sent("stripped"))[0]?.body).toBe("");
  });

  it("of the payload does not move the next occurrence", async () => {
    const created = await client.create("unmoved", every(60));
    expect((await client.update("unmoved", { payload: 1 })).nextFireAt).toBe(created.nextFireAt);
  });

  it("is judged as a definition", async () => {
    await client.create("judged", manual());
    await expect(client.update("judged", { target: { subject: "not.allowed" } })).rejects.toEqual(
      refusal("target_not_allowed"),
    );
    await expect(client.update("judged", { trigger: null })).rejects.toEqual(refusal("invalid_definition"));
    expect((await client.get("judged")).version).toBe(1);
  });

  it("of a schedule that does not exist is refused", async () => {
    await expect(client.update("nowhere", { name: "x" })).rejects.toEqual(refusal("not_found"));
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

describe.concurrent("trigger", () => {
  it("is allowed while the schedule is paused", async () => {
    await client.create("idle", every(3_600));
    await client.pause("idle");
    await client.trigger("idle");
    await witness.settled("idle");
    expect((await client.get("idle")).status).toBe("paused");
  });

  it("is refused where the schedule is completed or disabled", async () => {
    await client.create("over", define({ type: "immediate" }));
    await witness.recorded("over", "completed");
    await expect(client.trigger("over")).rejects.toEqual(refusal("schedule_not_active"));
    await client.create("off", manual({ enabled: false }));
    await expect(client.trigger("off")).rejects.toEqual(refusal("schedule_not_active"));
  });

  it("does not count against maxExecutions", async () => {
    await client.create("uncounted", series(ahead(0.8), 0.3, 4, { maxExecutions: 2 }));
    await client.trigger("uncounted");
    await witness.recorded("uncounted", "completed");
    await witness.caughtUp();
    expect(witness.commands("uncounted")).toHaveLength(3);
    expect((await client.get("uncounted")).stats).toMatchObject({ fired: 2, manual: 1 });
  });
});

describe.concurrent("a disabled schedule", () => {
  it("never fires, until it is enabled", async () => {
    expect(await client.create("disabled", every(0.3, { enabled: false }))).toMatchObject({
      status: "disabled",
      nextFireAt: null,
    });
    await client.create("disabled-meter", every(0.3));
    await witness.sent("disabled-meter", 3);
    expect(witness.commands("disabled")).toEqual([]);
    expect((await client.update("disabled", { enabled: true })).status).toBe("active");
    await witness.sent("disabled", 2);
    await client.delete("disabled");
    await client.delete("disabled-meter");
  });
});

describe.concurrent("a deleted schedule", () => {
  it("fires no more, and is not found", async () => {
    await client.create("deleted", every(0.2));
    await witness.sent("deleted", 2);
    await client.delete("deleted", { reason: "done" });
    await witness.caughtUp();
    const fired = witness.commands("deleted").length;
    await client.create("deleted-meter", every(0.2));
    await witness.sent("deleted-meter", 4);
    await client.delete("deleted-meter");
    expect(witness.commands("deleted")).toHaveLength(fired);
    expect((await witness.recorded("deleted", "deleted")).data).toMatchObject({
      actor: "test",
      reason: "done",
    });
    await expect(client.get("deleted")).rejects.toEqual(refusal("not_found"));
    await expect(client.pause("deleted")).rejects.toEqual(refusal("not_found"));
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

describe.concurrent("the view of a schedule", () => {
  it("shows the definition as written, and what it came to", async () => {
    const definition = every(60, { target: { subject: UNCAPTURED, delivery: "core" } });
    const view = await client.create("viewed", definition);
    expect(view).toMatchObject({
      tenant: "default",
      scheduleId: "viewed",
      version: 1,
      status: "active",
      statusReason: null,
      definition,
      createdBy: "test",
      updatedBy: "test",
      lastFireAt: null,
      stats: { fired: 0, manual: 0, missed: 0, skipped: 0, failed: 0, lastLagMs: null },
      effective: {
        misfire: { policy: "fire_once", graceSeconds: 300, maxCatchUp: 100 },
        overlap: { policy: "skip", maxConcurrent: 3 },
        completion: { mode: "published" },
        jitterSeconds: 0,
        priority: 5,
        enabled: true,
      },
    });
    expect(await client.get("viewed")).toEqual(view);
  });
});
