/*
 * Each kind of trigger on a real worker: it fires when it should, never early, with exactly one command in the target's
 * stream and one final event, and the command is what the contract says.
 */

import { createHash } from "node:crypto";
import { executionIdAt, messageId, type ScheduleDefinition } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, instant, manual, once, series, TARGET } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import type { StoredMessage } from "../../support/stream-tail.ts";
import { lags, nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";

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

/** Creates, and waits until `count` occurrences have fired and are settled, and nothing more of them is to come. */
async function fire(scheduleId: string, definition: ScheduleDefinition, count: number) {
  const created = await client.create(scheduleId, definition);
  await witness.settled(scheduleId, count);
  await witness.caughtUp();
  const commands = witness.commands(scheduleId).slice(0, count);
  return { createdAt: Date.parse(created.createdAt), created, commands, story: witness.story(scheduleId) };
}

/** One command and one final event for each occurrence, and none before its time. */
function expectOneEach(scheduleId: string, commands: readonly StoredMessage[]): void {
  const all = witness.commands(scheduleId);
  expect(new Set(nominals(all)).size).toBe(all.length);
  const finals = witness.story(scheduleId).filter(({ data }) => data.final);
  for (const { headers } of commands) {
    const executionId = headers["Scheduler-Execution-Id"];
    expect(finals.filter(({ data }) => data.executionId === executionId)).toHaveLength(1);
  }
  expect(Math.min(...lags(all))).toBeGreaterThanOrEqual(0);
}

describe.concurrent("an interval", () => {
  it("fires first one interval after creation, then at a fixed rate", async () => {
    const { created, createdAt, commands } = await fire("interval", every(0.5, { maxExecutions: 4 }), 4);
    expect(nominals(commands)).toEqual([1, 2, 3, 4].map((n) => createdAt + n * 500));
    expect(created.nextFireAt).toBe(instant(createdAt + 500));
    expectOneEach("interval", commands);
  });

  it("fires first at its startAt", async () => {
    const firstAt = ahead(0.7);
    const { commands } = await fire("anchored", series(firstAt, 0.4, 3), 3);
    expect(nominals(commands)).toEqual([firstAt, firstAt + 400, firstAt + 800]);
    expectOneEach("anchored", commands);
  });
});

describe.concurrent("an interval whose startAt is in the past", () => {
  it("goes on at that rate, and neither owes nor misses what was before it", async () => {
    const everyMs = 400;
    const startAt = instant(Date.UTC(2026, 0, 1));
    const trigger = { type: "interval", everySeconds: everyMs / 1_000, startAt } as const;
    const { createdAt, commands, story } = await fire("long-since", define(trigger, { maxExecutions: 2 }), 2);
    const steps = Math.ceil((createdAt - Date.parse(startAt)) / everyMs);
    const first = Date.parse(startAt) + steps * everyMs;
    expect(nominals(commands)).toEqual([first, first + everyMs]);
    expect(story.map(whatOf)).toEqual(["dispatched", "dispatched"]);
  });
});

describe.concurrent.each([
  ["cron", { type: "cron", expression: "*/1 * * * * *", timezone: "America/New_York" }],
  ["rrule", { type: "rrule", rrule: "FREQ=SECONDLY;INTERVAL=1", timezone: "Asia/Kolkata" }],
] as const)("a trigger %s", (type, trigger) => {
  it("fires at the instants that a preview foretells", async () => {
    const { createdAt, commands } = await fire(type, define(trigger, { maxExecutions: 3 }), 3);
    const { times } = await client.preview(trigger, { count: 3, after: instant(createdAt) });
    expect(nominals(commands).map(instant)).toEqual(times.map((time) => instant(Date.parse(time))));
    expect(nominals(commands).every((at) => at % 1_000 === 0)).toBe(true);
    expectOneEach(type, commands);
  });
});

describe.concurrent("a delay", () => {
  it("is counted from creation, then from each completion", async () => {
    const { createdAt, commands, story } = await fire(
      "delay",
      define({ type: "delay", delaySeconds: 0.5 }, { maxExecutions: 3 }),
      3,
    );
    const [first = 0, second = 0, third = 0] = nominals(commands);
    expect(first).toBe(createdAt + 500);
    const completedAt = story.map(({ time }) => Date.parse(time));
    expect(second).toBeGreaterThanOrEqual((completedAt[0] ?? 0) + 500);
    expect(third).toBeGreaterThanOrEqual((completedAt[1] ?? 0) + 500);
    expectOneEach("delay", commands);
  });
});

describe.concurrent("a trigger that fires once", () => {
  it("fires at its instant, and is completed", async () => {
    const at = ahead(0.8);
    const { commands } = await fire("at", once(at), 1);
    expect(nominals(commands)).toEqual([at]);
    expectOneEach("at", commands);
    await witness.recorded("at", "completed");
    expect(await client.get("at")).toMatchObject({ status: "completed", nextFireAt: null });
  });

  it("fires as soon as it is accepted when it is immediate", async () => {
    const { createdAt, commands } = await fire("immediate", define({ type: "immediate" }), 1);
    expect(nominals(commands)).toEqual([createdAt]);
    expectOneEach("immediate", commands);
    await witness.recorded("immediate", "completed");
    expect((await client.get("immediate")).status).toBe("completed");
  });
});

describe.concurrent("a manual trigger", () => {
  it("fires when it is told to and at no other time", async () => {
    await client.create("manual", manual({ payload: { n: 1 } }));
    await client.trigger("manual", {}, { commandId: "default.press" });
    await client.trigger("manual", { payload: { n: 2 } }, { commandId: "default.press.again" });
    await witness.settled("manual", 2);
    await witness.caughtUp();
    const commands = witness.commands("manual");
    expect(commands.map(({ body }) => body)).toEqual(['{"n":1}', '{"n":2}']);
    expect(commands.map(({ headers }) => headers["Scheduler-Cause"])).toEqual(["trigger", "trigger"]);
    const hash = createHash("sha256").update("default.press").digest("hex").slice(0, 16);
    expect(commands[0]?.headers["Scheduler-Execution-Id"]).toBe(`manual@m-${hash}`);
    expect(commands[0]?.headers["Nats-Msg-Id"]).toBe(`default.manual@m-${hash}.1`);
    expect(witness.story("manual").map(({ data }) => data.actor)).toEqual(["test", "test"]);
    expectOneEach("manual", commands);
  });

  it("carries the trace context of its command on", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await client.create("traced", manual());
    await client.trigger("traced", {}, { traceparent });
    const [command] = await witness.sent("traced");
    expect(command?.headers["traceparent"]?.slice(0, 35)).toBe(traceparent.slice(0, 35));
  });
});

