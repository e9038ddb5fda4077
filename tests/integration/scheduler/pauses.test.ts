/*
 * What a pause keeps back, and what becomes of it: resume from now, resume with catch-up, and the misfire policies with
 * the pause as the gap.
 */

import type { Misfire } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, every, instant, series } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ledger, nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";

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

/** Lets another schedule fire `count` times, a fifth of a second apart: proof that time passed and the worker works. */
async function rounds(of: string, count: number): Promise<void> {
  const scheduleId = `meter-of-${of}-${Math.floor(performance.now())}`;
  await client.create(scheduleId, every(0.2, { maxExecutions: count }));
  await witness.sent(scheduleId, count);
}

/** Occurrences that a schedule has had by the last one that was settled, from its definition alone. */
const planned = (anchor: number, everyMs: number, until: number): number =>
  Math.floor((until - anchor) / everyMs) + 1;

describe.concurrent("a pause", () => {
  it("once acknowledged, lets nothing fire any more", async () => {
    await client.create("held", every(0.1));
    for (let time = 0; time < 5; time++) {
      await rounds("held", 2);
      const paused = await client.pause("held", { reason: "lunch" });
      await witness.caughtUp();
      const before = witness.commands("held").length;
      expect(paused).toMatchObject({ status: "paused", statusReason: "lunch", nextFireAt: null });
      await rounds("held", 3);
      expect(witness.commands("held")).toHaveLength(before);
      await client.resume("held");
    }
    await client.delete("held");
    await witness.caughtUp();
    expect(witness.story("held").filter(({ data }) => data.final)).toHaveLength(
      witness.commands("held").length,
    );
  });

  it("is told with its actor and reason", async () => {
    await client.create("told", every(60));
    await client.pause("told", { reason: "lunch" });
    const { data } = await witness.recorded("told", "paused");
    expect(data).toMatchObject({ actor: "test", reason: "lunch", status: "paused", version: 1 });
  });

  it("of a paused schedule changes nothing", async () => {
    await client.create("again", every(60));
    await client.pause("again");
    expect((await client.pause("again")).status).toBe("paused");
    await client.resume("again");
    await client.resume("again");
    await witness.caughtUp();
    expect(witness.record("again").map(whatOf)).toEqual(["created", "paused", "resumed"]);
  });
});

describe.concurrent("resume from now", () => {
  it("leaves what fell under the pause, says which, and goes on at the same rate", async () => {
    const created = await client.create("now", every(0.3));
    const anchor = Date.parse(created.nextFireAt ?? "");
    await witness.settled("now", 2);
    await client.pause("now");
    await witness.caughtUp();
    const before = nominals(witness.commands("now"));
    await rounds("now", 6);
    await client.resume("now");
    await witness.settled("now", before.length + 2);
    await client.pause("now");
    await witness.caughtUp();
    const { data } = await witness.recorded("now", "resumed");
    const after = nominals(witness.commands("now")).slice(before.length);
    const skipped = data.skipped ?? { count: 0, firstNominalAt: "", lastNominalAt: "" };
    const firstSkipped = (before.at(-1) ?? 0) + 300;
    expect(data.from).toBe("now");
    expect(skipped.firstNominalAt).toBe(instant(firstSkipped));
    expect(skipped.lastNominalAt).toBe(instant((after[0] ?? 0) - 300));
    expect(skipped.count).toBeGreaterThanOrEqual(3);
    const total = planned(anchor, 300, after.at(-1) ?? 0);
    expect(ledger(witness.story("now")) + skipped.count).toBe(total);
    expect(nominals(witness.commands("now"))).toEqual([
      ...before,
      ...after.map((_, n) => (after[0] ?? 0) + n * 300),
    ]);
  });

  it("skips nothing where nothing fell under the pause", async () => {
    await client.create("short", every(60));
    await client.pause("short");
    await client.resume("short");
    expect((await witness.recorded("short", "resumed")).data.skipped ?? null).toBeNull();
  });
});

