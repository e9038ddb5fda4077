import { describe, expect, it } from "vitest";
import {
  type DefinitionPatch,
  FAULTS_MAX,
  type Fault,
  isTenantsFile,
  type ScheduleDefinition,
  validate,
} from "./index.ts";

const full: ScheduleDefinition = {
  name: "Daily summary e-mails",
  description: "09:00 New York",
  trigger: { type: "cron", expression: "0 9 * * 1-5", timezone: "America/New_York" },
  target: {
    subject: "cmd.notification.send.bulk",
    delivery: "jetstream",
    headers: { "X-Campaign": "summary" },
  },
  payload: { notification_type: "daily_summary", recipient_filter: "active_users" },
  startAt: "2026-12-01T00:00:00Z",
  endAt: null,
  maxExecutions: null,
  jitterSeconds: 0,
  misfire: { policy: "fire_once", graceSeconds: 300, maxCatchUp: 100 },
  overlap: { policy: "skip", maxConcurrent: 3 },
  retry: { maxAttempts: 4, initialDelaySeconds: 300, factor: 2, maxDelaySeconds: 3600, jitterRatio: 0.1 },
  completion: { mode: "published", timeoutSeconds: 300 },
  disableAfterFailures: null,
  keepSeconds: 604800,
  priority: 5,
  tags: ["email", "to be created"],
  metadata: { owner: "growth" },
  enabled: true,
};
const least: ScheduleDefinition = { trigger: { type: "manual" }, target: { subject: "a" } };

/** Faults of the least definition with some fields put over it. */
const faultsWith = (fields: Readonly<Record<string, unknown>>): Fault[] =>
  validate.definition({ ...least, ...fields });
const pathsWith = (fields: Readonly<Record<string, unknown>>): string[] =>
  faultsWith(fields).map(({ path }) => path);

