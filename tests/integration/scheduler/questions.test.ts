/*
 * The verbs that ask: what a schedule looks like, and when a trigger would fire, over clock changes too.
 */

import type { GetReply, Trigger } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, every, manual } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import { witnessOf } from "../../support/witness.ts";

let stack: Stack;
let client: Client;
let refusals: Refusals;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  client = running.client;
  refusals = await refusalsOf(stack, running.worker, await witnessOf(stack.nc));
});
afterAll(() => stack?.close());

const asked = async <Reply>(verb: string, body?: unknown): Promise<Reply> =>
  (await ask(stack.nc, { subject: `rpc.scheduler.default.${verb}`, body })).reply as unknown as Reply;

describe("get", () => {
  it("is refused where there is no such schedule", async () => {
    expect((await refusals.overRpc({ subject: "rpc.scheduler.default.get.nobody" })).code).toBe("not_found");
  });

  it("has the trigger in words, and the clock changes of the year ahead", async () => {
    const daily: Trigger = { type: "cron", expression: "30 2 * * *", timezone: "Europe/Berlin" };
    const told = expect.arrayContaining([
      expect.objectContaining({
        code: "dst_gap",
        path: "/trigger",
        message: expect.stringMatching(
          /^\d{4}-03-\d\d 02:30 does not exist in Europe\/Berlin: fires at 03:00 \(gap: next\)$/,
        ),
      }),
      expect.objectContaining({
        code: "dst_overlap",
        message: expect.stringMatching(
          /^\d{4}-10-\d\d 02:30 comes twice in Europe\/Berlin: fires at the first \(overlap: first\)$/,
        ),
      }),
    ]);
    for (const [verb, body] of [
      ["create", define(daily)],
      ["apply", define(daily)],
      ["update", { description: "every night" }],
      ["get", undefined],
    ] as const) {
      const { schedule, warnings } = await asked<GetReply>(`${verb}.nightly`, body);
      expect([verb, schedule.text, warnings]).toEqual([verb, "At 02:30 AM, Europe/Berlin", told]);
    }
    expect((await asked<GetReply>("pause.nightly")).warnings).toEqual([]);
    expect(JSON.stringify(await client.list({ full: true }))).not.toContain("02:30 AM");
  });

  it("warns of nothing where clocks never change", async () => {
    const tokyo = define({ type: "cron", expression: "30 2 * * *", timezone: "Asia/Tokyo" });
    expect((await asked<GetReply>("create.tokyo", tokyo)).warnings).toEqual([]);
    expect((await asked<GetReply>("get.tokyo")).warnings).toEqual([]);
  });

  it("takes no body but an empty object", async () => {
    const sent = { subject: "rpc.scheduler.default.get.x", body: { full: true } };
    const error = await refusals.overRpc(sent);
    expect([error.code, pathsOf(error)]).toEqual(["invalid_body", ["/full"]]);
  });
});

