import type { CommandRejectedData, ExecutionEventData, ScheduleEventData } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import type { News } from "./news.ts";
import { lineOf } from "./plain-words.ts";

const envelope = {
  specversion: "1.0",
  id: "1",
  source: "/scheduler/default",
  type: "t",
  subject: "daily-summary",
  time: "2026-11-21T09:00:05.009Z",
  datacontenttype: "application/json",
} as const;
const place = { tenant: "default", scheduleId: "daily-summary" };
const target = "cmd.notification.send.bulk";

const told = (news: News): string => {
  const { at, words } = lineOf(news);
  return `${at} ${words}`;
};
const execution = (what: string, more: Partial<ExecutionEventData>): News => ({
  entity: "execution",
  what,
  scheduleId: "daily-summary",
  event: { ...envelope, data: { ...place, final: true, target, ...more } },
});
const schedule = (what: string, more: Partial<ScheduleEventData>): News => ({
  entity: "schedule",
  what,
  scheduleId: "daily-summary",
  event: {
    ...envelope,
    data: { ...place, version: 1, status: "active", actor: "ann", reason: null, ...more },
  },
});

describe("an execution in plain words", () => {
  it("says when it fired, how late, and where the command went", () => {
    const firedAt = "2026-11-21T09:00:05.002Z";
    expect(told(execution("dispatched", { firedAt, lagMs: 2, cause: "schedule" }))).toBe(
      "09:00:05.002 daily-summary fired 2 ms late → cmd.notification.send.bulk",
    );
    expect(told(execution("dispatched", { firedAt, lagMs: 0, cause: "schedule" }))).toBe(
      "09:00:05.002 daily-summary fired on time → cmd.notification.send.bulk",
    );
  });

  it("names the occurrence that was caught up", () => {
    const nominalAt = "2026-11-21T09:00:01Z";
    expect(told(execution("dispatched", { nominalAt, lagMs: 4009, cause: "catch_up" }))).toBe(
      "09:00:05.009 daily-summary caught up 09:00:01 → cmd.notification.send.bulk",
    );
  });

  it("does not speak of lateness where somebody asked for it", () => {
    expect(told(execution("dispatched", { cause: "trigger", lagMs: 3 }))).toBe(
      "09:00:05.009 daily-summary fired by hand → cmd.notification.send.bulk",
    );
  });

  it("says what did not fire, and why", () => {
    const range = { firstNominalAt: "2026-11-21T09:00:01Z", lastNominalAt: "2026-11-21T09:00:03Z", count: 3 };
    expect(told(execution("missed", { ...range, reason: "catch_up_limit" }))).toBe(
      "09:00:05.009 daily-summary missed 3 (09:00:01 to 09:00:03): catch_up_limit",
    );
    expect(told(execution("skipped", { nominalAt: "2026-11-21T09:00:01Z", reason: "target_denied" }))).toBe(
      "09:00:05.009 daily-summary skipped 1 (09:00:01): target_denied",
    );
    expect(told(execution("retrying", { reason: "no_stream", message: "nobody captures it" }))).toBe(
      "09:00:05.009 daily-summary retrying: no_stream (nobody captures it)",
    );
  });
});

describe("the life of a schedule in plain words", () => {
  it.each<[string, Partial<ScheduleEventData>, string]>([
    [
      "created",
      { definition: { trigger: { type: "delay", delaySeconds: 3 }, target: { subject: target } } },
      "created by ann (delay 3 s)",
    ],
    ["updated", { version: 2 }, "updated by ann, now version 2"],
    ["paused", { reason: "lunch" }, "paused by ann: lunch"],
    ["resumed", { from: "catch_up" }, "resumed by ann, to catch up"],
    [
      "resumed",
      { skipped: { firstNominalAt: envelope.time, lastNominalAt: envelope.time, count: 4 } },
      "resumed by ann; 4 under the pause will not fire",
    ],
    ["completed", { actor: "scheduler" }, "completed: nothing more will fire"],
    ["deleted", {}, "deleted by ann"],
  ])("%s", (what, more, words) => {
    expect(told(schedule(what, more))).toBe(`09:00:05.009 daily-summary ${words}`);
  });
});

describe("a refusal in plain words", () => {
  it("names the verb, the code and the way out", () => {
    const error = {
      code: "target_not_allowed",
      message: "add a line",
      details: [],
      retryable: false,
    } as const;
    const data: CommandRejectedData = {
      commandId: "default.1",
      verb: "create",
      subject: "s",
      actor: "ann",
      error: { ...error, retryAfterMs: null },
    };
    expect(
      told({
        entity: "command",
        what: "rejected",
        scheduleId: "daily-summary",
        event: { ...envelope, data },
      }),
    ).toBe("09:00:05.009 create daily-summary refused, target_not_allowed: add a line");
  });
});
