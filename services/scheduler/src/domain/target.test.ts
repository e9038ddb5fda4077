import { type Fault, names } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { checkSubject, checkTarget } from "./target.ts";
import { compileTenants, tenantsWithoutFile } from "./tenants.ts";

const strict = (payload: unknown): readonly Fault[] =>
  payload === 1 ? [] : [{ path: "/n", message: '/n: "x"; expected 1' }];

const compiled = compileTenants({
  file: {
    tenants: {
      acme: {
        maxPayloadBytes: 10,
        targets: [
          { subject: "orders.>" },
          { subject: "cmd.mail.*" },
          { subject: "cmd.>" },
          { subject: ">" },
          { subject: "cmd.scheduler.acme.pause.x" },
          { subject: "cmd.scheduler.acme.delete.*" },
          { subject: "cmd.scheduler.beta.pause.x" },
        ],
      },
      beta: { targets: [{ subject: "orders.>" }, { subject: "a.*.c" }, { subject: "exact" }] },
      gamma: { targets: [{ subject: "cmd.*", payloadSchema: "s" }, { subject: "cmd.one" }] },
    },
  },
  payloadChecks: new Map([["s", strict]]),
  maxSchedulesPerCreator: 1,
  installation: names(),
});
if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
const { tenants } = compiled;

const codeOf = (tenant: string, subject: string): string | null =>
  checkSubject(tenants, tenant, subject)?.code ?? null;

describe("a target's subject", () => {
  const MALFORMED = [
    "",
    "*",
    ">",
    "a.*",
    ".a",
    "a..b",
    "a.",
    "a b",
    "t evil.reply",
    "a\r\nPUB x",
    "a\tb",
    "a\0b",
    "ä",
    "a\u2028b",
  ];
  it.each([...MALFORMED, "x".repeat(256), "x".repeat(5000), "orders.>"])("is malformed: %j", (subject) => {
    expect(codeOf("acme", subject)).toBe("target_invalid");
  });

  it.each([
    "$JS.API.STREAM.DELETE.X",
    "$KV.b.k",
    "$O.x",
    "$SYS.x",
    "$NRG.x",
    "_INBOX.a.b",
    "_R_.a",
    "evt.scheduler.acme.x",
    "rpt.scheduler.x",
    "dead.scheduler.x",
    "rpc.anything",
    "scheduler.inbox.0.acme.create.x",
    "cmd.scheduler.beta.pause.x",
    "cmd.scheduler.acme",
  ])("is reserved, whatever the file says: %s", (subject) => {
    expect(codeOf("acme", subject)).toBe("target_reserved");
  });

  it.each([
    ["beta", "orders"],
    ["beta", "ordersX"],
    ["beta", "Orders.a"],
    ["beta", "orders-evil.a"],
    ["beta", "a.b.c.d"],
    ["beta", "a.c"],
    ["beta", "exact.more"],
    ["beta", "EXACT"],
  ])("is not allowed to %s: %s", (tenant, subject) => {
    expect(codeOf(tenant, subject)).toBe("target_not_allowed");
  });

  it.each([
    ["beta", "orders.evil"],
    ["beta", "orders.$JS"],
    ["beta", "a.b.c"],
    ["beta", "exact"],
    ["acme", "evt.other.x"],
    ["acme", "x".repeat(255)],
  ])("is allowed to %s: %s", (tenant, subject) => {
    expect(codeOf(tenant, subject)).toBeNull();
  });

  it("is a command to the scheduler only where an entry names it literally", () => {
    expect(codeOf("acme", "cmd.scheduler.acme.pause.x")).toBeNull();
    expect(codeOf("acme", "cmd.scheduler.acme.pause.y")).toBe("target_not_allowed");
    expect(codeOf("acme", "cmd.scheduler.acme.delete.x")).toBe("target_not_allowed");
  });

  it("is refused with the line to add", () => {
    expect(checkSubject(tenants, "beta", "cmd.billing.charge")?.message).toBe(
      'target.subject: "cmd.billing.charge" is not allowed; add to tenants.beta.targets: { "subject": "cmd.billing.charge" }',
    );
    const none = tenantsWithoutFile({ maxSchedulesPerCreator: 1, installation: names() });
    expect(checkSubject(none, "default", "a")?.message).toContain(
      "SCHEDULER_TENANTS_FILE is not set; add to tenants.default",
    );
  });

  it("is not looked at for an unknown tenant", () => {
    expect(codeOf("nobody", "orders.a")).toBe("tenant_unknown");
  });

  it("gives the same answer when asked again", () => {
    for (let time = 0; time < 2; time++) {
      expect(codeOf("beta", "orders.a")).toBeNull();
      expect(codeOf("beta", "other")).toBe("target_not_allowed");
    }
  });
});

describe("a target's headers", () => {
  const check = (headers: Record<string, string>) =>
    checkTarget(tenants, "beta", { subject: "exact", headers }, undefined);

  it.each([
    "",
    "a b",
    "a:b",
    "ä",
    "a\r\nb",
    "Nats-Msg-Id",
    "nats-expected-stream",
    "NATS-TTL",
    "Nats-Schedule-Target",
    "scheduler-tenant",
    "x".repeat(129),
  ])("refuse the name %j", (name) => {
    expect(check({ [name]: "v" })).toMatchObject({ code: "invalid_definition" });
  });

  it.each(["a\r\nb", "a\0", "\u001b[31m", "\u0085", "x".repeat(1025)])(
    "refuse the value %j without showing it",
    (value) => {
      const fault = check({ "X-A": value });
      expect(fault).toMatchObject({ code: "invalid_definition", path: "/target/headers/X-A" });
      expect(fault?.message).not.toContain(value);
    },
  );

  it("are at most 16", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, ""]));
    expect(check(many(16))).toBeNull();
    expect(check(many(17))).toMatchObject({ code: "invalid_definition", path: "/target/headers" });
  });

  it("may carry anything else", () => {
    expect(check({ "X-Campaign": "summer – größer", natsy: "1", "!#$%&'*+-.^_`|~": "" })).toBeNull();
  });
});

describe("a target's payload", () => {
  const check = (tenant: string, subject: string, payload: unknown) =>
    checkTarget(tenants, tenant, { subject }, payload);

  it("is measured in bytes of its JSON", () => {
    expect(check("acme", "orders.a", "12345678")).toBeNull();
    expect(check("acme", "orders.a", "1234567é")).toMatchObject({
      code: "payload_too_large",
      message: "payload: 11 bytes of JSON; expected at most 10",
    });
    expect(check("acme", "orders.a", undefined)).toBeNull();
  });

  it("must fit the schema of every entry that names the target", () => {
    expect(check("gamma", "cmd.one", 1)).toBeNull();
    expect(check("gamma", "cmd.one", 2)).toEqual({
      code: "payload_invalid",
      path: "/payload/n",
      message: 'payload/n: "x"; expected 1',
      details: [{ path: "/payload/n", message: 'payload/n: "x"; expected 1' }],
    });
  });

  it("is missing where a schema waits for one", () => {
    expect(check("gamma", "cmd.one", undefined)).toMatchObject({ code: "payload_invalid", path: "/payload" });
  });
});
