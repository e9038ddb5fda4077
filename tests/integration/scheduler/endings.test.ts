/*
 * How schedules end: after so many fires, at a bound, after so many failures, and when they were kept for long enough.
 */

import type { Client } from "@carillon/contracts/client";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, manual, TARGET, UNCAPTURED } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";

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

/** Counters are stored with the next state write of a schedule, or when it has been quiet for two seconds. */
const PATIENCE = { timeout: 5_000, interval: 100 };

const immediate = { type: "immediate" } as const;

describe.concurrent("disableAfterFailures", () => {
  it("disables the schedule after so many failures in a row, until it is resumed", async () => {
    const more = { target: { subject: UNCAPTURED }, retry: { maxAttempts: 1 }, disableAfterFailures: 2 };
    await client.create("failing", every(0.3, more));
    const { data } = await witness.recorded("failing", "disabled");
    expect(data).toMatchObject({ status: "disabled", actor: "scheduler" });
    expect(data.reason).toMatch(/2/);
    const view = await client.get("failing");
    expect(view).toMatchObject({ status: "disabled", nextFireAt: null, stats: { failed: 2 } });
    expect(view.statusReason).not.toBeNull();
    await expect(client.trigger("failing")).rejects.toMatchObject({ code: "schedule_not_active" });
    await client.update("failing", { target: { subject: TARGET } });
    expect((await client.resume("failing")).status).toBe("active");
    await witness.sent("failing", 2);
    await client.delete("failing");
  });

  it("counts failures in a row only", async ({ expect }) => {
    const more = {
      target: { subject: "cmd.uncaptured.sometimes" },
      retry: { maxAttempts: 1 },
      disableAfterFailures: 2,
    };
    await client.create("sometimes", manual(more));
    const { streams } = await jetstreamManager(stack.nc);
    for (let round = 1; round <= 3; round++) {
      await client.trigger("sometimes");
      await witness.settled("sometimes", round * 2 - 1);
      const name = `SOMETIMES_${round}`;
      await streams.add({ name, subjects: ["cmd.uncaptured.sometimes"] });
      await client.trigger("sometimes");
      await witness.settled("sometimes", round * 2);
      await streams.delete(name);
    }
    const stats = expect.objectContaining({ failed: 3, manual: 3 });
    await expect.poll(() => client.get("sometimes"), PATIENCE).toMatchObject({ status: "active", stats });
  });
});

describe.concurrent("bounds", () => {
  it("maxExecutions ends the schedule after so many fires", async () => {
    await client.create("limited", every(0.2, { maxExecutions: 3 }));
    await witness.recorded("limited", "completed");
    await witness.caughtUp();
    expect(witness.commands("limited")).toHaveLength(3);
    expect(await client.get("limited")).toMatchObject({
      status: "completed",
      nextFireAt: null,
      stats: { fired: 3 },
    });
  });

  it("startAt and endAt bound the occurrences, and move none", async () => {
    const startAt = ahead(0.9);
    const created = await client.create(
      "bounded",
      every(0.4, {
        startAt: new Date(startAt).toISOString(),
        endAt: new Date(startAt + 1_000).toISOString(),
      }),
    );
    await witness.recorded("bounded", "completed");
    await witness.caughtUp();
    const anchor = Date.parse(created.createdAt);
    const planned = Array.from({ length: 20 }, (_, n) => anchor + (n + 1) * 400);
    const within = planned.filter((at) => at >= startAt && at <= startAt + 1_000);
    const fired = witness
      .commands("bounded")
      .map(({ headers }) => Date.parse(headers["Scheduler-Nominal-At"] ?? ""));
    expect(fired).toEqual(within);
    expect(within.length).toBeGreaterThanOrEqual(2);
  });

  it("keepSeconds deletes a completed schedule by itself", async () => {
    await client.create("kept", define(immediate, { keepSeconds: 0.5 }));
    const { data } = await witness.recorded("kept", "deleted");
    expect(data.actor).toBe("scheduler");
    await expect(client.get("kept")).rejects.toMatchObject({ code: "not_found" });
    expect((await client.create("kept", manual())).version).toBe(2);
  });
});