describe.concurrent("the target's command", () => {
  it("names its occurrence and its neighbours, and carries the target's own headers", async () => {
    const target = { subject: TARGET, headers: { "X-Campaign": "summary" } };
    const { createdAt, commands } = await fire("headers", every(0.3, { target, maxExecutions: 3 }), 3);
    const at = [1, 2, 3].map((n) => createdAt + n * 300);
    const expected = at.map((nominalAt, index) => {
      const executionId = executionIdAt("headers", nominalAt);
      const [previousAt, nextAt] = [at[index - 1], at[index + 1]];
      return {
        "Nats-Msg-Id": messageId("default", executionId, 1),
        "Scheduler-Tenant": "default",
        "Scheduler-Schedule-Id": "headers",
        "Scheduler-Execution-Id": executionId,
        "Scheduler-Attempt": "1",
        "Scheduler-Nominal-At": instant(nominalAt),
        "Scheduler-Due-At": instant(nominalAt),
        ...(previousAt === undefined ? {} : { "Scheduler-Previous-At": instant(previousAt) }),
        ...(nextAt === undefined ? {} : { "Scheduler-Next-At": instant(nextAt) }),
        "Scheduler-Cause": "schedule",
        "X-Campaign": "summary",
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
      };
    });
    expect(commands.map(({ headers }) => headers)).toEqual(expected);
    expect(commands.every(({ subject }) => subject === TARGET)).toBe(true);
  });

  it.each([
    ["an object", { a: [1, { b: "ü" }], c: null }, '{"a":[1,{"b":"ü"}],"c":null}'],
    ["null", null, "null"],
    ["a text", "hi", '"hi"'],
    ["nothing", undefined, ""],
  ])("has the JSON of a payload that is %s for its body", async (name, payload, body) => {
    const scheduleId = `body-${name.replaceAll(" ", "-")}`;
    const more = payload === undefined ? {} : { payload };
    const { commands } = await fire(scheduleId, define({ type: "immediate" }, more), 1);
    expect(commands[0]?.body).toBe(body);
  });
});

describe.concurrent("jitter", () => {
  it("delays each occurrence by less than it says, and fires when that is due", async () => {
    const { commands } = await fire("jitter", every(1, { jitterSeconds: 0.6, maxExecutions: 3 }), 3);
    const spread = commands.map(
      ({ headers }, index) =>
        Date.parse(headers["Scheduler-Due-At"] ?? "") - (nominals(commands)[index] ?? 0),
    );
    expect(spread.every((ms) => ms >= 0 && ms <= 600)).toBe(true);
    expect(new Set(spread).size).toBeGreaterThan(1);
    expectOneEach("jitter", commands);
  });
});

describe.concurrent("the event of a fire", () => {
  it("is a CloudEvent that says where the command went, and never what is in it", async () => {
    const more = { payload: { secret: "hush" }, tags: ["email"] };
    const { createdAt, commands, story } = await fire("event", define({ type: "immediate" }, more), 1);
    const [event] = story;
    const executionId = executionIdAt("event", createdAt);
    const firedAt = Date.parse(event?.data.firedAt ?? "");
    expect(story).toHaveLength(1);
    expect(event?.message.subject).toBe("evt.scheduler.default.execution.dispatched.event");
    expect(event?.message.headers["content-type"]).toBe("application/cloudevents+json");
    expect(event?.message.headers["Nats-Msg-Id"]).toBe(event?.id);
    expect(event?.message.body).not.toContain("hush");
    expect(event).toMatchObject({
      specversion: "1.0",
      source: "/scheduler/default",
      type: "io.carillon.execution.dispatched.v1",
      subject: "event",
      datacontenttype: "application/json",
      data: {
        tenant: "default",
        scheduleId: "event",
        executionId,
        nominalAt: instant(createdAt),
        dueAt: instant(createdAt),
        lagMs: firedAt - createdAt,
        attempt: 1,
        target: TARGET,
        version: 1,
        cause: "schedule",
        tags: ["email"],
        createdBy: "test",
        completion: "published",
        final: true,
        delivered: { stream: "SCHEDULER_TARGETS", sequence: commands[0]?.sequence, duplicate: false },
      },
    });
    expect(event?.data.durationMs).toBeGreaterThanOrEqual(0);
    expect(story.map(whatOf)).toEqual(["dispatched"]);
  });
});