describe("validate.definition", () => {
  it("takes the contract's own example, and the least there is", () => {
    expect(validate.definition(full)).toEqual([]);
    expect(validate.definition(least)).toEqual([]);
  });

  it.each([
    { type: "cron", expression: "* * * * *", dayMatch: "and", dst: { gap: "skip", overlap: "both" } },
    { type: "cron", expression: "* * * * *", dst: {} },
    { type: "rrule", rrule: "FREQ=DAILY", timezone: "UTC" },
    { type: "interval", everySeconds: 0.1, startAt: "2026-12-01T00:00:00Z" },
    { type: "delay", delaySeconds: 5 },
    { type: "at", at: "2026-12-01T00:00:00+01:00" },
    { type: "immediate" },
    { type: "manual" },
  ])("takes the trigger $type", (trigger) => expect(faultsWith({ trigger })).toEqual([]));

  it("names an unknown field in its path, wherever it stands", () => {
    expect(pathsWith({ colour: "red", retry: { tries: 3 } })).toEqual(["/colour", "/retry/tries"]);
    expect(pathsWith({ trigger: { type: "at", at: "2026-12-01T00:00:00Z", "a/b~c": 1 } })).toEqual([
      "/trigger/a~1b~0c",
    ]);
  });

  it("names a missing field in its path", () => {
    expect(validate.definition({}).map(({ path }) => path)).toEqual(["/trigger", "/target"]);
    expect(pathsWith({ trigger: { type: "cron" } })).toEqual(["/trigger/expression"]);
  });

  it("judges a trigger by its own type only", () => {
    expect(faultsWith({ trigger: { type: "interval", everySeconds: 0 } })).toEqual([
      { path: "/trigger/everySeconds", message: "/trigger/everySeconds: 0; expected at least 0.1" },
    ]);
  });

  it("lists the trigger types where it knows none of that name", () => {
    const message =
      '/trigger/type: "yearly"; expected one of cron, rrule, interval, delay, at, immediate, manual';
    expect(faultsWith({ trigger: { type: "yearly" } })).toEqual([{ path: "/trigger/type", message }]);
    expect(pathsWith({ trigger: {} })).toEqual(["/trigger/type"]);
    expect(pathsWith({ trigger: null })).toEqual(["/trigger"]);
  });

  it.each([
    ["/retry/maxAttempts", { retry: { maxAttempts: 12 } }],
    ["/retry/maxAttempts", { retry: { maxAttempts: 1.5 } }],
    ["/retry/initialDelaySeconds", { retry: { initialDelaySeconds: 0.05 } }],
    ["/retry/maxDelaySeconds", { retry: { maxDelaySeconds: 86_401 } }],
    ["/retry/jitterRatio", { retry: { jitterRatio: 2 } }],
    ["/completion/timeoutSeconds", { completion: { timeoutSeconds: 0 } }],
    ["/completion/timeoutSeconds", { completion: { timeoutSeconds: 86_401 } }],
    ["/misfire/graceSeconds", { misfire: { graceSeconds: -1 } }],
    ["/misfire/policy", { misfire: { policy: "forget" } }],
    ["/overlap/policy", { overlap: { policy: "maybe" } }],
    ["/priority", { priority: 11 }],
    ["/priority", { priority: "urgent" }],
    ["/maxExecutions", { maxExecutions: 0 }],
    ["/jitterSeconds", { jitterSeconds: Number.POSITIVE_INFINITY }],
    ["/startAt", { startAt: "tomorrow" }],
    ["/enabled", { enabled: "yes" }],
    ["/tags/1", { tags: ["ok", ""] }],
    ["/tags/0", { tags: ["a\u0007"] }],
    ["/tags/0", { tags: ["x".repeat(65)] }],
    ["/tags", { tags: Array.from({ length: 33 }, (_, index) => `t${index}`) }],
    ["/target/delivery", { target: { subject: "a", delivery: "pigeon" } }],
    ["/target/headers/nAtS-Msg-Id", { target: { subject: "a", headers: { "nAtS-Msg-Id": "x" } } }],
    ["/target/headers/Scheduler-Tenant", { target: { subject: "a", headers: { "Scheduler-Tenant": "x" } } }],
    ["/target/headers/A:b", { target: { subject: "a", headers: { "A:b": "x" } } }],
    ["/target/headers/A", { target: { subject: "a", headers: { A: "x\r\nB: y" } } }],
  ])("points at %s", (path, fields) => expect(pathsWith(fields)).toEqual([path]));

  it("counts characters, not code units", () => {
    expect(faultsWith({ tags: ["🔔".repeat(64)] })).toEqual([]);
  });

  it("takes any payload as it is", () => {
    for (const payload of [null, 0, "", [], JSON.parse('{"__proto__":1}')])
      expect(faultsWith({ payload })).toEqual([]);
  });

  it("cuts values short in messages, and never shows a whole object", () => {
    const [long] = faultsWith({ startAt: "x".repeat(500) });
    expect(long?.message).toContain(`"${"x".repeat(60)}…"`);
    const [object] = faultsWith({ startAt: { secret: "s3cret" } });
    expect(object?.message).toBe("/startAt: an object; expected string or null");
  });

  it("stops counting faults at a limit", () => {
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, index]));
    expect(faultsWith(fields)).toHaveLength(FAULTS_MAX);
  });

  it("keeps the path of a fault short, however long the name in it", () => {
    const headers = { ["x".repeat(5_000)]: 5 };
    const paths = faultsWith({ target: { subject: "a", headers } }).map(({ path }) => path.length);
    expect(Math.max(...paths)).toBe(256);
  });

  it.each([null, 5, "x", [], true])("refuses %j whole", (value) => {
    expect(validate.definition(value).map(({ path }) => path)).toEqual([""]);
  });

  it("sees fields of Object's own names as unknown ones", () => {
    expect(pathsWith(JSON.parse('{"__proto__":{"admin":true},"constructor":1}'))).toEqual([
      "/__proto__",
      "/constructor",
    ]);
  });
});

describe("validate, bodies", () => {
  it("knows every field of a definition in an update", () => {
    const patch: DefinitionPatch = { ...full, name: null, retry: null };
    expect(validate.updateBody(patch)).toEqual([]);
    expect(validate.updateBody({ colour: 1 }).map(({ path }) => path)).toEqual(["/colour"]);
    expect(validate.updateBody({})).toEqual([
      { path: "", message: "the body: an object; expected at least 1 entries" },
    ]);
  });

  it("takes nothing for what it is", () => {
    expect(validate.emptyBody({})).toEqual([]);
    expect(validate.resumeBody({})).toEqual([]);
    expect(validate.triggerBody({ payload: null })).toEqual([]);
    expect(validate.resumeBody({ from: "then" }).map(({ path }) => path)).toEqual(["/from"]);
  });
});

describe("isTenantsFile", () => {
  it("takes the contract's own example", () => {
    const targets = [
      { subject: "cmd.notification.>", capture: true },
      {
        subject: "cmd.analytics.collect.*",
        capture: true,
        payloadSchema: "./payloads/analytics.schema.json",
      },
    ];
    expect(
      isTenantsFile({ tenants: { default: { targets, maxSchedules: 100_000, maxPayloadBytes: 65_536 } } }),
    ).toBe(true);
  });

  it("refuses a tenant whose name is none", () => {
    expect(validate.tenants({ tenants: { "a.b": { targets: [] } } }).map(({ path }) => path)).toEqual([
      "/tenants/a.b",
    ]);
  });
});
