/*
 * What becomes of a definition: created, applied, updated, shown, and what follows for the schedule that it describes.
 */

import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, manual, once, series, TARGET, UNCAPTURED } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";

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

  it("while it fires gives each command the payload of the version that its event names", async () => {
    await client.create("revised", every(0.1, { payload: { version: 1 } }));
    for (let version = 2; version <= 60; version++) await client.update("revised", { payload: { version } });
    await witness.settled("revised", 5);
    await client.delete("revised");
    await witness.caughtUp();
    const told = witness.story("revised").map(({ data }) => [data.executionId, data.version]);
    const sent = witness
      .commands("revised")
      .map(({ body, headers }) => [headers["Scheduler-Execution-Id"], JSON.parse(body).version]);
    expect(told).toEqual(sent);
  });

  it("of the trigger starts anew", async () => {
    await client.create("moved", every(3_600));
    const view = await client.update("moved", { trigger: { type: "interval", everySeconds: 0.3 } });
    const anchor = Date.parse(view.updatedAt);
    const commands = await witness.sent("moved", 2);
    await client.delete("moved");
    expect(nominals(commands.slice(0, 2))).toEqual([anchor + 300, anchor + 600]);
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
