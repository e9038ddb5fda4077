import type { ScheduleDefinition } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { parseDefinition, resolveDefinition } from "./definition.ts";
import {
  aCommand,
  accepted,
  aDefinition,
  aSchedule,
  DAY,
  DEFAULTS,
  everyMinute,
  iso,
  MINUTE,
  refused,
  STORED_AT,
} from "./testing/builders.ts";

const resolve = (patch: Partial<ScheduleDefinition>, before: ScheduleDefinition | null = null) =>
  resolveDefinition(aDefinition(patch), {
    acceptedAt: STORED_AT + DAY,
    defaults: { ...DEFAULTS, timezone: "Europe/Vienna" },
    previous: before === null ? null : aSchedule(before).record,
  });

const effective = (patch: Partial<ScheduleDefinition>, before: ScheduleDefinition | null = null) => {
  const resolved = resolve(patch, before);
  if (!resolved.ok) throw new Error(resolved.error.message);
  return resolved.value;
};

const codeOf = (patch: Partial<ScheduleDefinition>): string | null => {
  const resolved = resolve(patch);
  return resolved.ok ? null : resolved.error.code;
};

describe("what a definition leaves out", () => {
  it("is filled in once, with the settings and defaults of the contract", () => {
    expect(effective({})).toEqual({
      name: null,
      description: null,
      trigger: { ...everyMinute, startAt: iso(STORED_AT + DAY + MINUTE) },
      target: { subject: "cmd.notification.send", delivery: "jetstream", headers: {} },
      startAt: null,
      endAt: null,
      maxExecutions: null,
      jitterSeconds: 0,
      misfire: { policy: "fire_once", graceSeconds: 300, maxCatchUp: 100 },
      overlap: { policy: "skip", maxConcurrent: 3 },
      retry: { maxAttempts: 4, initialDelaySeconds: 300, factor: 2, maxDelaySeconds: 3600, jitterRatio: 0.1 },
      completion: { mode: "published", timeoutSeconds: null },
      disableAfterFailures: null,
      keepSeconds: 604_800,
      priority: 5,
      tags: [],
      metadata: {},
      enabled: true,
    });
  });

  it("keeps apart no payload and a payload of null", () => {
    expect("payload" in effective({})).toBe(false);
    expect(effective({ payload: null }).payload).toBeNull();
  });

  it.each([
    ["low", 2],
    ["normal", 5],
    ["high", 8],
    ["critical", 10],
    [7, 7],
  ] as const)("reads the priority %s as %i", (priority, number) => {
    expect(effective({ priority }).priority).toBe(number);
  });
});

describe("a trigger that stays as it was written", () => {
  const cron = aDefinition({ trigger: { type: "cron", expression: "0 9 * * *" } });
  const rrule = aDefinition({ trigger: { type: "rrule", rrule: "FREQ=DAILY" } });

  it("keeps its zone although the default has changed", () => {
    expect(effective(cron, cron).trigger).toMatchObject({ timezone: "UTC" });
    expect(effective(cron).trigger).toMatchObject({ timezone: "Europe/Vienna" });
  });

  it("keeps its DTSTART, unless startAt stands in for it and has moved", () => {
    expect(effective({ ...rrule, name: "x" }, rrule).trigger).toMatchObject({
      rrule: "DTSTART:20261121T000000\nRRULE:FREQ=DAILY",
    });
    const startAt = "2026-12-01T09:30:00Z";
    expect(effective({ ...rrule, startAt }, rrule).trigger).toMatchObject({
      rrule: "DTSTART:20261201T103000\nRRULE:FREQ=DAILY",
    });
  });

  it("keeps the anchor of @every, which is shown as the interval that it is", () => {
    const every = aDefinition({ trigger: { type: "cron", expression: "@every 90s" } });
    const anchored = (at: number) => ({ type: "interval", everySeconds: 90, startAt: iso(at + 90_000) });
    expect(effective({ ...every, name: "x" }, every).trigger).toEqual(anchored(STORED_AT));
    expect(effective(every).trigger).toEqual(anchored(STORED_AT + DAY));
    expect(aSchedule(every).record.definition.trigger).toEqual(every.trigger);
  });

  it("is not refused for an instant that has passed", () => {
    const at = aDefinition({ trigger: { type: "at", at: iso(STORED_AT + MINUTE) } });
    expect(effective({ ...at, name: "x" }, at).trigger).toEqual(at.trigger);
  });
});

describe("a definition is refused", () => {
  it("for its shape, with the path of the fault", () => {
    const parsed = parseDefinition({ ...aDefinition(), retry: { maxAttempts: 12 } });
    expect(parsed.ok ? null : [parsed.error.code, parsed.error.details?.[0]?.path]).toEqual([
      "invalid_definition",
      "/retry/maxAttempts",
    ]);
  });

  it.each([
    ["invalid_timezone", { trigger: { type: "cron", expression: "0 9 * * *", timezone: "Mars/Olympus" } }],
    ["invalid_trigger", { trigger: { type: "cron", expression: "99 9 * * *" } }],
    ["never_fires", { trigger: { type: "cron", expression: "0 9 30 2 *" } }],
    ["at_in_past", { trigger: { type: "at", at: iso(STORED_AT) } }],
    ["at_too_far", { trigger: { type: "at", at: iso(STORED_AT + 400 * DAY) } }],
    ["invalid_bounds", { startAt: iso(STORED_AT + 2), endAt: iso(STORED_AT + 1) }],
    ["jitter_too_long", { jitterSeconds: 60 }],
    ["not_supported", { completion: { mode: "reported" } }],
  ] as const)("%s: %j", (code, patch) => {
    expect(codeOf(patch)).toBe(code);
  });

  it.each([
    ["its end has passed", { endAt: iso(STORED_AT - 1) }],
    ["its first occurrence lies behind its end", { endAt: iso(STORED_AT + MINUTE - 1) }],
    ["an immediate one begins later", { trigger: { type: "immediate" }, startAt: iso(STORED_AT + 1) }],
    [
      "its instant lies outside",
      { trigger: { type: "at", at: iso(STORED_AT + DAY) }, endAt: iso(STORED_AT + 1) },
    ],
  ] as const)("never_fires: %s", (_, patch) => {
    expect(refused(null, aCommand("create", { body: aDefinition(patch) })).code).toBe("never_fires");
  });

  it("not where a delay first fires at startAt, short before its end", () => {
    const body = aDefinition({
      trigger: { type: "delay", delaySeconds: 3_600 },
      startAt: iso(STORED_AT + 60 * MINUTE),
      endAt: iso(STORED_AT + 61 * MINUTE),
    });
    expect(accepted(null, aCommand("create", { body })).schedule.state.nominalAt).toBe(
      STORED_AT + 60 * MINUTE,
    );
  });
});
