/*
 * Control headers: what is outside their grammar is refused, and what is shown or passed on holds no line end, however
 * it was sent. Anybody may write anything between two line ends.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manual } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { sendRaw } from "../../support/wire.ts";
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

describe("a control header", () => {
  it.each([
    ["Scheduler-Expected-Version", "first", "invalid_header"],
    ["Scheduler-Expected-Version", "-1", "invalid_header"],
    ["Scheduler-Expected-Version", "1".repeat(60_000), "invalid_header"],
    ["Scheduler-Dry-Run", "yes", "invalid_header"],
    ["Scheduler-Dry-Run", "true".repeat(15_000), "invalid_header"],
  ])("%s, wrongly filled, is refused (%#)", async (name, value, code) => {
    const refused = await refusals.both(`${name}: ${value.slice(0, 20)}`, {
      verb: "create",
      body,
      headers: { [name]: value },
    });
    expect(refused).toEqual({ code, paths: [""] });
  });

  it.each([
    "someone-else.1",
    "default.",
    "default.a b",
    "default",
    `default.${"x".repeat(129)}`,
    `default.${"x".repeat(10_000)}`,
  ])("that is no command id of the tenant is refused (%#)", async (id) => {
    const sent = { body, headers: { "Nats-Msg-Id": id } };
    // The stream stores an id once, so whoever asks again must be about the same schedule.
    const scheduleId = refusals.nextId();
    const refused = await refusals.enter(
      `Nats-Msg-Id of ${id.length} characters: ${id.slice(0, 20)}`,
      async () => {
        const asked = await refusals.overRpc({
          subject: `rpc.scheduler.default.create.${scheduleId}`,
          ...sent,
        });
        const { error } = await refusals.anonymously({
          subject: `cmd.scheduler.default.create.${scheduleId}`,
          ...sent,
        });
        expect(error.code).toBe(asked.code);
        return { code: asked.code, paths: pathsOf(asked) };
      },
    );
    expect(refused).toEqual({ code: "invalid_command_id", paths: [""] });
  });

  const BREAKS = [
    ["CR", "\rb"],
    ["LF", "\nb"],
    ["NUL", "\0b"],
    ["LF and another header", "\nNats-Msg-Id: default.b"],
  ] as const;
  const SPOILT = [
    ["Scheduler-Command-Id", "default.a", "invalid_command_id"],
    ["Nats-Msg-Id", "default.a", "invalid_command_id"],
    ["Scheduler-Expected-Version", "0", "invalid_header"],
    ["Scheduler-Dry-Run", "true", "invalid_header"],
    ["Scheduler-Reply-To", "_INBOX.a", "reply_subject_not_allowed"],
  ] as const;

  it.each(SPOILT.flatMap((row) => BREAKS.map(([what, text]) => [...row, what, text] as const)))(
    "%s: %s is refused with %s after %s",
    async (name, good, code, what, text) => {
      const refused = await refusals.enter(`${name} with ${what}`, async () => {
        const scheduleId = refusals.nextId();
        const subject = `cmd.scheduler.default.create.${scheduleId}`;
        await sendRaw(stack.server.url, { subject, headers: [`${name}: ${good}${text}`], body });
        const { error } = await refusals.about(scheduleId);
        return { code: error.code, paths: pathsOf(error) };
      });
      expect(refused).toEqual({ code, paths: [""] });
    },
  );

  it.each(BREAKS)("that is shown or passed on is flattened or dropped: with %s", async (what, text) => {
    await refusals.enter(`actor, reason and traceparent with ${what}`, async () => {
      const scheduleId = refusals.nextId();
      const headers = ["Scheduler-Actor", "Scheduler-Reason", "traceparent"].map(
        (name) => `${name}: a${text}`,
      );
      const send = (verb: string) =>
        sendRaw(stack.server.url, {
          subject: `cmd.scheduler.default.${verb}.${scheduleId}`,
          headers,
          body: verb === "create" ? body : "",
        });
      await send("create");
      await send("trigger");
      const flat = `a${text}`.replace(/\p{Cc}/gu, " ");
      const { data } = await witness.recorded(scheduleId, "created");
      expect([data.actor, data.reason]).toEqual([flat, flat]);
      const [sent] = await witness.sent(scheduleId);
      expect(sent?.headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      return { code: "accepted", paths: [] };
    });
  });

  it.each([
    ["cmd", 15_000],
    ["rpc", 200_000],
  ])("may stand among thousands of others, over %s", async (family, count) => {
    const reply = "_INBOX.hostile.many";
    await refusals.enter(`${count} lines of headers over ${family}`, async () => {
      const scheduleId = refusals.nextId();
      const headers = [...Array(count).fill("a:"), "Scheduler-Actor: eve"];
      const subject = `${family}.scheduler.default.create.${scheduleId}`;
      expect(await sendRaw(stack.server.url, { subject, headers, body, reply })).toBe("");
      expect((await witness.recorded(scheduleId, "created")).data.actor).toBe("eve");
      return { code: "accepted", paths: [] };
    });
  });

  it("that is no header at all is passed over", async () => {
    const odd = [
      "Scheduler-Actor: eve\nand\rado\0",
      ": nameless",
      "garbage",
      "a b: c",
      "Scheduler-Reason: \n",
    ];
    const durable = refusals.nextId();
    await sendRaw(stack.server.url, {
      subject: `cmd.scheduler.default.create.${durable}`,
      headers: odd,
      body,
    });
    const { data } = await witness.recorded(durable, "created");
    expect([data.actor, data.reason]).toEqual(["eve and ado", null]);

    const asked = refusals.nextId();
    const reply = "_INBOX.hostile.raw";
    const answer = stack.nc.subscribe(reply, { max: 1 });
    await stack.nc.flush();
    await sendRaw(stack.server.url, {
      subject: `rpc.scheduler.default.create.${asked}`,
      headers: odd,
      body,
      reply,
    });
    for await (const message of answer) expect(message.json()).toMatchObject({ ok: true });
    expect((await witness.recorded(asked, "created")).data.actor).toBe("eve and ado");
  });
});

describe("after all of that", () => {
  it("the worker is unharmed", () => refusals.harmNobody());
});
