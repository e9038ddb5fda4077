/*
 * The ledger check as an operator asks for it, of an installation that lives: under load, with workers that die, beside
 * books that are kept independently; and what it says of faults that are planted in the streams.
 */

import { setTimeout as delay } from "node:timers/promises";
import { names } from "@carillon/contracts";
import type { Client, Verified } from "@carillon/contracts/client";
import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet, isEven, openBooks } from "../../support/books.ts";
import { every, instant, manual, once, TARGET, UNCAPTURED } from "../../support/definition.ts";
import { shared, startCrew } from "../../support/sharing.ts";
import { openRunning, openStack, type Stack } from "../../support/stack.ts";
import type { StoredMessage } from "../../support/stream-tail.ts";
import { ask } from "../../support/wire.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";

const { streams, event } = names();

/** So old is what is judged, and a little more. */
const SETTLED_MS = 5_500;

/** Every planned occurrence stands in one place. */
function expectBalanced(account: Verified): void {
  const sum = (counts: Verified["missed"]): number =>
    Object.values(counts).reduce((all, count) => all + count, 0);
  const { planned, fired, failed, missed, skipped, paused, open } = account;
  expect(fired + failed + sum(missed) + sum(skipped) + paused + open).toBe(planned);
  expect(account).toMatchObject({ unexplained: { count: 0, items: [] }, partial: [] });
}

describe("verify", () => {
  it("says what independent books say, of a fleet whose workers are killed", {
    timeout: 120_000,
  }, async () => {
    const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: "2" } });
    try {
      const [first, second] = await startCrew(stack, 2);
      if (first === undefined || second === undefined) throw new Error("there are two");
      const client = stack.client();
      const since = instant(Date.now() - 1_000);
      const fleet = await createFleet(client, { name: "fleet", size: 100, everyMs: 250 });
      const books = await openBooks(stack.nc, fleet);
      await books.more(500);
      await first.end("SIGKILL");
      const third = stack.worker();
      await shared([second, third]);
      await books.more(1_000);
      await second.end("SIGKILL");
      await shared([third]);
      await books.more(1_000);
      const balance = await books.close(client);
      expect(isEven(balance)).toBe(true);
      await delay(SETTLED_MS);
      const account = await client.verify({ since });
      expect(account).toMatchObject({ planned: balance.planned, fired: balance.commands });
      expectBalanced(account);
    } finally {
      await stack.close();
    }
  });
});

