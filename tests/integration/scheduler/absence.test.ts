/*
 * Commands that come while no worker runs, and occurrences that fall due then. Each test has an installation of its own
 * in which a worker ran once, so that the inbox exists.
 */

import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ahead, every, once } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { store } from "../../support/wire.ts";
import { lags, ledger, nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";

/** An installation in which a worker ran, and none runs. */
async function openAbsent(
  finish: (close: () => Promise<void>) => void,
): Promise<{ stack: Stack; witness: Witness }> {
  const { stack, worker } = await openRunning();
  finish(() => stack.close());
  const witness = await witnessOf(stack.nc);
  await worker.end();
  return { stack, witness };
}

const until = async (at: number): Promise<void> => void (await delay(Math.max(0, at - Date.now())));

describe.concurrent("a schedule created by a plain publish while no worker runs", () => {
  it("is there once a worker starts, and fires", async ({ onTestFinished }) => {
    const { stack, witness } = await openAbsent(onTestFinished);
    await store(stack.nc, { subject: "cmd.scheduler.default.create.x", body: every(0.5) });
    await stack.worker().settled();
    await witness.settled("x", 3);
    await witness.caughtUp();
    const view = await stack.client().get("x");
    expect(view).toMatchObject({ scheduleId: "x", version: 1, status: "active", createdBy: "anonymous" });
    const anchor = Date.parse(view.createdAt);
    expect(nominals(witness.commands("x").slice(0, 3))).toEqual([1, 2, 3].map((n) => anchor + n * 500));
  });

  it("fires once, late, where its instant passed before a worker started", async ({ onTestFinished }) => {
    const { stack, witness } = await openAbsent(onTestFinished);
    const at = ahead(2);
    await store(stack.nc, { subject: "cmd.scheduler.default.create.late", body: once(at) });
    await until(at + 2_000);
    const startedAt = Date.now();
    await stack.worker().settled();
    await witness.recorded("late", "completed");
    await witness.caughtUp();
    const commands = witness.commands("late");
    expect(nominals(commands)).toEqual([at]);
    expect(commands[0]?.storedAt).toBeGreaterThan(startedAt);
    expect(lags(commands)[0]).toBeGreaterThan(2_000);
    const story = witness.story("late");
    expect(story.map(whatOf)).toEqual(["dispatched"]);
    expect(story[0]?.data.lagMs).toBeGreaterThanOrEqual(2_000);
    expect((await stack.client().get("late")).status).toBe("completed");
  });
});

describe.concurrent("commands that wait for a worker", () => {
  it("take effect in the order in which they were published", async ({ onTestFinished }) => {
    const { stack, witness } = await openAbsent(onTestFinished);
    const of = (verb: string, body?: unknown) =>
      store(stack.nc, { subject: `cmd.scheduler.default.${verb}.queued`, body });
    await of("create", every(60));
    await of("pause");
    await of("update", { name: "second" });
    await of("resume");
    await stack.worker().settled();
    await witness.recorded("queued", "resumed");
    expect(witness.record("queued").map(whatOf)).toEqual(["created", "paused", "updated", "resumed"]);
    expect(await stack.client().get("queued")).toMatchObject({ version: 2, status: "active" });
  });
});

describe.concurrent("occurrences within the grace", () => {
  it("all fire late, oldest first, when a worker comes back", async ({ onTestFinished }) => {
    const { stack, witness } = await openAbsent(onTestFinished);
    const worker = stack.worker();
    await worker.settled();
    const created = await stack.client().create("patient", every(0.5));
    const anchor = Date.parse(created.createdAt);
    await witness.sent("patient", 1);
    await worker.end("SIGKILL");
    const before = witness.commands("patient").length;
    await until(Date.now() + 2_000);
    await stack.worker().settled();
    const startedAt = Date.now();
    await witness.sent("patient", before + 6);
    await stack.client().pause("patient");
    await witness.caughtUp();
    const fired = nominals(witness.commands("patient"));
    expect(fired).toEqual(fired.map((_, index) => anchor + (index + 1) * 500));
    expect(fired.filter((at) => at < startedAt).length).toBeGreaterThanOrEqual(before + 4);
    expect(ledger(witness.story("patient"))).toBe(fired.length);
  });
});
