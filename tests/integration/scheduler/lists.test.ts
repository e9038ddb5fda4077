/*
 * The verb `list`, asked of two workers at once: what each condition selects, how a walk over pages holds while schedules come and go,
 * and what other tenants see of it. Each of them owns a part; whichever answers, the answer is the same.
 */

import type { ListBody, ScheduleDefinition } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, every, instant, manual, once, UNCAPTURED } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { shared } from "../../support/sharing.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { witnessOf } from "../../support/witness.ts";

let stack: Stack;
let client: Client;
let refusals: Refusals;

const NOON = Date.parse("2027-06-01T12:00:00Z");
const HOUR_MS = 3_600_000;

/** What `acme` has: everything that the conditions are tried on. */
const SHELF: Readonly<Record<string, ScheduleDefinition>> = {
  "a-daily": define(
    { type: "cron", expression: "0 9 * * *", timezone: "Europe/Vienna" },
    { name: "Morning mail", tags: ["mail", "daily"], metadata: { owner: "growth", level: { n: 1 } } },
  ),
  "b-noon": once(NOON, { description: "At NOON exactly", metadata: { owner: "growth" } }),
  "c-later": once(NOON + HOUR_MS, { tags: ["mail"] }),
  "d-hand": manual({ target: { subject: "cmd.notification.send.bulk" } }),
  "e-off": every(3_600, { enabled: false }),
  "f-paused": every(3_600, { metadata: { owner: "ops", level: { n: 1 } } }),
};

beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  await shared([running.worker, stack.worker()]);
  client = stack.client("acme");
  for (const [id, definition] of Object.entries(SHELF)) await client.create(id, definition);
  await client.pause("f-paused");
  await client.create("g-gone", manual());
  await client.delete("g-gone");
  refusals = await refusalsOf(stack, running.worker, await witnessOf(stack.nc));
});
afterAll(() => stack?.close());

const idsOf = (items: readonly { readonly scheduleId: string }[]): string[] =>
  items.map(({ scheduleId }) => scheduleId);

describe("a condition", () => {
  it.each<[ListBody, string]>([
    [{}, "abcdef"],
    [{ status: "active" }, "abcd"],
    [{ status: "paused" }, "f"],
    [{ status: "disabled" }, "e"],
    [{ status: "completed" }, ""],
    [{ tag: "mail" }, "ac"],
    [{ tag: "mai" }, ""],
    [{ type: "interval" }, "ef"],
    [{ type: "manual" }, "d"],
    [{ createdBy: "test" }, "abcdef"],
    [{ createdBy: "tes" }, ""],
    [{ target: "cmd.notification.send" }, "abcef"],
    [{ target: "cmd.notification.*.*" }, "d"],
    [{ target: "cmd.>" }, "abcdef"],
    [{ metadata: { owner: "growth" } }, "ab"],
    [{ metadata: { level: { n: 1 } } }, "af"],
    [{ metadata: { owner: "growth", level: { n: 1 } } }, "a"],
    [{ metadata: { toString: null } }, ""],
    [{ search: "NOON" }, "b"],
    [{ search: "morning" }, "a"],
    [{ search: "-o" }, "e"],
    [{ dueAfter: instant(NOON) }, "bc"],
    [{ dueBefore: instant(NOON + 1) }, "ab"],
    [{ dueAfter: instant(NOON), dueBefore: instant(NOON + HOUR_MS) }, "b"],
    [{ status: "active", tag: "mail", type: "at" }, "c"],
    [{ limit: 2 }, "ab"],
  ])("%j selects %j", async (body, initials) => {
    const { full: _, ...filters } = body;
    const page = await client.list(filters);
    expect(idsOf(page.items).map(([initial]) => initial)).toEqual([...initials]);
    expect([page.complete, page.warnings]).toEqual([true, []]);
    expect(page.cursor === null).toBe(body.limit === undefined);
  });

  it.each<[object | string, string]>([
    [{ status: "deleted" }, "/status"],
    [{ status: ["active"] }, "/status"],
    [{ tag: "" }, "/tag"],
    [{ type: "moon" }, "/type"],
    [{ createdBy: 1 }, "/createdBy"],
    [{ target: "cmd.>.x" }, "/target"],
    [{ target: "a b" }, "/target"],
    [{ metadata: [] }, "/metadata"],
    [{ search: "x".repeat(201) }, "/search"],
    [{ dueAfter: "tomorrow" }, "/dueAfter"],
    [{ dueBefore: "2027-02-30T00:00:00Z" }, "/dueBefore"],
    [{ limit: 0 }, "/limit"],
    [{ limit: 501 }, "/limit"],
    [{ limit: 1.5 }, "/limit"],
    [{ cursor: "made-up" }, "/cursor"],
    [{ cursor: "" }, "/cursor"],
    [{ cursor: "MS5hLmI" }, "/cursor"],
    [{ full: "yes" }, "/full"],
    [{ tags: ["mail"] }, "/tags"],
    [[], ""],
  ])("%j is refused with its place", async (body, path) => {
    const error = await refusals.overRpc({ subject: "rpc.scheduler.acme.list", body });
    expect([error.code, pathsOf(error)]).toEqual(["invalid_body", [path]]);
  });
});