describe("what a tenant does in a few seconds", () => {
  let stack: Stack;
  let client: Client;
  let witness: Witness;
  let manager: JetStreamManager;
  const since = instant(Date.now() - 1_000);
  beforeAll(async () => {
    const running = await openRunning();
    stack = running.stack;
    client = running.client;
    witness = await witnessOf(stack.nc);
    manager = await jetstreamManager(stack.nc);
  });
  afterAll(() => stack?.close());

  /** Waits until the schedule has fired `count` times, ends it, and until it is old enough to be judged. */
  async function played(scheduleId: string, count: number): Promise<StoredMessage[]> {
    await witness.settled(scheduleId, count);
    await client.delete(scheduleId);
    await delay(SETTLED_MS);
    await witness.caughtUp();
    return witness.commands(scheduleId);
  }
  const findings = async (scheduleId: string) => {
    const { unexplained } = await client.verify({ since }, scheduleId);
    const items = unexplained.items.map(({ what, executionId }) => [what, executionId]);
    return { count: unexplained.count, items };
  };
  const executionOf = ({ headers }: StoredMessage): string => headers["Scheduler-Execution-Id"] ?? "";
  const middle = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(items.length / 2)];
    if (item === undefined) throw new Error("nothing has happened");
    return item;
  };

  describe.concurrent("is explained", () => {
    it("under pauses, updates, deletions, triggers and misfires of every kind", async () => {
      const acme = stack.client("acme");
      await Promise.all([
        acme.create("paused", every(0.2)),
        acme.create(
          "caught-up",
          every(0.2, { misfire: { policy: "fire_all", graceSeconds: 0, maxCatchUp: 3 } }),
        ),
        acme.create("late", every(0.2, { misfire: { policy: "skip", graceSeconds: 0 } })),
        acme.create("coalesced", every(0.2, { misfire: { policy: "fire_once", graceSeconds: 0 } })),
        acme.create("replaced", every(0.3)),
        acme.create("deleted", every(0.2)),
        acme.create("switched", every(0.2)),
        acme.create("limited", every(0.2, { maxExecutions: 5 })),
        acme.create("jittered", every(1, { jitterSeconds: 0.9 })),
        acme.create("delayed", {
          trigger: { type: "delay", delaySeconds: 0.3 },
          target: { subject: TARGET },
        }),
        acme.create("single", once(Date.now() + 1_500)),
        acme.create("by-hand", manual()),
      ]);
      await acme.pause("paused");
      for (const id of ["caught-up", "late", "coalesced"]) await acme.pause(id);
      await delay(1_500);
      await acme.trigger("by-hand");
      await acme.update("replaced", { trigger: { type: "cron", expression: "* * * * * *" } });
      await acme.update("deleted", { payload: { text: "still the same times" } });
      await acme.update("switched", { enabled: false });
      await acme.resume("paused");
      for (const id of ["caught-up", "late", "coalesced"]) await acme.resume(id, { from: "catch_up" });
      await delay(1_000);
      await acme.delete("deleted");
      await acme.update("switched", { enabled: true });
      await delay(SETTLED_MS);
      const account = await acme.verify({ since });
      expectBalanced(account);
      expect(Object.keys(account.missed).sort()).toEqual(["catch_up_limit", "coalesced", "misfire_grace"]);
      expect(account.manual).toBe(1);
      expect(account.paused).toBeGreaterThan(3);
      expect(account.fired).toBeGreaterThan(50);
      for (const id of ["paused", "limited", "delayed", "single"]) {
        expectBalanced(await acme.verify({ since }, id));
      }
      expect(await acme.verify({ since }, "limited")).toMatchObject({ planned: 5, fired: 5 });
      expect(await acme.verify({ since }, "single")).toMatchObject({ planned: 1, fired: 1 });
    });

    it("where no stream takes the command: failed, or core delivery, of which events alone tell", async () => {
      const target = { subject: UNCAPTURED };
      await client.create("refused", every(0.5, { target, retry: { maxAttempts: 1 } }));
      await client.create("core", every(0.5, { target: { ...target, delivery: "core" } }));
      await witness.settled("core", 3);
      await played("refused", 3);
      const [refused, core] = [
        await client.verify({ since }, "refused"),
        await client.verify({ since }, "core"),
      ];
      for (const account of [refused, core]) expectBalanced(account);
      expect(refused.failed).toBeGreaterThanOrEqual(3);
      expect(core.fired).toBeGreaterThanOrEqual(3);
    });

    it("where it waits for another attempt: it is open", async () => {
      const target = { subject: UNCAPTURED };
      await client.create(
        "waiting",
        once(Date.now() + 200, { target, retry: { initialDelaySeconds: 3_600 } }),
      );
      await delay(SETTLED_MS + 1_000);
      const account = await client.verify({ since }, "waiting");
      expect(account).toMatchObject({ planned: 1, open: 1, unexplained: { count: 0 } });
    });
  });

  describe.concurrent("is named where", () => {
    it("an event is lost", async () => {
      await client.create("untold", every(0.2));
      await played("untold", 10);
      const lost = middle(witness.story("untold"));
      await manager.streams.deleteMessage(streams.executions, lost.message.sequence);
      expect(await findings("untold")).toEqual({ count: 1, items: [["no_event", lost.data.executionId]] });
      const { planned, fired } = await client.verify({ since }, "untold");
      expect(fired).toBe(planned - 1);
    });

    it("a command is lost", async () => {
      await client.create("unsent", every(0.2));
      const lost = middle(await played("unsent", 10));
      await manager.streams.deleteMessage(streams.targets, lost.sequence);
      expect(await findings("unsent")).toEqual({ count: 1, items: [["no_command", executionOf(lost)]] });
    });

    it("the duplicate window swallows a command, because somebody used its id before", async () => {
      const at = Date.now() + 1_500;
      const view = await client.create("swallowed", once(at));
      const executionId = `swallowed@${instant(Date.parse(view.nextFireAt ?? "")).replace(/[-:.]/g, "")}`;
      const taken = await jetstream(stack.nc).publish(TARGET, "not ours", {
        msgID: `default.${executionId}.1`,
      });
      expect(taken.duplicate).toBe(false);
      const [told] = await witness.settled("swallowed");
      expect(told?.data.delivered?.duplicate).toBe(true);
      await delay(SETTLED_MS + 1_500);
      expect(await findings("swallowed")).toEqual({ count: 1, items: [["no_command", executionId]] });
    });

    it("a command is there twice, or one of nothing planned", async () => {
      await client.create("copied", every(0.2));
      const copied = middle(await played("copied", 10));
      const again = async (more: Record<string, string>): Promise<void> => {
        const copy = headers();
        for (const [name, value] of Object.entries({ ...copied.headers, ...more })) copy.set(name, value);
        await jetstream(stack.nc).publish(TARGET, "", { headers: copy });
      };
      const invented = "copied@20010101T000000000Z";
      await again({ "Nats-Msg-Id": "another" });
      await again({
        "Nats-Msg-Id": "more",
        "Scheduler-Execution-Id": invented,
        "Scheduler-Nominal-At": instant(Date.parse(copied.headers["Scheduler-Nominal-At"] ?? "") + 1),
      });
      const { count, items } = await findings("copied");
      expect([count, items]).toEqual([
        2,
        [
          ["doubled", executionOf(copied)],
          ["unplanned", invented],
        ],
      ]);
    });

    it("an event tells of what was never planned", async () => {
      await client.create("invented", every(0.2));
      await played("invented", 5);
      const told = middle(witness.story("invented"));
      const body = JSON.parse(told.message.body);
      const nominalAt = instant(Date.parse(told.data.nominalAt ?? "") + 1);
      Object.assign(body, { id: "invented" });
      Object.assign(body.data, { executionId: "invented@x", nominalAt });
      const subject = event.build({
        tenant: "default",
        entity: "execution",
        what: "dispatched",
        scheduleId: "invented",
      });
      await jetstream(stack.nc).publish(subject, JSON.stringify(body), { msgID: "invented" });
      expect((await findings("invented")).items).toContainEqual(["unplanned", "invented@x"]);
    });
  });

  it.each([
    [{ since, cursor: "bm90IG91cnM" }, "/cursor"],
    [{ since, cursor: 7 }, "/cursor"],
    [{ since, limit: 1 }, "/limit"],
    [{ until: since }, "/since"],
    [{ since: "2999-01-01T00:00:00Z" }, "/since"],
  ])("is refused: %j at %s", async (body, path) => {
    const { reply } = await ask(stack.nc, { subject: "rpc.scheduler.default.verify", body });
    expect(reply).toMatchObject({ ok: false, error: { code: "invalid_body", details: [{ path }] } });
  });

  it("is not judged where the target's stream no longer tells, and that is no fault", async () => {
    await client.create("purged", every(0.2));
    await played("purged", 5);
    await manager.streams.purge(streams.targets);
    const account = await client.verify({ since }, "purged");
    expect(account.unexplained.count).toBe(0);
    expect(account.fired).toBe(account.planned);
    expect(account.partial).toMatchObject([{ stream: streams.targets, scheduleId: null, reason: "gone" }]);
    expect(account.summary).toMatch(/unexplained 0, in part not verifiable$/);
  });
});
