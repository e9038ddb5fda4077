/*
 * More workers than partitions, so that one stands by. It takes over when the owner is killed, once the owner is taken for gone, and at
 * once when the owner is asked to end; nothing is lost or doubled either way.
 */

import type { WorkerRole } from "@carillon/contracts";
import { describe, expect, it, onTestFinished } from "vitest";
import { every } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { shared } from "../../support/sharing.ts";
import { openStack } from "../../support/stack.ts";
import { ledger, nominals, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const LEASE_MS = 2_000;
/** Several workers start in a test. */
const STARTS_MS_MAX = 60_000;
/** A process that is asked to end has ended within this. */
const END_MS_MAX = 10_000;
const SCHEDULES = 40;
const EVERY_MS = 200;

async function openPair() {
  const stack = await openStack({
    settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000), SCHEDULER_PARTITIONS: "1" },
  });
  onTestFinished(() => stack.close());
  const workers = [stack.worker(), stack.worker()];
  await shared(workers, { partitions: 1 });
  const standings = await Promise.all(workers.map((worker) => worker.standing()));
  const find = (role: WorkerRole): WorkerProcess => {
    const worker = workers[standings.findIndex((standing) => standing?.role === role)];
    if (worker === undefined) throw new Error(`no worker is ${role}`);
    return worker;
  };
  return { stack, owner: find("active"), standby: find("standby"), witness: await witnessOf(stack.nc) };
}

describe.each([
  ["SIGKILL", null, LEASE_MS + 2_500],
  ["SIGTERM", 0, LEASE_MS],
] as const)("a standby", { timeout: STARTS_MS_MAX }, (signal, code, gapMsMax) => {
  it(`takes over from a worker that gets ${signal}, and loses and doubles nothing`, async () => {
    const { stack, owner, standby, witness } = await openPair();
    const client = stack.client();
    const ids = Array.from({ length: SCHEDULES }, (_, n) => `often-${n}`);
    const views = await Promise.all(ids.map((id) => client.create(id, every(EVERY_MS / 1_000))));
    const anchors = new Map(views.map((view) => [view.scheduleId, Date.parse(view.nextFireAt ?? "")]));
    await witness.targets.until(
      (items) => items.length > 5 * SCHEDULES + SCHEDULES / 2,
      "five rounds and a half",
    );
    const signalledAt = Date.now();
    const { code: exitCode, tookMs } = await owner.end(signal);
    expect(exitCode).toBe(code);
    expect(tookMs).toBeLessThan(END_MS_MAX);
    await shared([standby], { partitions: 1 });
    const next = await witness.targets.until(
      (items) =>
        items.find(({ storedAt, headers }) => {
          return (
            storedAt > signalledAt && Date.parse(headers["Scheduler-Due-At"] ?? "") > signalledAt + tookMs
          );
        }),
      "a command of the second worker",
    );
    const gap = Math.round(next.storedAt - signalledAt);
    say(`${signal}: the next worker fires ${gap} ms later; the first ended in ${Math.round(tookMs)} ms`);
    expect(gap).toBeLessThan(gapMsMax);
    const enough = witness.targets.items.length + 5 * SCHEDULES;
    await witness.targets.until((items) => items.length >= enough, "five calm rounds");
    await Promise.all(ids.map((id) => client.durable.pause(id)));
    await Promise.all(ids.map((id) => witness.recorded(id, "paused")));
    await witness.caughtUp();
    for (const id of ids) {
      const fired = nominals(witness.commands(id)).sort((one, two) => one - two);
      expect(fired).toEqual(fired.map((_, n) => (anchors.get(id) ?? 0) + n * EVERY_MS));
      expect(ledger(witness.story(id))).toBe(fired.length);
    }
  });
});

describe("SIGTERM", { timeout: STARTS_MS_MAX }, () => {
  it("of a standby, or of a worker that still waits for NATS, ends it at once", async () => {
    const { standby, stack } = await openPair();
    const waiting = stack.worker({ NATS_URL: "nats://127.0.0.1:1" });
    await waiting.log.nth(1, ({ msg }) => msg === "connection to NATS", 10_000, "that NATS is not there");
    for (const worker of [standby, waiting]) {
      const { code, tookMs } = await worker.end();
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(2_000);
    }
  });

  it("of a worker whose server is gone ends it in time", async () => {
    const { stack, owner } = await openPair();
    await stack.client().create("alone", every(EVERY_MS / 1_000));
    await stack.server.kill();
    const { code, tookMs } = await owner.end();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(END_MS_MAX);
  });

  it("while commands come in leaves every one of them to somebody", async () => {
    const { stack, owner, witness } = await openPair();
    const client = stack.client();
    await client.create("busy", every(3_600));
    const updates = Array.from({ length: 300 }, (_, n) =>
      client.durable.update("busy", { metadata: { n } }, { commandId: `default.busy-${n}` }),
    );
    await Promise.all(updates.slice(0, 50));
    const ended = owner.end();
    await Promise.all(updates);
    expect((await ended).code).toBe(0);
    await witness.recorded("busy", "updated", 300);
    await witness.caughtUp();
    const ids = witness
      .record("busy")
      .slice(1)
      .map(({ data }) => data.commandId);
    expect(ids).toEqual(updates.map((_, n) => `default.busy-${n}`));
  });
});
