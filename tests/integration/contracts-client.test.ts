/*
 * The typed client against a real nats-server: what it puts on the wire, and what it makes of answers,
 * silence and the absence of anybody. The scheduler's side is played by plain subscriptions.
 */

import { names, type ScheduleDefinition } from "@carillon/contracts";
import { createClient } from "@carillon/contracts/client";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NatsServer, startNats } from "../../services/local/src/index.ts";

const subjects = names();
const definition: ScheduleDefinition = { trigger: { type: "manual" }, target: { subject: "a.b" } };

let server: NatsServer;
let nc: NatsConnection;

beforeAll(async () => {
  server = await startNats();
  nc = await connect({ servers: server.url });
}, 120_000);

afterAll(async () => {
  await nc?.close();
  await server?.stop();
});

/** Answers one tenant's rpc with `reply`; tests use a tenant each, so that they do not meet. */
const answering = async (tenant: string, reply: (message: Msg) => object | null): Promise<void> => {
  nc.subscribe(`rpc.scheduler.${tenant}.>`, {
    callback: (_, message) => {
      const answer = reply(message);
      if (answer !== null) message.respond(JSON.stringify(answer));
    },
  });
  await nc.flush();
};

describe("a command that waits for its outcome", () => {
  it("carries body and control headers, and resolves to the schedule", async () => {
    const seen: Msg[] = [];
    await answering("acme", (message) => {
      seen.push(message);
      return { ok: true, schedule: { scheduleId: "x", version: 2 }, warnings: [], addedLater: 1 };
    });
    const client = createClient(nc, { tenant: "acme", actor: "ann" });
    const view = await client.apply("x", definition, { expectedVersion: 1, reason: "because", dryRun: true });
    expect(view.version).toBe(2);
    const [message] = seen;
    expect(message?.subject).toBe("rpc.scheduler.acme.apply.x");
    expect(message?.json()).toEqual(definition);
    expect(message?.headers?.get("Scheduler-Actor")).toBe("ann");
    expect(message?.headers?.get("Scheduler-Expected-Version")).toBe("1");
    expect(message?.headers?.get("Scheduler-Reason")).toBe("because");
    expect(message?.headers?.get("Scheduler-Dry-Run")).toBe("true");
    expect(message?.headers?.get("Nats-Msg-Id")).toMatch(/^acme\.[0-9a-f-]{36}$/);
  });

  it("throws the scheduler's own refusal, with its code", async () => {
    const error = { code: "not_found", message: "no x", details: [], retryable: false, retryAfterMs: null };
    await answering("empty", () => ({ ok: false, error }));
    const pause = createClient(nc, { tenant: "empty" }).pause("x", { commandId: "empty.1" });
    await expect(pause).rejects.toMatchObject({
      name: "CarillonError",
      code: "not_found",
      commandId: "empty.1",
    });
  });

  it("names the command whose outcome it does not know", async () => {
    await answering("silent", () => null);
    const client = createClient(nc, { tenant: "silent", timeoutMs: 50 });
    const trigger = client.trigger("x", {}, { commandId: "silent.1" });
    await expect(trigger).rejects.toMatchObject({
      code: "outcome_unknown",
      commandId: "silent.1",
      retryable: true,
    });
  });

  it("says so where nobody listens", async () => {
    const get = createClient(nc, { tenant: "nobody" }).get("x");
    await expect(get).rejects.toMatchObject({
      code: "partition_unavailable",
      retryable: true,
      commandId: null,
    });
  });

  it("lets no token out that could widen a subject", async () => {
    await expect(createClient(nc).get("*")).rejects.toMatchObject({ code: "bad_subject" });
    expect(() => createClient(nc, { tenant: "a.b" })).toThrow("bad_subject");
  });
});

describe("a preview", () => {
  it("asks about a trigger, or about a schedule", async () => {
    const asked: [string, unknown][] = [];
    await answering("planner", (message) => {
      asked.push([message.subject, message.json()]);
      return { ok: true, times: [], text: "never", warnings: [] };
    });
    const client = createClient(nc, { tenant: "planner" });
    await client.preview({ type: "manual" }, { count: 3 });
    await client.preview("x");
    expect(asked).toEqual([
      ["rpc.scheduler.planner.preview", { trigger: { type: "manual" }, count: 3 }],
      ["rpc.scheduler.planner.preview.x", {}],
    ]);
  });
});

describe("a durable command", () => {
  beforeAll(async () => {
    const manager = await jetstreamManager(nc);
    const name = subjects.streams.commands;
    await manager.streams.add({ name, subjects: ["cmd.scheduler.default.>"], max_msgs: 2, discard: "new" });
  });

  it("is done when the stream has it, and once however often it is sent", async () => {
    const { durable } = createClient(nc);
    const first = await durable.create("x", definition, { commandId: "default.1", replyTo: "_INBOX.me" });
    expect(first).toEqual({ stream: "SCHEDULER_COMMANDS", seq: 1, duplicate: false, commandId: "default.1" });
    expect((await durable.create("x", definition, { commandId: "default.1" })).duplicate).toBe(true);
    const stored = await (await jetstreamManager(nc)).streams.getMessage(first.stream, { seq: first.seq });
    expect(stored?.subject).toBe("cmd.scheduler.default.create.x");
    expect(stored?.header.get("Scheduler-Reply-To")).toBe("_INBOX.me");
  });

  it("says so where the stream is full", async () => {
    const { durable } = createClient(nc);
    await durable.pause("x");
    await expect(durable.pause("x")).rejects.toMatchObject({ code: "storage_full", retryable: true });
  });

  it("says so where no stream takes it", async () => {
    const { durable } = createClient(nc, { tenant: "elsewhere" });
    await expect(durable.delete("x")).rejects.toMatchObject({ code: "partition_unavailable" });
  });
});