describe("preview", () => {
  const daily: Trigger = { type: "cron", expression: "30 2 * * *", timezone: "America/New_York" };
  const night = "2027-03-13T12:00:00Z";

  it.each<[string, Trigger, string, string[]]>([
    ["the first instant after a gap", daily, night, ["2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"]],
    [
      "a time shifted by the gap",
      { ...daily, dst: { gap: "shift" } },
      night,
      ["2027-03-14T07:30:00Z", "2027-03-15T06:30:00Z"],
    ],
    [
      "no time in a gap",
      { ...daily, dst: { gap: "skip" } },
      night,
      ["2027-03-15T06:30:00Z", "2027-03-16T06:30:00Z"],
    ],
    [
      "both passes of an overlap",
      { ...daily, expression: "30 1 * * *", dst: { overlap: "both" } },
      "2027-11-06T12:00:00Z",
      ["2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"],
    ],
    [
      "the last weekday of a month by a rule",
      {
        type: "rrule",
        rrule: "DTSTART:20270101T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
      },
      "2027-01-15T00:00:00Z",
      ["2027-01-29T09:00:00Z", "2027-02-26T09:00:00Z"],
    ],
  ])("shows %s", async (_what, trigger, after, times) => {
    const reply = await client.preview(trigger, { count: 2, after });
    expect(reply.times.map((time) => Date.parse(time))).toEqual(times.map((time) => Date.parse(time)));
    expect(reply.text).not.toBe("");
  });

  const PAST = "2020-02-28T12:00:00Z";
  const FUTURE = "2090-01-01T00:00:00Z";

  it.each<[string, Trigger, string, string[]]>([
    ["an interval", { type: "interval", everySeconds: 3600 }, PAST, ["2020-02-28T13:00", "2020-02-28T14:00"]],
    [
      "an interval with an anchor",
      { type: "interval", everySeconds: 3600, startAt: "2020-01-01T00:30:00Z" },
      FUTURE,
      ["2090-01-01T00:30", "2090-01-01T01:30"],
    ],
    ["a delay", { type: "delay", delaySeconds: 60 }, PAST, ["2020-02-28T12:01", "2020-02-28T12:02"]],
    ["a rule", { type: "rrule", rrule: "FREQ=MONTHLY" }, PAST, ["2020-03-28T00:00", "2020-04-28T00:00"]],
    [
      "a cron expression",
      { type: "cron", expression: "0 12 29 2 *" },
      FUTURE,
      ["2092-02-29T12:00", "2096-02-29T12:00"],
    ],
    ["an instant", { type: "at", at: "2020-03-01T00:00:00Z" }, PAST, ["2020-03-01T00:00"]],
    ["an immediate one", { type: "immediate" }, PAST, []],
    ["none by hand", { type: "manual" }, PAST, []],
  ])("from any instant shows %s", async (_what, trigger, after, times) => {
    const reply = await client.preview(trigger, { count: 2, after });
    expect(reply.times.map((time) => time.slice(0, 16))).toEqual(times);
    expect(reply.warnings).toEqual([]);
  });

  it("without `after` shows what would fire from now on, at once too", async () => {
    const before = Date.now();
    const { times } = await client.preview({ type: "immediate" });
    expect(Date.parse(times[0] ?? "")).toBeGreaterThanOrEqual(before - 1_000);
    expect((await client.preview({ type: "cron", expression: "* * * * *" })).times).toHaveLength(10);
  });

  it("shows up to a thousand instants", async () => {
    const { times } = await client.preview(daily, { count: 1_000 });
    expect([times.length, new Set(times).size]).toEqual([1_000, 1_000]);
  });

  it("tells of the clock changes of the year after `after`", async () => {
    const { warnings, text } = await client.preview(daily, { after: "2027-03-01T00:00:00Z", count: 1 });
    expect(warnings).toEqual([
      {
        code: "dst_gap",
        path: "/trigger",
        message: "2027-03-14 02:30 does not exist in America/New_York: fires at 03:00 (gap: next)",
      },
      {
        code: "dst_gap",
        path: "/trigger",
        message: "2028-03-12 02:30 does not exist in America/New_York: fires at 03:00 (gap: next)",
      },
    ]);
    expect(text).toBe("At 02:30 AM, America/New_York");
  });

  it("of a schedule keeps to its bounds and to the fires that are left", async () => {
    const day = (date: number): string => `2090-01-${String(date).padStart(2, "0")}T00:00:00Z`;
    const bounded = { startAt: day(3), endAt: day(5) };
    await client.create("bounded", define({ type: "cron", expression: "0 0 * * *" }, bounded));
    expect((await client.preview("bounded", { after: PAST })).times.map((time) => time.slice(0, 10))).toEqual(
      ["2090-01-03", "2090-01-04", "2090-01-05"],
    );
    await client.create("limited", every(3_600, { maxExecutions: 2 }));
    expect((await client.preview("limited")).times).toHaveLength(2);
    expect((await client.preview("limited", { after: FUTURE })).times).toEqual([]);
  });

  it("of a schedule that does not fire as it stands says so", async () => {
    const codes = async (id: string) => {
      const { times, warnings } = await client.preview(id, { count: 1 });
      return [times.length, warnings.map(({ code, message }) => [code, message])];
    };
    await client.create("resting", every(3_600));
    await client.pause("resting", { reason: "lunch" });
    const paused = "the schedule is paused (lunch): it fires only once it is resumed";
    expect(await codes("resting")).toEqual([1, [["schedule_not_active", paused]]]);
    await client.create("off", every(3_600, { enabled: false }));
    const disabled = "the schedule is disabled (enabled_false): it fires only once it is enabled again";
    expect(await codes("off")).toEqual([1, [["schedule_not_active", disabled]]]);
    await client.create("over", define({ type: "immediate" }));
    await expect.poll(async () => (await client.get("over")).status).toBe("completed");
    const completed = "the schedule is completed: it fires no more";
    expect(await codes("over")).toEqual([0, [["schedule_not_active", completed]]]);
  });

  it("of a schedule asks about its trigger as it was accepted", async () => {
    const view = await client.create("asked", every(3_600));
    const { times } = await client.preview("asked", { count: 2 });
    const first = Date.parse(view.nextFireAt ?? "");
    expect(times.map((time) => Date.parse(time))).toEqual([first, first + 3_600_000]);
  });

  it("of a trigger that no clock fires is empty", async () => {
    await client.create("by-hand", manual());
    expect((await client.preview("by-hand")).times).toEqual([]);
  });

  it.each([
    ["invalid_body", "/count", { trigger: { type: "manual" }, count: 1_001 }],
    ["invalid_body", "/count", { trigger: { type: "manual" }, count: 0 }],
    ["invalid_body", "/count", { trigger: { type: "manual" }, count: "5" }],
    ["invalid_body", "/count", { trigger: { type: "manual" }, count: 1.5 }],
    ["invalid_body", "/after", { trigger: { type: "manual" }, after: "yesterday" }],
    ["invalid_body", "/after", { trigger: { type: "manual" }, after: 1_795_000_000 }],
    ["invalid_body", "/after", { trigger: { type: "manual" }, after: "2027-02-29T00:00:00Z" }],
    ["invalid_body", "/trigger", {}],
    ["invalid_body", "/until", { trigger: { type: "manual" }, until: "2027-01-01T00:00:00Z" }],
    ["invalid_trigger", "/trigger/expression", { trigger: { ...daily, expression: "61 * * * *" } }],
    ["invalid_trigger", "/trigger/rrule", { trigger: { type: "rrule", rrule: "FREQ=SOMETIMES" } }],
    ["at_in_past", "/trigger/at", { trigger: { type: "at", at: "2020-01-01T00:00:00Z" } }],
    ["at_too_far", "/trigger/at", { trigger: { type: "at", at: "2090-01-01T00:00:00Z" } }],
    ["invalid_body", "/trigger/type", { trigger: { type: "moon" } }],
    ["invalid_timezone", "/trigger/timezone", { trigger: { ...daily, timezone: "Mars/Olympus" } }],
    ["never_fires", "/trigger/expression", { trigger: { ...daily, expression: "0 0 30 2 *" } }],
    ["invalid_json", "", "{"],
  ])("refuses %s at %j", async (code, path, body) => {
    const error = await refusals.overRpc({ subject: "rpc.scheduler.default.preview", body });
    expect([error.code, pathsOf(error)]).toEqual([code, path === "" ? pathsOf(error) : [path]]);
  });
});
