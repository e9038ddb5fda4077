/*
 * Workers that keep ten of five hundred schedules in memory: everything fires all the same, each occurrence once, commands and lists find
 * what is cold, and another worker takes it over.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet, isEven, openBooks } from "../../support/books.ts";
import { ahead, once } from "../../support/definition.ts";
import { shared } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const SCHEDULES = 500;
const EVERY_MS = 5_000;
const PAGE = 100;

let stack: Stack;
let worker: WorkerProcess;
beforeAll(async () => {
  stack = await openStack({ settings: { SCHEDULER_WARM_MAX: "10", LOCK_TIMEOUT_SECONDS: "2" } });
  worker = stack.worker();
  await shared([worker]);
});
afterAll(() => stack?.close());

describe("schedules that are cold most of the time", () => {
  it("fire once each, also after another worker took them over", { timeout: 120_000 }, async () => {
    const fleet = await createFleet(stack.client(), { name: "cold", size: SCHEDULES, everyMs: EVERY_MS });
    const books = await openBooks(stack.nc, fleet);
    await books.more(2 * SCHEDULES);
    const next = stack.worker();
    await worker.end("SIGKILL");
    await shared([next]);
    await books.more(2 * SCHEDULES);
    const balance = await books.close(stack.client());
    expect(isEven(balance)).toBe(true);
  });

  it("are found by commands and by lists", { timeout: 60_000 }, async () => {
    const client = stack.client();
    const ids = Array.from({ length: PAGE }, (_, n) => `far-${String(n).padStart(3, "0")}`);
    const far = (tag: string) => once(ahead(86_400), { tags: [tag] });
    await Promise.all(ids.map((id, n) => client.create(id, far(n % 2 === 0 ? "even" : "odd"))));
    const [id = ""] = ids;
    expect(await client.pause(id)).toMatchObject({ status: "paused" });
    expect(await client.update(id, { tags: ["third"] })).toMatchObject({ status: "paused", version: 2 });
    const listed = async (body: Parameters<typeof client.list>[0]): Promise<string[]> => {
      const { items, complete } = await client.list({ search: "far-", limit: PAGE, ...body });
      expect(complete).toBe(true);
      return items.map(({ scheduleId }) => scheduleId);
    };
    expect(await listed({})).toEqual(ids);
    expect(await listed({ status: "paused" })).toEqual([id]);
    expect(await listed({ tag: "third" })).toEqual([id]);
    expect(await listed({ tag: "odd" })).toEqual(ids.filter((_, n) => n % 2 === 1));
    expect(await listed({ dueBefore: new Date(ahead(3_600)).toISOString() })).toEqual([]);
  });
});
