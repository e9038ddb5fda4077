/*
 * Who is spoken to: subjects, tenants and reply subjects that a worker must refuse, whatever the body
 * says. An answer to the wrong place would be a command in the scheduler's name.
 */

import { READ_VERBS, WRITE_VERBS } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manual } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { drop, sendRaw } from "../../support/wire.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";

let stack: Stack;
let witness: Witness;
let refusals: Refusals;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  witness = await witnessOf(stack.nc);
  refusals = await refusalsOf(stack, running.worker, witness);
});
afterAll(() => stack?.close());

const body = manual();

describe("a subject", () => {
  it.each([
    ["too few tokens", "cmd.scheduler.default.create", "default", "_"],
    ["too many tokens", "cmd.scheduler.default.create.x.y", "default", "x"],
    ["no verb at all", "cmd.scheduler.default", "default", "_"],
    ["a verb that does not exist", "cmd.scheduler.default.craete.x", "default", "x"],
    ["a verb that only asks", "cmd.scheduler.default.get.x", "default", "x"],
    ["a tenant outside the grammar", "cmd.scheduler.def$ult.create.x", "_", "x"],
    ["a scheduleId outside the grammar", "cmd.scheduler.default.create.a@b", "default", "_"],
    ["a scheduleId that is too long", `cmd.scheduler.default.create.${"x".repeat(65)}`, "default", "_"],
    ["a wildcard, which the server lets pass", "cmd.scheduler.default.create.*", "default", "_"],
    ["a full wildcard", "cmd.scheduler.default.>", "default", "_"],
    ["the name of a member of every object", "cmd.scheduler.default.constructor.x", "default", "x"],
    ["a tenant that looks like another", "cmd.scheduler.dеfault.create.x", "_", "x"],
    ["a scheduleId that looks like another", "cmd.scheduler.default.create.dаily", "default", "_"],
    ["3,500 characters of scheduleId", `cmd.scheduler.default.create.${"x".repeat(3_500)}`, "default", "_"],
    ["3,500 characters of verb", `cmd.scheduler.default.${"x".repeat(3_500)}.x`, "default", "x"],
    ["1,700 tokens", `cmd.scheduler.default.create${".x".repeat(1_700)}`, "default", "x"],
  ])(
    "with %s is refused durably, under what can be told of it",
    async (what, subject, tenant, scheduleId) => {
      const refused = await refusals.enter(`a subject with ${what}`, async () => {
        const { error, subject: told } = await refusals.anonymously({ subject, body });
        expect(told).toBe(`evt.scheduler.${tenant}.command.rejected.${scheduleId}`);
        return { code: error.code, paths: pathsOf(error) };
      });
      expect(refused).toEqual({ code: "bad_subject", paths: [""] });
    },
  );

  it.each([
    ["a verb that does not exist", "rpc.scheduler.default.craete.x"],
    ["a verb of a tenant that does not exist", "rpc.scheduler.default.lits"],
    ["an unknown verb and too many tokens", "rpc.scheduler.default.craete.x.y"],
    ["the name of a member of every object", "rpc.scheduler.default.constructor.x"],
  ])("with %s is refused over rpc, with the list of verbs", async (_what, subject) => {
    const error = await refusals.overRpc({ subject, body });
    expect(error.code).toBe("unknown_verb");
    for (const verb of [...WRITE_VERBS, ...READ_VERBS]) expect(error.details[0]?.message).toContain(verb);
  });

  it.each([
    ["a scheduleId outside the grammar", "rpc.scheduler.default.create.a@b"],
    ["a tenant outside the grammar", "rpc.scheduler.def$ult.create.x"],
    ["too many tokens", "rpc.scheduler.default.create.x.y"],
    ["too few tokens", "rpc.scheduler.default.create"],
    ["no verb at all", "rpc.scheduler.default"],
  ])("with %s is refused over rpc", async (_what, subject) => {
    expect((await refusals.overRpc({ subject, body })).code).toBe("bad_subject");
  });

  it.each([
    ["5,000 characters", "x".repeat(5_000), "Maximum Control Line Exceeded"],
    ["an empty token", "a..b", "Invalid Publish Subject"],
  ])("with %s, as no client library sends it, is refused by the server", async (what, rest, words) => {
    await refusals.enter(`a subject with ${what}, byte by byte`, async () => {
      const subject = `cmd.scheduler.default.create.${rest}`;
      const said = await sendRaw(stack.server.url, { subject, headers: [], body });
      expect(said.toLowerCase()).toBe(words.toLowerCase());
      return { code: `the server says "${said}"`, paths: [] };
    });
  });

  it("with a NUL, as no client library sends it, is refused durably", async () => {
    const refused = await refusals.enter("a subject with a NUL, byte by byte", async () => {
      const place = refusals.nextId();
      const subject = `cmd.scheduler.default.create.${place}\0`;
      await sendRaw(stack.server.url, { subject, headers: [], body });
      const told = await witness.audit.until(
        (items) => items.find((event) => event.body.includes(`${place}\\u0000"`)),
        "its refusal",
      );
      const { error } = JSON.parse(told.body).data;
      return { code: error.code, paths: pathsOf(error) };
    });
    expect(refused).toEqual({ code: "bad_subject", paths: [""] });
  });

  it("that is refused over rpc is told once, like any other", async () => {
    const subject = "rpc.scheduler.default.create.once@twice";
    await refusals.overRpc({ subject, body, headers: { "Scheduler-Actor": "mallory" } });
    await refusals.overRpc({ subject: "rpc.scheduler.default.craete.after" });
    await witness.caughtUp();
    const told = witness.audit.items.filter((event) => event.body.includes(subject));
    expect(told.map((event) => event.subject)).toEqual(["evt.scheduler.default.command.rejected._"]);
    expect(JSON.parse(told[0]?.body ?? "").data).toMatchObject({
      actor: "mallory",
      verb: "create",
      subject,
      error: { code: "bad_subject" },
    });
  });
});

