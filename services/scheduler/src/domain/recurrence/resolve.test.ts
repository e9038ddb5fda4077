import type { Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { formatInstant } from "../instant.ts";
import { compile, resolve } from "./index.ts";

const ACCEPTED = Date.UTC(2026, 0, 1, 3, 30);
const CONTEXT = {
  acceptedAt: ACCEPTED,
  startAt: null,
  defaultTimezone: "America/New_York",
  lookaheadMs: 365 * 86_400_000,
};

function accepted(trigger: Trigger, context = {}) {
  const resolved = resolve(trigger, { ...CONTEXT, ...context });
  return resolved.ok ? resolved.trigger : resolved.fault;
}

function first(trigger: Trigger, context = {}): string | null {
  const resolved = resolve(trigger, { ...CONTEXT, ...context });
  const compiled = resolved.ok ? compile(resolved.trigger, ACCEPTED) : resolved;
  if (!compiled.ok) return compiled.fault.code;
  const at = compiled.recurrence.next(trigger.type === "delay" ? ACCEPTED : ACCEPTED - 1);
  return at === null ? null : formatInstant(at);
}

describe("a cron trigger", () => {
  it("gets zone, day match and clock-change policy fixed", () => {
    expect(accepted({ type: "cron", expression: "0 9 * * 1-5" })).toEqual({
      type: "cron",
      expression: "0 9 * * 1-5",
      timezone: "America/New_York",
      dayMatch: "or",
      dst: { gap: "next", overlap: "first" },
    });
  });

  it("follows elapsed time where minute or hour begin with a star, unless its author says otherwise", () => {
    expect(accepted({ type: "cron", expression: "*/5 * * * *" })).toMatchObject({ dst: null });
    expect(accepted({ type: "cron", expression: "*/5 * * * *", dst: {} })).toMatchObject({ dst: null });
    expect(accepted({ type: "cron", expression: "*/5 * * * *", dst: { overlap: "second" } })).toMatchObject({
      dst: { gap: "next", overlap: "second" },
    });
  });

  it("spells its zone as the zone database does", () => {
    expect(accepted({ type: "cron", expression: "@daily", timezone: "europe/berlin" })).toMatchObject({
      timezone: "Europe/Berlin",
    });
  });

  it("counts an occurrence at the very instant of acceptance", () => {
    expect(first({ type: "cron", expression: "30 22 * * *" })).toBe(formatInstant(ACCEPTED));
  });
});

describe("an rrule trigger", () => {
  it("starts at midnight of the day of creation in its zone, for want of a DTSTART", () => {
    const resolved = accepted({ type: "rrule", rrule: "FREQ=DAILY;BYHOUR=9" });
    expect(resolved).toEqual({
      type: "rrule",
      rrule: "DTSTART:20251231T000000\nRRULE:FREQ=DAILY;BYHOUR=9",
      timezone: "America/New_York",
      dst: { gap: "shift", overlap: "first" },
    });
  });

  it("starts at startAt where there is one", () => {
    const startAt = Date.UTC(2026, 5, 1, 13);
    expect(accepted({ type: "rrule", rrule: "RRULE:FREQ=DAILY" }, { startAt })).toMatchObject({
      rrule: "DTSTART:20260601T090000\nRRULE:FREQ=DAILY",
    });
    expect(first({ type: "rrule", rrule: "FREQ=DAILY" }, { startAt })).toBe("2026-06-01T13:00:00.000Z");
  });

  it("has the zone of its DTSTART, whatever timezone says beside it", () => {
    const rule = (dtstart: string) =>
      ({ type: "rrule", rrule: `${dtstart}\nRRULE:FREQ=DAILY`, timezone: "Asia/Tokyo" }) as const;
    expect(accepted(rule("DTSTART;TZID=Europe/Berlin:20260101T090000"))).toMatchObject({
      timezone: "Europe/Berlin",
    });
    expect(accepted(rule("DTSTART:20260101T090000Z"))).toMatchObject({ timezone: "UTC" });
    expect(accepted(rule("DTSTART:20260101T090000"))).toMatchObject({ timezone: "Asia/Tokyo" });
  });

  it("means the same once it has been resolved", () => {
    const once = resolve({ type: "rrule", rrule: "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101T000000" }, CONTEXT);
    const twice = once.ok
      ? resolve(once.trigger as Trigger, { ...CONTEXT, acceptedAt: ACCEPTED + 1e9 })
      : once;
    expect(once.ok).toBe(true);
    expect(twice).toEqual(once);
  });
});

describe("the other triggers", () => {
  it("anchor an interval one interval after acceptance, or at its startAt", () => {
    expect(first({ type: "interval", everySeconds: 90 })).toBe("2026-01-01T03:31:30.000Z");
    expect(first({ type: "interval", everySeconds: 90, startAt: "2026-01-01T00:00:10Z" })).toBe(
      "2026-01-01T03:30:10.000Z",
    );
    expect(first({ type: "interval", everySeconds: 90, startAt: "2026-02-01T00:00:00+01:00" })).toBe(
      "2026-01-31T23:00:00.000Z",
    );
  });

  it("fire once, now, or never", () => {
    expect(first({ type: "delay", delaySeconds: 10 })).toBe("2026-01-01T03:30:10.000Z");
    expect(first({ type: "at", at: "2026-01-01T04:00:00Z" })).toBe("2026-01-01T04:00:00.000Z");
    expect(first({ type: "immediate" })).toBe(formatInstant(ACCEPTED));
    expect(first({ type: "manual" })).toBeNull();
  });
});

describe("what is refused", () => {
  const refused: [Trigger, string, string][] = [
    [{ type: "cron", expression: "0 25 * * *" }, "invalid_trigger", "/trigger/expression"],
    [{ type: "cron", expression: "0 0 30 2 *" }, "never_fires", "/trigger/expression"],
    [
      { type: "cron", expression: "@daily", timezone: "Mars/Olympus" },
      "invalid_timezone",
      "/trigger/timezone",
    ],
    [{ type: "rrule", rrule: "FREQ=DAILY;UNTIL=20200101T000000Z" }, "never_fires", "/trigger/rrule"],
    [{ type: "rrule", rrule: "FREQ=DAILY;INTERVAL=-1" }, "invalid_trigger", "/trigger/rrule"],
    [
      { type: "rrule", rrule: "DTSTART;TZID=Mars/Olympus:20260101T000000\nRRULE:FREQ=DAILY" },
      "invalid_timezone",
      "/trigger/rrule",
    ],
    [{ type: "rrule", rrule: "FREQ=DAILY", timezone: "+02:00" }, "invalid_timezone", "/trigger/timezone"],
    [{ type: "interval", everySeconds: 0.01 }, "invalid_trigger", "/trigger/everySeconds"],
    [{ type: "interval", everySeconds: 1, startAt: "tomorrow" }, "invalid_trigger", "/trigger/startAt"],
    [{ type: "delay", delaySeconds: Number.NaN }, "invalid_trigger", "/trigger/delaySeconds"],
    [{ type: "at", at: "2026-01-01T03:30:00Z" }, "at_in_past", "/trigger/at"],
    [{ type: "at", at: "2028-01-01T00:00:00Z" }, "at_too_far", "/trigger/at"],
    [{ type: "at", at: "2026-02-30T00:00:00Z" }, "invalid_trigger", "/trigger/at"],
  ];

  it.each(refused)("%j", (trigger, code, path) => {
    expect(accepted(trigger)).toMatchObject({ code, path });
  });

  it("is a value even for a stored trigger of a type that this version does not know", () => {
    const stored = JSON.parse('{"type":"sunrise"}');
    expect(compile(stored, ACCEPTED)).toMatchObject({
      ok: false,
      fault: { code: "invalid_trigger", path: "/trigger/type" },
    });
  });
});
