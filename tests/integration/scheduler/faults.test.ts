/*
 * What goes wrong around a worker while it fires and takes commands: a zombie that wakes up, a server that is killed, a
 * worker that dies with commands in hand, a caller whom nobody can answer.
 */

import { describe, expect, it } from "vitest";
import { every, manual } from "../../support/definition.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import { ledger, nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const LEASE_MS = 2_000;
/** Every rpc is answered within this. */
const ANSWER_MS_MAX = 2_000;
const SCHEDULES = 40;
const EVERY_MS = 250;

interface Pair {
  readonly stack: Stack;
  readonly active: WorkerProcess;
  readonly standby: WorkerProcess;
}

async function openPair(finish: (close: () => Promise<void>) => void, leaseMs = LEASE_MS): Promise<Pair> {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(leaseMs / 1_000) } });
  finish(() => stack.close());
  const active = stack.worker();
  await active.active();
  const standby = stack.worker();
  await standby.standby();
  return { stack, active, standby };
}

const ids = Array.from({ length: SCHEDULES }, (_, n) => `often-${n}`);

/** Creates the schedules; their anchors by id. */
async function createAll(stack: Stack): Promise<Map<string, number>> {
  const views = await Promise.all(ids.map((id) => stack.client().create(id, every(EVERY_MS / 1_000))));
  return new Map(views.map((view) => [view.scheduleId, Date.parse(view.nextFireAt ?? "")]));
}

const rounds = (witness: Witness, count: number): Promise<unknown> => {
  const enough = witness.targets.items.length + count * SCHEDULES;
  return witness.targets.until((items) => items.length >= enough, `${count} rounds`, 30_000);
};

/** Every occurrence from the anchor to the last has one command and one final event. */
async function expectBalance(stack: Stack, anchors: ReadonlyMap<string, number>): Promise<void> {
  await Promise.all(ids.map((id) => stack.client().pause(id)));
  const witness = await witnessOf(stack.nc);
  await witness.caughtUp();
  for (const id of ids) {
    const fired = nominals(witness.commands(id)).sort((one, two) => one - two);
    expect(fired).toEqual(fired.map((_, n) => (anchors.get(id) ?? 0) + n * EVERY_MS));
    expect(ledger(witness.story(id))).toBe(fired.length);
  }
}

describe("a worker that is stopped for longer than its lease, and wakes up", () => {
  it("finds that it is not the owner any more, and doubles nothing", async ({ onTestFinished }) => {
    const { stack, active, standby } = await openPair(onTestFinished);
    const witness = await witnessOf(stack.nc);
    const anchors = await createAll(stack);
    await rounds(witness, 3);
    process.kill(active.pid, "SIGSTOP");
    await standby.active();
    await rounds(witness, 3);
    process.kill(active.pid, "SIGCONT");
    await active.log.nth(1, ({ msg }) => msg.startsWith("lease lost"), 10_000, "that the lease is lost");
    await rounds(witness, 4);
    await expectBalance(stack, anchors);
    expect(active.log.items.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("a server that is killed and comes back", () => {
  it("costs time, and no occurrence", async ({ onTestFinished }) => {
    const stack = await openStack();
    onTestFinished(() => stack.close());
    const worker = stack.worker();
    await worker.active();
    const witness = await witnessOf(stack.nc);
    const anchors = await createAll(stack);
    await rounds(witness, 4);
    const back = stack.nc.status();
    await stack.server.kill();
    await stack.server.restart();
    for await (const { type } of back) if (type === "reconnect") break;
    const after = await witnessOf(stack.nc);
    await rounds(after, 6);
    await expectBalance(stack, anchors);
    expect((await worker.page("/ready")).status).toBe(200);
  });
});

describe("commands in the hands of a worker that is killed", () => {
  it("have their effect once, in order, through the next one", async ({ onTestFinished }) => {
    const { stack, active, standby } = await openPair(onTestFinished);
    const client = stack.client();
    const scheduleIds = Array.from({ length: 10 }, (_, n) => `busy-${n}`);
    await Promise.all(scheduleIds.map((id) => client.create(id, manual())));
    const witness = await witnessOf(stack.nc);
    const sent = Array.from({ length: 40 }, (_, n) =>
      scheduleIds.map((id) =>
        n % 2 === 0
          ? client.durable.update(id, { metadata: { n } }, { commandId: `default.${id}-${n}` })
          : client.durable.trigger(id, {}, { commandId: `default.${id}-${n}` }),
      ),
    );
    await witness.audit.until((items) => items.length > 60, "some of their events");
    await active.end("SIGKILL");
    await Promise.all(sent.flat());
    await standby.active();
    for (const id of scheduleIds) {
      await witness.recorded(id, "updated", 20);
      await witness.settled(id, 20);
    }
    await witness.caughtUp();
    for (const id of scheduleIds) {
      const updates = witness.record(id).filter((event) => whatOf(event) === "updated");
      expect(updates.map(({ data }) => data.version)).toEqual(updates.map((_, n) => n + 2));
      expect(updates.map(({ data }) => data.commandId)).toEqual(
        updates.map((_, n) => `default.${id}-${2 * n}`),
      );
      expect(witness.commands(id)).toHaveLength(20);
      expect(ledger(witness.story(id))).toBe(20);
    }
  });
});

describe("a caller, while no worker holds the partition", () => {
  it("is answered in time, and gets the first outcome under the same id later", async ({
    onTestFinished,
  }) => {
    const { stack, active, standby } = await openPair(onTestFinished, 3 * ANSWER_MS_MAX);
    await stack.client().create("known", manual());
    await active.end("SIGKILL");
    const sent = {
      subject: "rpc.scheduler.default.create.orphan",
      body: manual(),
      headers: { "Nats-Msg-Id": "default.orphan-create" },
    };
    const askedAt = performance.now();
    const { reply, serviceErrorCode } = await ask(stack.nc, sent);
    expect(performance.now() - askedAt).toBeLessThan(ANSWER_MS_MAX);
    expect(serviceErrorCode).toBe("503");
    expect(reply).toMatchObject({
      ok: false,
      error: { code: "outcome_unknown", commandId: "default.orphan-create", retryable: true },
    });
    await standby.active();
    expect((await ask(stack.nc, sent)).reply).toMatchObject({ ok: true, schedule: { version: 1 } });
    const witness = await witnessOf(stack.nc);
    await witness.caughtUp();
    expect(witness.record("orphan").map(whatOf)).toEqual(["created"]);
  });

  it("may read all the same", async ({ onTestFinished }) => {
    const { stack, active } = await openPair(onTestFinished);
    await stack.client().create("known", manual());
    await active.end("SIGKILL");
    expect((await stack.client().get("known")).version).toBe(1);
  });
});
