import { describe, expect, it } from "vitest";
import { CONTROL_TEXT_MAX, readCommand, senderOf } from "./command.ts";
import { anEnvelope, NAMES, RULES, STORED_AT } from "./testing/builders.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const inbox = (tenant: string, verb: string, scheduleId: string): string =>
  `${NAMES.installation}.inbox.3.${tenant}.${verb}.${scheduleId}`;

const sent = (...tokens: string[]): string => ["cmd", NAMES.installation, ...tokens].join(".");

function read(patch: Parameters<typeof anEnvelope>[0]) {
  const envelope = anEnvelope(patch);
  return readCommand(envelope, senderOf(envelope, NAMES), { names: NAMES, tenants: RULES.tenants });
}

const codeOf = (patch: Parameters<typeof anEnvelope>[0]): string | null => {
  const result = read(patch);
  return result.ok ? null : result.error.code;
};

const commandOf = (patch: Parameters<typeof anEnvelope>[0]) => {
  const result = read(patch);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

describe("a command", () => {
  it("is read with everything that its headers say", () => {
    const headers = {
      "Scheduler-Actor": " ada ",
      "Scheduler-Reason": "too\nmuch",
      "Scheduler-Expected-Version": "12",
      "Scheduler-Dry-Run": "true",
      "Nats-Msg-Id": "acme.abc",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    expect(commandOf({ headers, sequence: 9 })).toEqual({
      tenant: "acme",
      scheduleId: "daily",
      verb: "pause",
      body: undefined,
      commandId: "acme.abc",
      actor: "ada",
      reason: "too much",
      expectedVersion: 12,
      dryRun: true,
      traceparent: headers.traceparent,
      storedAt: STORED_AT,
      sequence: 9,
      inbox: "2026-01-01T00:00:00Z",
    });
  });

  it("without headers is anonymous, and named after its place in the inbox", () => {
    const command = commandOf({ sequence: 9 });
    expect([
      command.actor,
      command.reason,
      command.expectedVersion,
      command.dryRun,
      command.traceparent,
    ]).toEqual(["anonymous", null, null, false, null]);
    expect(command.commandId).toBe("acme.#9@20261121T090000000Z");
  });

  it("prefers the id that came with an rpc", () => {
    const headers = { "Scheduler-Command-Id": "acme.rpc", "Nats-Msg-Id": "acme.msg" };
    expect(commandOf({ headers }).commandId).toBe("acme.rpc");
  });

  it("keeps a long actor short, and drops a malformed trace", () => {
    const headers = { "Scheduler-Actor": "x".repeat(1_000), traceparent: "00-zz" };
    const { actor, traceparent } = commandOf({ headers });
    expect([actor.length, traceparent]).toEqual([CONTROL_TEXT_MAX, null]);
  });

  it("has the value of its JSON as its body", () => {
    expect(commandOf({ data: encode('{"from":"now"}') }).body).toEqual({ from: "now" });
    expect(commandOf({ data: encode("null") }).body).toBeNull();
  });
});

describe("a command is refused", () => {
  it.each(["{", "not json", "[1,]", "\u0000", '{"a":1}{'])("as invalid_json: %j", (text) => {
    expect(codeOf({ data: encode(text) })).toBe("invalid_json");
  });

  it("as invalid_json where it is not UTF-8, or nests too deep", () => {
    expect(codeOf({ data: new Uint8Array([0xff, 0xfe]) })).toBe("invalid_json");
    expect(codeOf({ data: encode("[".repeat(10_000) + "]".repeat(10_000)) })).toBe("invalid_json");
  });

  it.each([
    inbox("acme", "explode", "daily"),
    inbox("a~b", "pause", "daily"),
    inbox("acme", "pause", "x".repeat(65)),
    inbox("acme", "get", "daily"),
    sent("acme", "pause"),
    sent("acme", "pause", "daily", "more"),
    sent("acme"),
  ])("as bad_subject: %s", (subject) => {
    expect(codeOf({ subject })).toBe("bad_subject");
  });

  it("as tenant_unknown", () => {
    expect(codeOf({ subject: inbox("nobody", "pause", "daily") })).toBe("tenant_unknown");
  });

  it.each([
    ["reply_subject_not_allowed", { "Scheduler-Reply-To": "cmd.notification.send" }],
    ["reply_subject_not_allowed", { "Scheduler-Reply-To": "_R_X.a" }],
    ["invalid_command_id", { "Nats-Msg-Id": "beta.abc" }],
    ["invalid_command_id", { "Nats-Msg-Id": "acme." }],
    ["invalid_command_id", { "Scheduler-Command-Id": `acme.${"x".repeat(129)}` }],
    ["invalid_header", { "Scheduler-Expected-Version": "-1" }],
    ["invalid_header", { "Scheduler-Expected-Version": "" }],
    ["invalid_header", { "Scheduler-Dry-Run": "yes" }],
  ])("as %s for its headers %j", (code, headers) => {
    expect(codeOf({ headers })).toBe(code);
  });
});

describe("whoever is refused", () => {
  it("is named as far as it can be told, with the subject as it was sent", () => {
    const sender = senderOf(anEnvelope({ subject: inbox("acme", "explode", "daily") }), NAMES);
    expect(sender).toMatchObject({
      tenant: "acme",
      scheduleId: "daily",
      verb: null,
      subject: sent("acme", "explode", "daily"),
    });
  });

  it("shows what lies outside the grammar as _", () => {
    expect(senderOf(anEnvelope({ subject: sent("a~b", "pause") }), NAMES)).toMatchObject({
      tenant: "_",
      scheduleId: "_",
      verb: "pause",
    });
    expect(senderOf(anEnvelope({ subject: inbox("a~b", "pause", "d/e") }), NAMES)).toMatchObject({
      tenant: "_",
      scheduleId: "_",
      verb: null,
    });
  });

  it("gets answers only where answers may go", () => {
    const replyTo = (subject: string) =>
      senderOf(anEnvelope({ headers: { "Scheduler-Reply-To": subject } }), NAMES).replyTo;
    expect(
      ["_INBOX.a.b", "_R_.a", "_INBOX_acme.a", "cmd.notification.send", "_INBOX.*"].map(replyTo),
    ).toEqual(["_INBOX.a.b", "_R_.a", "_INBOX_acme.a", null, null]);
  });

  it("cannot take an id that belongs to another tenant", () => {
    const envelope = anEnvelope({ headers: { "Nats-Msg-Id": "beta.abc" } });
    expect(senderOf(envelope, NAMES).commandId).toBe("acme.#1@20261121T090000000Z");
  });
});