describe.concurrent("resume with catch-up", () => {
  it("fires everything within the grace, late, oldest first", async () => {
    const created = await client.create("caught", every(0.3));
    const anchor = Date.parse(created.nextFireAt ?? "");
    await witness.settled("caught", 2);
    await client.pause("caught");
    await rounds("caught", 6);
    const resumedAt = Date.now();
    await client.resume("caught", { from: "catch_up" });
    await rounds("caught-after", 2);
    await client.pause("caught");
    await witness.caughtUp();
    const fired = nominals(witness.commands("caught"));
    expect(fired.at(-1)).toBeGreaterThan(resumedAt - 300);
    expect(fired).toEqual(fired.map((_, n) => anchor + n * 300));
    expect(ledger(witness.story("caught"))).toBe(fired.length);
    expect((await witness.recorded("caught", "resumed")).data.from).toBe("catch_up");
  });

  /** Six occurrences a fifth of a second apart, all of them misfires when the schedule is resumed. */
  async function misfire(scheduleId: string, misfire: Misfire) {
    const firstAt = ahead(0.3);
    await client.create(scheduleId, series(firstAt, 0.2, 6, { misfire: { graceSeconds: 0.3, ...misfire } }));
    await client.pause(scheduleId);
    await rounds(scheduleId, 10);
    await client.resume(scheduleId, { from: "catch_up" });
    await witness.recorded(scheduleId, "completed");
    await witness.caughtUp();
    const commands = witness.commands(scheduleId);
    return {
      at: (n: number) => instant(firstAt + n * 200),
      fired: nominals(commands).map((at) => (at - firstAt) / 200),
      causes: commands.map(({ headers }) => headers["Scheduler-Cause"]),
      missed: witness.story(scheduleId).filter((event) => whatOf(event) === "missed"),
      total: ledger(witness.story(scheduleId)),
      stats: (await client.get(scheduleId)).stats,
    };
  }

  it("under skip fires no misfire, and says so once for all of them", async () => {
    const { at, fired, missed, total, stats } = await misfire("skip", { policy: "skip" });
    expect(fired).toEqual([]);
    expect(missed).toHaveLength(1);
    expect(missed[0]?.data).toMatchObject({
      reason: "misfire_grace",
      final: true,
      firstNominalAt: at(0),
      lastNominalAt: at(5),
      count: 6,
    });
    expect(total).toBe(6);
    expect(stats).toMatchObject({ fired: 0, missed: 6 });
  });

  it("under fire_once fires the newest misfire, and the others are coalesced", async () => {
    const { at, fired, causes, missed, total, stats } = await misfire("fire-once", { policy: "fire_once" });
    expect([fired, causes]).toEqual([[5], ["catch_up"]]);
    expect(missed.map(({ data }) => data)).toEqual([
      expect.objectContaining({ reason: "coalesced", firstNominalAt: at(0), lastNominalAt: at(4), count: 5 }),
    ]);
    expect(total).toBe(6);
    expect(stats).toMatchObject({ fired: 1, missed: 5 });
  });

  it("under fire_all fires the newest maxCatchUp misfires, oldest first", async () => {
    const { at, fired, causes, missed, total, stats } = await misfire("fire-all", {
      policy: "fire_all",
      maxCatchUp: 4,
    });
    expect([fired, causes]).toEqual([[2, 3, 4, 5], Array(4).fill("catch_up")]);
    expect(missed.map(({ data }) => data)).toEqual([
      expect.objectContaining({
        reason: "catch_up_limit",
        firstNominalAt: at(0),
        lastNominalAt: at(1),
        count: 2,
      }),
    ]);
    expect(total).toBe(6);
    expect(stats).toMatchObject({ fired: 4, missed: 2 });
  });
});

describe.concurrent("fire_once", () => {
  it("fires no misfire where a later occurrence is due anyway", async () => {
    const created = await client.create(
      "later",
      every(0.5, { misfire: { policy: "fire_once", graceSeconds: 1.2 } }),
    );
    const anchor = Date.parse(created.nextFireAt ?? "");
    await client.pause("later");
    await rounds("later", 15);
    await client.resume("later", { from: "catch_up" });
    await witness.executions.until(() => witness.commands("later").length >= 4, "four fires");
    await client.pause("later");
    await witness.caughtUp();
    const story = witness.story("later");
    const missed = story.filter((event) => whatOf(event) === "missed");
    expect(missed.map(({ data }) => data.reason)).toEqual(["coalesced"]);
    const count = missed[0]?.data.count ?? 1;
    const fired = nominals(witness.commands("later"));
    expect(fired).toEqual(fired.map((_, n) => anchor + (count + n) * 500));
    expect(witness.commands("later").map(({ headers }) => headers["Scheduler-Cause"])).not.toContain(
      "catch_up",
    );
    expect(ledger(story)).toBe(count + fired.length);
  });
});
