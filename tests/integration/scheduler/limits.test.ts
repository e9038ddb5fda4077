/*
 * What one tenant may use: schedules, schedules of one creator, commands a second. The limits of one are no other's.
 */

import { partitionOf } from "@carillon/contracts";
import { createClient } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, every, manual, TARGET } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import { type Witness, whatOf, witnessOf } from "../../support/witness.ts";

const RATE = 50;
/** The default. */
const PARTITIONS = 32;
/** Commands of one tenant that a partition holds back before it refuses. */
const HELD_BACK_MAX = 100;
const targets = [{ subject: TARGET, capture: true }];

let stack: Stack;
let witness: Witness;
beforeAll(async () => {
  const running = await openRunning({
    tenants: {
      few: { targets, maxSchedules: 3 },
      each: { targets, maxSchedulesPerCreator: 2 },
      slow: { targets, maxCommandsPerSecond: RATE },
      free: { targets },
    },
  });
  stack = running.stack;
  witness = await witnessOf(stack.nc);
});
afterAll(() => stack?.close());

const as = (tenant: string, actor: string) => createClient(stack.nc, { tenant, actor, timeoutMs: 5_000 });

/** A scheduleId whose schedules are in the same partition as another tenant's. */
function neighbour(tenant: string, of: string, scheduleId: string): string {
  const partition = partitionOf(of, scheduleId, PARTITIONS);
  const ids = Array.from({ length: 1_000 }, (_, n) => `neighbour-${n}`);
  return ids.find((id) => partitionOf(tenant, id, PARTITIONS) === partition) ?? "none";
}

describe.concurrent("a tenant", () => {
  it("has no more schedules than it may, not counting completed and deleted ones", async () => {
    const client = stack.client("few");
    await client.create("done", define({ type: "immediate" }));
    await witness.audit.until(
      () => witness.record("done", "few").some((event) => whatOf(event) === "completed"),
      "its completion",
    );
    for (const id of ["a", "b", "c"]) await client.create(id, every(3_600));
    await expect(client.create("d", manual())).rejects.toMatchObject({ code: "quota_exceeded" });
    await expect(client.apply("done", every(3_600))).rejects.toMatchObject({ code: "quota_exceeded" });
    expect((await client.create("a", every(3_600))).version).toBe(1);
    expect((await client.update("a", { name: "still mine" })).version).toBe(2);
    await client.delete("b");
    expect((await client.create("d", manual())).version).toBe(1);
  });

  it("has no more of one creator than it may", async () => {
    for (const id of ["a", "b"]) await as("each", "ann").create(id, manual());
    await expect(as("each", "ann").create("c", manual())).rejects.toMatchObject({ code: "quota_exceeded" });
    expect((await as("each", "bob").create("c", manual())).createdBy).toBe("bob");
  });

  it("that sends too many commands has them held back, then refused, in order, and no other tenant waits", async () => {
    const { durable } = stack.client("slow");
    await durable.create("rated", manual());
    const count = RATE + HELD_BACK_MAX + 1_200;
    const numberOf = (id: string | undefined): number => Number(id?.split("-").at(-1));
    const updates = (): number[] =>
      witness
        .record("rated", "slow")
        .filter((event) => whatOf(event) === "updated")
        .map(({ data }) => numberOf(data.commandId));
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: count }, (_, n) =>
        durable.update("rated", { metadata: { n } }, { commandId: `slow.rated-${n}` }),
      ),
    );
    await stack.client("free").create(neighbour("free", "slow", "rated"), manual());
    expect(updates().length).toBeLessThan(HELD_BACK_MAX);
    const settled = (): [accepted: number[], refused: number[]] => {
      const refusals = witness.audit.items
        .filter(({ subject }) => subject === "evt.scheduler.slow.command.rejected.rated")
        .map(({ body }) => JSON.parse(body).data);
      expect(refusals.every(({ error }) => error.code === "rate_limited")).toBe(true);
      return [updates(), refusals.map(({ commandId }) => numberOf(commandId))];
    };
    await witness.audit.until(() => settled().flat().length >= count, "the outcome of every command", 30_000);
    const [accepted, refused] = settled();
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(accepted.length).toBeGreaterThanOrEqual(HELD_BACK_MAX);
    expect(accepted.length).toBeLessThanOrEqual(RATE * (seconds + 1));
    expect(refused.length).toBeGreaterThan(count / 2);
    expect(accepted).toEqual([...accepted].sort((one, two) => one - two));
  });
});

describe("a caller over the rate", () => {
  it("is refused at once, and told when to come again", async () => {
    const answers = await Promise.all(
      Array.from({ length: RATE * 3 }, (_, n) =>
        ask(stack.nc, { subject: `rpc.scheduler.slow.create.asked-${n}`, body: manual() }),
      ),
    );
    const refused = answers.filter(({ reply }) => !reply.ok);
    expect(refused.length).toBeGreaterThan(0);
    for (const { reply, serviceErrorCode } of refused) {
      expect(serviceErrorCode).toBe("429");
      expect(reply).toMatchObject({ error: { code: "rate_limited", retryable: true } });
      expect(!reply.ok && (reply.error.retryAfterMs ?? 0) > 0).toBe(true);
    }
  });
});
