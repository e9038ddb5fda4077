/*
 * Where the command goes, and what happens when nobody takes it: core delivery, targets without a stream, retries and dead
 * letters, and a target that the tenants file no longer allows.
 */

import type { Client } from "@carillon/contracts/client";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, once, UNCAPTURED } from "../../support/definition.ts";
import { openRunning, type Stack, TENANTS } from "../../support/stack.ts";
import { type Witness, whatOf, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

let stack: Stack;
let worker: WorkerProcess;
let client: Client;
let witness: Witness;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  worker = running.worker;
  client = running.client;
  witness = await witnessOf(stack.nc);
});
afterAll(() => stack?.close());

const immediate = { type: "immediate" } as const;
const quick = { maxAttempts: 3, initialDelaySeconds: 0.2, factor: 2, jitterRatio: 0 };

describe.concurrent("core delivery", () => {
  it("reaches whoever listens, with the same headers, and needs no stream", async () => {
    const subject = "cmd.uncaptured.core";
    const heard = stack.nc.subscribe(subject, { max: 1 });
    await stack.nc.flush();
    await client.create(
      "core",
      define(immediate, { target: { subject, delivery: "core" }, payload: { a: 1 } }),
    );
    for await (const message of heard) {
      expect(message.json()).toEqual({ a: 1 });
      expect(message.headers?.get("Nats-Msg-Id")).toMatch(/^default\.core@\d{8}T\d{9}Z\.1$/);
      expect(message.headers?.get("Scheduler-Cause")).toBe("schedule");
      expect(message.reply ?? "").toBe("");
    }
    const [event] = await witness.settled("core");
    expect(event?.data).toMatchObject({ attempt: 1, final: true });
    expect(event?.data.delivered?.stream).toBeUndefined();
  });

  it("is done when the connection has it, though nobody listens", async () => {
    await client.create(
      "unheard",
      define(immediate, { target: { subject: "cmd.uncaptured.void", delivery: "core" } }),
    );
    expect((await witness.settled("unheard")).map(whatOf)).toEqual(["dispatched"]);
  });
});

