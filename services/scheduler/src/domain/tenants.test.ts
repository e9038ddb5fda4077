import { readFileSync } from "node:fs";
import { names, type TargetEntry } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { compileTenants, TENANT_DEFAULTS, type Tenants, tenantsWithoutFile } from "./tenants.ts";

const settings = { payloadChecks: new Map(), maxSchedulesPerCreator: 7, installation: names() };

const compile = (targets: readonly TargetEntry[], more: Record<string, readonly TargetEntry[]> = {}) =>
  compileTenants({
    ...settings,
    file: {
      tenants: {
        acme: { targets },
        ...Object.fromEntries(Object.entries(more).map(([name, list]) => [name, { targets: list }])),
      },
    },
  });

const faultsOf = (targets: readonly TargetEntry[]): readonly string[] => {
  const compiled = compile(targets);
  return compiled.ok ? [] : compiled.faults;
};

const tenantsOf = (...input: Parameters<typeof compile>): Tenants => {
  const compiled = compile(...input);
  if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
  return compiled.tenants;
};

const captured = (subject: string): TargetEntry => ({ subject, capture: true });

describe("compileTenants", () => {
  it("fills in what a tenant leaves out", () => {
    expect(tenantsOf([]).get("acme")).toMatchObject({
      maxSchedules: 100_000,
      maxSchedulesPerCreator: 7,
      maxPayloadBytes: 65_536,
      maxCommandsPerSecond: null,
      maxCommandsPerSecondPerCreator: null,
    });
  });

  it("has the defaults that the schema states", () => {
    const url = new URL("../../../../schemas/tenants.schema.json", import.meta.url);
    const { properties } = JSON.parse(readFileSync(url, "utf8")).$defs.TenantSettings;
    for (const [name, value] of Object.entries(TENANT_DEFAULTS)) expect(properties[name].default).toBe(value);
  });

  it("knows only the tenants of the file", () => {
    const tenants = tenantsOf([], { __proto__x: [] });
    expect(tenants.names).toEqual(["acme", "__proto__x"]);
    for (const name of ["default", "constructor", "__proto__", "ACME"])
      expect(tenants.get(name)).toBeUndefined();
  });

  it.each(["", "a b", "a..b", "a.>.b", "a.b*", ">>", "ä.b", "a.", "x".repeat(256)])(
    "refuses the pattern %j",
    (subject) => {
      expect(faultsOf([{ subject }])).toEqual([
        expect.stringMatching(/^tenants\.acme\.targets\[0\] .*expected tokens/),
      ]);
    },
  );

  it("warns of an entry that can allow nothing", () => {
    const compiled = compile([{ subject: "$JS.>" }, { subject: "evt.scheduler.a.>" }, { subject: "evt.>" }]);
    expect(compiled).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining("targets[0]"), expect.stringContaining("targets[1]")],
    });
  });
});

describe("captured patterns", () => {
  it("are those of all tenants, without those that another one contains", () => {
    const tenants = tenantsOf([captured("cmd.mail.send"), captured("cmd.sms.>"), { subject: "cmd.other" }], {
      beta: [captured("cmd.mail.*"), captured("cmd.sms.>"), captured("cmd.mail.*.now")],
    });
    expect(tenants.captured).toEqual(["cmd.sms.>", "cmd.mail.*", "cmd.mail.*.now"]);
  });

  it("are refused by name where they overlap and neither contains the other", () => {
    expect(faultsOf([captured("a.*.c"), captured("a.b.*")])).toEqual([
      'captured "a.*.c" and "a.b.*" overlap; expected one to contain the other',
    ]);
  });

  it.each([">", "*.x", "$JS.>", "_INBOX.>"])(
    "are refused where the first token is no name: %s",
    (subject) => {
      expect(faultsOf([captured(subject)])).toEqual([expect.stringContaining("its first token is no name")]);
    },
  );

  it.each(["cmd.>", "cmd.*.x.y.z", "evt.scheduler.>", "rpc.a", "scheduler.inbox.0.>"])(
    "are refused where they would take the scheduler's own messages: %s",
    (subject) => {
      expect(faultsOf([captured(subject)])).toEqual([expect.stringContaining("name narrower subjects")]);
    },
  );
});

describe("tenantsWithoutFile", () => {
  it("knows the tenant default, which may publish to nothing", () => {
    const tenants = tenantsWithoutFile(settings);
    expect(tenants).toMatchObject({ names: ["default"], captured: [], fromFile: false });
    expect(tenants.get("default")?.allowance("cmd.a")).toBeNull();
  });
});