describe.concurrent("an unknown tenant", () => {
  it("is refused", async () => {
    const durable = await refusals.durably({ subject: "cmd.scheduler.nobody.create.x", body });
    expect(durable.code).toBe("tenant_unknown");
    for (const verb of ["create", "get", "delete"]) {
      const asked = await refusals.overRpc({
        subject: `rpc.scheduler.nobody.${verb}.x`,
        ...(verb === "create" ? { body } : {}),
      });
      expect(asked.code).toBe("tenant_unknown");
    }
  });
});

describe.concurrent("a reply subject", () => {
  const FORBIDDEN: [what: string, subject: string][] = [
    ["a whitelisted command", "cmd.notification.reply"],
    ["a forbidden command", "cmd.scheduler.default.delete.metronome"],
    ["the server's API", "$JS.API.STREAM.DELETE.KV_scheduler_state"],
  ];

  it.each([
    ...FORBIDDEN,
    ["an inbox with a wildcard", "_INBOX.>"],
    ["an inbox in its second token", "x._INBOX"],
  ])("that is %s gets no outcome of a durable command, which has no effect", async (_what, replyTo) => {
    const scheduleId = refusals.nextId();
    const { error } = await refusals.anonymously({
      subject: `cmd.scheduler.default.create.${scheduleId}`,
      body,
      headers: { "Scheduler-Reply-To": replyTo },
    });
    expect(error.code).toBe("reply_subject_not_allowed");
    await expect(stack.client().get(scheduleId)).rejects.toMatchObject({ code: "not_found" });
  });

  it.each(FORBIDDEN)(
    "that is %s gets no answer to an rpc or to discovery, which have no effect",
    async (_what, reply) => {
      const seen: string[] = [];
      const watch = stack.nc.subscribe(reply, { callback: (_, message) => void seen.push(message.string()) });
      const scheduleId = refusals.nextId();
      drop(stack.nc, { subject: `rpc.scheduler.default.bogus.${scheduleId}` }, reply);
      drop(stack.nc, { subject: `rpc.scheduler.default.get.${scheduleId}` }, reply);
      drop(stack.nc, { subject: "$SRV.PING.scheduler" }, reply);
      drop(stack.nc, { subject: `rpc.scheduler.default.create.${scheduleId}`, body }, reply);
      const told = await witness.audit.until((items) => {
        const about = items.filter(({ subject }) => subject.endsWith(`.command.rejected.${scheduleId}`));
        return about.length >= 3 && about.map((event) => JSON.parse(event.body).data.error.code);
      }, `three refusals of rpcs with reply ${reply}`);
      expect(told).toEqual(Array(3).fill("reply_subject_not_allowed"));
      await expect(stack.client().get(scheduleId)).rejects.toMatchObject({ code: "not_found" });
      await stack.nc.flush();
      watch.unsubscribe();
      expect(seen).toEqual([]);
    },
  );
});

describe("after all of that", () => {
  it("the worker is unharmed, and no command came of it", async () => {
    await refusals.harmNobody();
    await witness.caughtUp();
    expect(witness.targets.items.filter(({ subject }) => subject === "cmd.notification.reply")).toEqual([]);
    expect((await stack.client().get("metronome")).status).toBe("active");
  });
});