describe.concurrent("a target that no stream captures", () => {
  it("is tried again by the retry policy, then failed, and put among the dead letters whole", async () => {
    const target = { subject: UNCAPTURED, headers: { "X-Own": "1" } };
    await client.create("lost", define(immediate, { target, payload: { a: 1 }, retry: quick }));
    const story = await witness.settled("lost");
    expect(story.map(whatOf)).toEqual(["retrying", "retrying", "failed"]);
    expect(story.map(({ data }) => [data.attempt, data.final, data.reason])).toEqual([
      [1, false, "no_stream"],
      [2, false, "no_stream"],
      [3, true, "no_stream"],
    ]);
    const delays = story
      .slice(0, 2)
      .map(({ time, data }) => Date.parse(data.retryAt ?? "") - Date.parse(time));
    expect(delays).toEqual([200, 400]);
    for (const [index, event] of story.slice(1).entries()) {
      expect(Date.parse(event.time)).toBeGreaterThanOrEqual(Date.parse(story[index]?.data.retryAt ?? ""));
    }
    const letter = await witness.deadLetters.nth(
      1,
      ({ subject }) => subject === "dead.scheduler.default.lost",
      5_000,
      "the dead letter",
    );
    const executionId = story[0]?.data.executionId;
    expect(JSON.parse(letter.body)).toMatchObject({
      tenant: "default",
      scheduleId: "lost",
      executionId,
      attempts: 3,
      reason: "no_stream",
      command: {
        subject: UNCAPTURED,
        headers: { "X-Own": "1", "Scheduler-Execution-Id": executionId, "Scheduler-Attempt": "3" },
        payload: { a: 1 },
      },
    });
    const { stats, status } = await client.get("lost");
    expect([stats.fired, stats.failed, status]).toEqual([0, 1, "completed"]);
  });

  it("gets the command with the number of its attempt once a stream is there", async () => {
    const subject = "cmd.uncaptured.soon";
    const retry = { ...quick, maxAttempts: 11, factor: 1 };
    await client.create("soon", define(immediate, { target: { subject }, retry }));
    await witness.executions.until(() => witness.story("soon").length > 0, "the first refusal");
    const { streams } = await jetstreamManager(stack.nc);
    await streams.add({ name: "SOON", subjects: [subject] });
    const story = await witness.settled("soon");
    const last = story.at(-1);
    const attempt = last?.data.attempt ?? 0;
    expect(attempt).toBeGreaterThan(1);
    expect(last).toMatchObject({ data: { final: true, delivered: { stream: "SOON", sequence: 1 } } });
    const stored = await streams.getMessage("SOON", { seq: 1 });
    expect(stored?.header.get("Nats-Msg-Id")).toBe(`default.${last?.data.executionId}.${attempt}`);
    expect(stored?.header.get("Scheduler-Attempt")).toBe(String(attempt));
    expect((await streams.info("SOON")).state.messages).toBe(1);
  });

  it("is settled as cancelled when its schedule is deleted before the next attempt", async () => {
    const retry = { ...quick, initialDelaySeconds: 60 };
    await client.create("given-up", define(immediate, { target: { subject: UNCAPTURED }, retry }));
    await witness.executions.until(() => witness.story("given-up").length > 0, "the first refusal");
    await client.delete("given-up");
    const story = await witness.settled("given-up");
    expect(story.map((event) => [whatOf(event), event.data.final])).toEqual([
      ["retrying", false],
      ["cancelled", true],
    ]);
  });

  it("holds no other target up", async () => {
    const target = { subject: UNCAPTURED };
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.create(`stuck-${n}`, every(0.2, { target, retry: quick, maxExecutions: 5 })),
      ),
    );
    await client.create("free", every(0.2, { maxExecutions: 5 }));
    const commands = await witness.sent("free", 5);
    const lag = Math.max(
      ...commands.map(({ storedAt, headers }) => storedAt - Date.parse(headers["Scheduler-Due-At"] ?? "")),
    );
    expect(lag).toBeLessThan(1_000);
    for (let n = 0; n < 20; n++) await witness.settled(`stuck-${n}`, 5);
  });
});

describe("a target that the tenants file no longer allows", () => {
  it("is skipped when it is due, and fires again when it is allowed again", async () => {
    const { default: standard, ...others } = TENANTS;
    await client.create("denied", every(0.3));
    await client.create("denied-later", once(ahead(60)));
    await witness.settled("denied", 2);
    await stack.writeTenants({ ...others, default: { targets: [{ subject: UNCAPTURED }] } });
    const skipped = await witness.executions.until(
      () => witness.story("denied").find((event) => whatOf(event) === "skipped"),
      "a skipped occurrence",
    );
    expect(skipped.data).toMatchObject({ reason: "target_denied", final: true });
    await expect(client.trigger("denied")).rejects.toMatchObject({ code: "target_not_allowed" });
    await stack.writeTenants({ ...others, ...(standard === undefined ? {} : { default: standard }) });
    await witness.caughtUp();
    await witness.sent("denied", witness.commands("denied").length + 2);
    await client.pause("denied");
    await witness.caughtUp();
    const finals = witness.story("denied").filter(({ data }) => data.final);
    expect(new Set(finals.map(({ data }) => data.nominalAt)).size).toBe(finals.length);
    expect(finals.filter((event) => whatOf(event) === "dispatched")).toHaveLength(
      witness.commands("denied").length,
    );
  });

  it("keeps the file in force where the new one cannot be read", async () => {
    await stack.writeTenants({ default: { targets: [{ subject: "a..b" }] } });
    await worker.log.nth(
      1,
      ({ msg }) => msg.startsWith("tenants file refused"),
      10_000,
      "the refusal of the file",
    );
    await client.create("in-force", define(immediate));
    await witness.settled("in-force");
    expect(witness.commands("in-force")).toHaveLength(1);
  });
});
