/*
 * Commands as large and as odd as NATS takes them. None may hold up its schedule, the inbox behind it, or what fires
 * meanwhile.
 */

import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../../services/scheduler/src/domain/command-body.ts";
import { manual, TARGET } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { openRunning, type Stack, TENANTS } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";

const MEGABYTE = 1_000_000;
/** The default of `maxPayloadBytes`. */
const PAYLOAD_BYTES_MAX = 65_536;
const LONGEST = BODY_BYTES_MAX + PAYLOAD_BYTES_MAX;

let stack: Stack;
let witness: Witness;
let refusals: Refusals;
beforeAll(async () => {
  const roomy = { targets: [{ subject: TARGET, capture: true }], maxPayloadBytes: 1_048_576 };
  const few = { targets: [{ subject: TARGET, capture: true }], maxSchedules: 3 };
  const running = await openRunning({ tenants: { ...TENANTS, roomy, few } });
  stack = running.stack;
  witness = await witnessOf(stack.nc);
  refusals = await refusalsOf(stack, running.worker, witness);
});
afterAll(async () => {
  await refusals?.harmNobody();
  await stack?.close();
});

const commandTo = (verb: string) => `cmd.scheduler.default.${verb}.${refusals.nextId()}`;
const rpcTo = (verb: string) => `rpc.scheduler.default.${verb}.${refusals.nextId()}`;
const inbox = async (): Promise<number> => {
  const info = (await stack.nc.request("$JS.API.STREAM.INFO.SCHEDULER_COMMANDS")).json<{
    state: { messages: number };
  }>();
  return info.state.messages;
};

describe("a body longer than any command needs", () => {
  it.each(["create", "update", "trigger", "pause"])(
    "is refused unread by %s, durable or not",
    async (verb) => {
      const body = "[".repeat(MEGABYTE);
      const errors = [
        await refusals.durably({ subject: commandTo(verb), body }),
        await refusals.overRpc({ subject: rpcTo(verb), body }),
      ];
      expect(errors.map(({ code }) => code)).toEqual(["payload_too_large", "payload_too_large"]);
      expect(errors.map(pathsOf)).toEqual([[""], [""]]);
    },
  );

  it("is refused unread by a question", async () => {
    const { reply } = await ask(stack.nc, { subject: rpcTo("preview"), body: " ".repeat(MEGABYTE) });
    expect(reply).toMatchObject({ ok: false, error: { code: "payload_too_large" } });
  });
});

describe("a definition as long as it may be", () => {
  const long = (letter: string) => manual({ metadata: { text: letter.repeat(LONGEST - 1_000) } });

  it("is replaced by another, and its event tells that in brief", async () => {
    const client = stack.client();
    const id = refusals.nextId();
    await client.create(id, long("a"));
    expect((await client.update(id, { metadata: long("b").metadata ?? null })).version).toBe(2);
    const { data } = await witness.recorded(id, "updated");
    expect(data).toMatchObject({ scheduleId: id, version: 2, actor: "test" });
    expect(data.definition).toBeUndefined();
    expect((await client.pause(id)).status).toBe("paused");
  });

  it("is refused for good where NATS cannot store it, whatever its tenant may send", async () => {
    const body = manual({ payload: "x".repeat(600_000) });
    const { reply } = await ask(stack.nc, { subject: "rpc.scheduler.roomy.create.long", body });
    expect(reply).toMatchObject({ ok: false, error: { code: "payload_too_large", retryable: false } });
  });
});

describe("a refusal", () => {
  it("is told, however long the name that it is about", async () => {
    const headers = Object.fromEntries([1, 2, 3, 4].map((n) => [`${n}`.repeat(75_000), 5]));
    const body = { trigger: { type: "manual" }, target: { subject: TARGET, headers } };
    const error = await refusals.durably({ subject: commandTo("create"), body });
    expect(error.code).toBe("invalid_definition");
    expect(Math.max(...pathsOf(error).map((path) => path.length))).toBeLessThan(300);
    await expect.poll(inbox).toBe(0);
  });
});

/** Headers that no client library would send, byte by byte. */
async function sendRaw(subject: string, headers: string, body: string, reply = ""): Promise<void> {
  const { hostname, port } = new URL(stack.server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = `NATS/1.0\r\n${headers}\r\n\r\n`;
  const sizes = `${Buffer.byteLength(head)} ${Buffer.byteLength(head) + Buffer.byteLength(body)}`;
  socket.write(
    `CONNECT {"verbose":false,"headers":true}\r\nHPUB ${subject} ${reply} ${sizes}\r\n${head}${body}\r\n`,
  );
  socket.end("PING\r\n");
  await once(socket.resume(), "close");
}

describe("a limit on schedules", () => {
  it("holds however many are created at once", async () => {
    const client = stack.client("few");
    const made = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => client.create(`s-${n}`, manual())),
    );
    const refused = made.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    expect(refused).toEqual(Array(9).fill("quota_exceeded"));
  });
});

describe("headers longer than the inbox takes", () => {
  it("are cut where an rpc sends them on", async () => {
    const id = refusals.nextId();
    const headers = { "Scheduler-Actor": "a".repeat(70_000), "Scheduler-Reason": "r".repeat(70_000) };
    const { reply } = await ask(stack.nc, {
      subject: `rpc.scheduler.default.create.${id}`,
      body: manual(),
      headers,
    });
    expect(reply).toMatchObject({ ok: true, schedule: { createdBy: "a".repeat(256) } });
  });
});

describe("headers that no client library would send", () => {
  const ODD = ["Scheduler-Actor: eve\nand\rado\0", ": nameless", "garbage", "a b: c", "Scheduler-Reason: \n"];

  it("harm no durable command", async () => {
    const id = refusals.nextId();
    await sendRaw(`cmd.scheduler.default.create.${id}`, ODD.join("\r\n"), JSON.stringify(manual()));
    const { data } = await witness.recorded(id, "created");
    expect([data.actor, data.reason]).toEqual(["eve and ado", null]);
  });

  it("harm no question, and are flattened where an rpc sends them on", async () => {
    const id = refusals.nextId();
    const reply = "_INBOX.hostile.raw";
    const answer = stack.nc.subscribe(reply, { max: 1 });
    await stack.nc.flush();
    await sendRaw(`rpc.scheduler.default.create.${id}`, ODD.join("\r\n"), JSON.stringify(manual()), reply);
    for await (const message of answer) expect(message.json()).toMatchObject({ ok: true });
    expect((await witness.recorded(id, "created")).data.actor).toBe("eve and ado");
  });
});
