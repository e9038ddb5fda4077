import type { Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { resolve } from "../index.ts";
import { parseEvery } from "./every.ts";

const ACCEPTED = Date.UTC(2026, 0, 1);
const resolved = (trigger: Trigger) => {
  const given = resolve(trigger, {
    acceptedAt: ACCEPTED,
    startAt: null,
    defaultTimezone: "Europe/Vienna",
    lookaheadMs: 0,
  });
  return given.ok ? given.trigger : given.fault;
};

describe("parseEvery", () => {
  it.each([
    ["@every 90s", 90],
    ["@every 1h30m", 5400],
    ["@every 1.5h", 5400],
    ["@every 1h2m3s4ms", 3723.004],
    ["@every 100ms", 0.1],
    ["@every 500ms", 0.5],
    ["@every 2.3s", 2.3],
    [" @EVERY \t 5m ", 300],
    ["@every 87660h", 315_576_000],
  ])("reads %j", (text, everySeconds) => {
    expect(parseEvery(text)).toEqual({ ok: true, everySeconds });
  });

  it.each([
    "@every",
    "@every ",
    "@every 90",
    "@every90s",
    "@every 0s",
    "@every 99ms",
    "@every 87661h",
    "@every -5m",
    "@every +5m",
    "@every 1d",
    "@every 5M",
    "@every 1m1h",
    "@every 1m1m",
    "@every 1h 30m",
    "@every 1us",
    "@every .5h",
    "@every 1.h",
    "@every 1e3s",
    "@every \u0665s",
    "@every 5m\u0000",
    `@every ${"9".repeat(200)}h`,
  ])("refuses %j and says what is expected", (text) => {
    const shown = text.trim().slice(0, 64);
    expect(parseEvery(text)).toMatchObject({ ok: false, message: expect.stringContaining(`"${shown}`) });
    expect(resolved({ type: "cron", expression: text })).toMatchObject({
      code: "invalid_trigger",
      path: "/trigger/expression",
      message: expect.stringMatching(/: expected @every and a duration of 100ms to 87660h, such as 90s/),
    });
  });

  it.each(["@every_minute", "@daily", "* * * * *", ""])("leaves %j to others", (text) => {
    expect(parseEvery(text)).toBeNull();
  });
});

describe("@every", () => {
  const effective = { type: "interval", everySeconds: 90, startAt: "2026-01-01T00:01:30.000Z" };

  it("is an interval from its acceptance on", () => {
    expect(resolved({ type: "cron", expression: "@every 90s" })).toEqual(effective);
  });

  it("has no wall clock, so zone, day match and clock changes have no effect", () => {
    expect(
      resolved({
        type: "cron",
        expression: "@every 90s",
        timezone: "America/New_York",
        dayMatch: "and",
        dst: { gap: "skip" },
      }),
    ).toEqual(effective);
  });

  it("has no zone that does not exist, either", () => {
    expect(resolved({ type: "cron", expression: "@every 90s", timezone: "Mars/Olympus" })).toMatchObject({
      code: "invalid_timezone",
      path: "/trigger/timezone",
    });
  });
});
