/*
 * The verbs that ask: what a schedule looks like, and when a trigger would fire, over clock changes too.
 */

import type { Trigger } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { every, manual } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
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

describe("get", () => {
  it("is refused where there is no such schedule", async () => {
    expect((await refusals.overRpc({ subject: "rpc.scheduler.default.get.nobody" })).code).toBe("not_found");
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
    ["invalid_body", "/trigger/type", { trigger: { type: "moon" } }],
    ["invalid_timezone", "/trigger/timezone", { trigger: { ...daily, timezone: "Mars/Olympus" } }],
    ["never_fires", "/trigger/expression", { trigger: { ...daily, expression: "0 0 30 2 *" } }],
    ["invalid_json", "", "{"],
  ])("refuses %s at %j", async (code, path, body) => {
    const error = await refusals.overRpc({ subject: "rpc.scheduler.default.preview", body });
    expect([error.code, pathsOf(error)]).toEqual([code, path === "" ? pathsOf(error) : [path]]);
  });
});