describe("an address", () => {
  it.each([
    ["tenant_unknown", "rpc.scheduler.nobody.list"],
    ["bad_subject", "rpc.scheduler.acme.list.x"],
    ["bad_subject", "rpc.scheduler.a%me.list"],
    ["bad_subject", "rpc.scheduler.acme.status.x"],
    ["tenant_unknown", "rpc.scheduler.nobody.status"],
  ])("is refused with %s: %s", async (code, subject) => {
    expect((await refusals.overRpc({ subject })).code).toBe(code);
  });
});

describe("a page", () => {
  it("shows schedules in brief, or as get shows them, without their words", async () => {
    const { text, ...view } = await client.get("a-daily");
    expect(text).not.toBe("");
    expect((await client.list({ search: "a-daily", full: true })).items).toEqual([view]);
    const { definition: _d, effective: _e, stats: _s, createdAt: _c, updatedBy: _u, ...brief } = view;
    expect((await client.list({ search: "a-daily" })).items).toEqual([
      {
        ...brief,
        name: "Morning mail",
        type: "cron",
        target: "cmd.notification.send",
        tags: ["mail", "daily"],
      },
    ]);
  });

  it("shows nothing of another tenant's", async () => {
    const other = stack.client();
    await other.create("a-foreign", manual({ target: { subject: UNCAPTURED } }));
    expect(idsOf((await other.list({ search: "a-" })).items)).toEqual(["a-foreign"]);
    expect(idsOf((await client.list({ search: "a-" })).items)).toEqual(["a-daily"]);
    const { cursor } = await client.list({ limit: 1 });
    expect(idsOf((await other.list({ cursor, type: "manual" })).items)).toEqual(["a-foreign"]);
  });

  it("is the same from whichever worker", async () => {
    const asked = (): Promise<unknown> => client.list({ full: true });
    const pages = await Promise.all(Array.from({ length: 40 }, asked));
    for (const page of pages) expect(page).toEqual(pages[0]);
    const counts: number[] = [];
    for await (const message of await stack.nc.requestMany("$SRV.STATS.scheduler", "", { maxWait: 500 })) {
      const { endpoints } = message.json<{ endpoints: { name: string; num_requests: number }[] }>();
      counts.push(endpoints.find(({ name }) => name === "list")?.num_requests ?? 0);
    }
    expect(counts).toHaveLength(2);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});

describe("a walk", () => {
  const STAY = Array.from({ length: 300 }, (_, n) => `stay-${String(n).padStart(3, "0")}`);

  it("sees what is there all the time once and in order, while others come and go", {
    timeout: 60_000,
  }, async () => {
    const walker = stack.client();
    await Promise.all(STAY.map((id) => walker.create(id, manual())));
    const passing = async (): Promise<void> => {
      for (let n = 0; n < 60; n++) {
        const id = `stay-${String((n * 53) % 300).padStart(3, "0")}-guest`;
        await walker.create(id, manual());
        await walker.delete(id);
      }
    };
    const coming = passing();
    const seen: string[] = [];
    for await (const { scheduleId } of walker.each({ search: "stay-", limit: 7 })) {
      if (!scheduleId.endsWith("-guest")) seen.push(scheduleId);
    }
    await coming;
    expect(seen).toEqual(STAY);
  });

  it("goes on behind a schedule that was deleted meanwhile, and never shows one again", async () => {
    const walker = stack.client();
    const first = await walker.list({ search: "stay-", limit: 10 });
    await walker.delete("stay-009");
    await walker.delete("stay-011");
    const next = await walker.list({ search: "stay-", limit: 3, cursor: first.cursor });
    expect(idsOf(next.items)).toEqual(["stay-010", "stay-012", "stay-013"]);
    expect(idsOf((await walker.list({ search: "stay-", limit: 10 })).items)).not.toContain("stay-009");
  });

  it("goes over schedules so long that few fit a page", async () => {
    const walker = stack.client();
    const ids = Array.from({ length: 9 }, (_, n) => `long-${n}`);
    const payload = { text: "x".repeat(60_000) };
    for (const id of ids) await walker.create(id, manual({ payload }));
    const page = await walker.list({ search: "long-", full: true });
    // Each holds its payload twice: as written, and as resolved.
    expect([idsOf(page.items), page.cursor === null]).toEqual([["long-0", "long-1"], false]);
    const seen: string[] = [];
    for await (const { scheduleId, definition } of walker.each({ search: "long-", full: true })) {
      expect(definition.payload).toEqual(payload);
      seen.push(scheduleId);
    }
    expect(seen).toEqual(ids);
    expect(idsOf((await walker.list({ search: "long-" })).items)).toEqual(ids);
  });

  it("ends with a cursor of null, and not before", async () => {
    const walker = stack.client();
    const sizes: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Client["list"]>> = await walker.list({
        search: "stay-",
        limit: 149,
        cursor,
      });
      sizes.push(page.items.length);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(sizes).toEqual([149, 149]);
  });
});

describe("after all of that", () => {
  it("the worker is unharmed", () => refusals.harmNobody());
});
