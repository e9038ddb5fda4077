/*
 * What goes wrong around a worker while it takes commands: it dies with some in hand, and a caller asks whom nobody can
 * answer.
 */

import { describe, expect, it } from "vitest";
import { manual } from "../../support/definition.ts";
import { ownerOf, shared, startCrew } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import { ledger, whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const LEASE_MS = 2_000;
/** Several workers start in a test. */
const STARTS_MS_MAX = 60_000;
/** Every rpc is answered within this. */
const ANSWER_MS_MAX = 2_000;

interface Pair {
  readonly stack: Stack;
  readonly doomed: WorkerProcess;
  readonly heir: WorkerProcess;
}

/** Both own partitions; `scheduleId` is in one that the doomed worker owns. */
async function openPair(
  finish: (close: () => Promise<void>) => void,
  scheduleId: string,
  leaseMs = LEASE_MS,
): Promise<Pair> {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(leaseMs / 1_000) } });
  finish(() => stack.close());
  const workers = await startCrew(stack, 2);
  const { owner, others } = await ownerOf(stack, workers, scheduleId);
  return { stack, doomed: owner, heir: others[0] ?? owner };
}

describe("commands in the hands of a worker that is killed", { timeout: STARTS_MS_MAX }, () => {
  it("have their effect once, in order, through the next one", async ({ onTestFinished }) => {
    const { stack, doomed, heir } = await openPair(onTestFinished, "busy-0");
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
    await doomed.end("SIGKILL");
    await Promise.all(sent.flat());
    await shared([heir]);
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

describe("a caller, while no worker holds the partition", { timeout: STARTS_MS_MAX }, () => {
  it("is answered in time, and gets the first outcome under the same id later", async ({
    onTestFinished,
  }) => {
    const { stack, doomed, heir } = await openPair(onTestFinished, "orphan", 3 * ANSWER_MS_MAX);
    await stack.client().create("known", manual());
    await doomed.end("SIGKILL");
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
    await shared([heir]);
    expect((await ask(stack.nc, sent)).reply).toMatchObject({ ok: true, schedule: { version: 1 } });
    const witness = await witnessOf(stack.nc);
    await witness.caughtUp();
    expect(witness.record("orphan").map(whatOf)).toEqual(["created"]);
  });

  it("may read all the same", async ({ onTestFinished }) => {
    const { stack, doomed } = await openPair(onTestFinished, "known");
    await stack.client().create("known", manual());
    await doomed.end("SIGKILL");
    expect((await stack.client().get("known")).version).toBe(1);
  });
});
