import { describe, expect, it } from "vitest";
import { CarillonError, testScheduler } from "./index.ts";

const MAIL = { target: { subject: "cmd.mail.send" } };
const daily = { trigger: { type: "cron", expression: "0 9 * * *", timezone: "Europe/Vienna" } } as const;

const times = (fired: readonly { nominalAt: string }[]): string[] => fired.map(({ nominalAt }) => nominalAt);

describe("a scheduler for tests", () => {
  it("fires what is due as time is moved on, in the right zone across a clock change", async () => {
    await using s = await testScheduler({ at: "2026-03-27T12:00:00Z" });
    await s.create("digest", { ...daily, ...MAIL, payload: { kind: "digest" } });
    expect(s.fired()).toEqual([]);
    await s.advance("3 days");
    expect(times(s.fired("digest"))).toEqual([
      "2026-03-28T08:00:00.000Z",
      "2026-03-29T07:00:00.000Z",
      "2026-03-30T07:00:00.000Z",
    ]);
    expect(s.fired("digest")[0]).toMatchObject({
      subject: "cmd.mail.send",
      payload: { kind: "digest" },
      cause: "schedule",
      attempt: 1,
      at: "2026-03-28T08:00:00.000Z",
    });
    expect(s.now()).toBe("2026-03-30T12:00:00.000Z");
  });

  it("tells the story in events", async () => {
    await using s = await testScheduler();
    await s.create("once", { trigger: { type: "immediate" }, ...MAIL });
    await s.advance("1 second");
    expect(s.events("once").map(({ type }) => type)).toEqual([
      "io.carillon.schedule.created.v1",
      "io.carillon.schedule.completed.v1",
      "io.carillon.execution.dispatched.v1",
    ]);
    expect(s.events("other")).toEqual([]);
  });

  it("refuses what production refuses", async () => {
    await using s = await testScheduler();
    const refused = s.create("bad", { trigger: { type: "cron", expression: "61 * * * *" }, ...MAIL });
    await expect(refused).rejects.toBeInstanceOf(CarillonError);
    await expect(refused).rejects.toMatchObject({ code: "invalid_trigger" });
    expect(s.events("bad").map(({ type }) => type)).toEqual(["io.carillon.command.rejected.v1"]);
  });

  it("gives services a client as production does", async () => {
    await using s = await testScheduler();
    await s.client.apply("a", { trigger: { type: "manual" }, ...MAIL });
    await s.client.trigger("a", { payload: 1 });
    await s.client.durable.pause("a");
    await s.advance(0);
    expect(await s.client.get("a")).toMatchObject({ status: "paused", version: 1 });
    expect((await s.client.list()).items.map(({ scheduleId }) => scheduleId)).toEqual(["a"]);
    expect(s.fired("a").map(({ cause, payload }) => [cause, payload])).toEqual([["trigger", 1]]);
  });

  it("lets a service hear events as they come", async () => {
    await using s = await testScheduler();
    const events = s.client.events({ entity: "execution" });
    await s.create("a", { trigger: { type: "immediate" }, ...MAIL });
    await s.advance("1 second");
    expect((await events.next()).value).toMatchObject({
      subject: "a",
      type: "io.carillon.execution.dispatched.v1",
    });
    await events.return?.();
  });

  it("is away for a while, and then settles what was due", async () => {
    await using s = await testScheduler();
    const misfire = { policy: "fire_once", graceSeconds: 60 } as const;
    await s.create("hourly", { trigger: { type: "interval", everySeconds: 3_600 }, misfire, ...MAIL });
    await s.outage("5.5 hours");
    await s.advance("1 minute");
    expect(s.fired("hourly").map(({ nominalAt, cause }) => [nominalAt, cause])).toEqual([
      ["2026-01-01T05:00:00.000Z", "catch_up"],
    ]);
    expect(s.events("hourly").map(({ data }) => data["count"])).toContain(4);
  });

  it("tries again, and writes a dead letter, where no stream captures the target", async () => {
    await using s = await testScheduler({ captures: ["cmd.mail.>"] });
    await s.create("lost", {
      trigger: { type: "immediate" },
      target: { subject: "cmd.fax.send" },
      retry: { maxAttempts: 2, initialDelaySeconds: 60 },
    });
    await s.advance("1 hour");
    expect(s.fired("lost")).toEqual([]);
    expect(s.deadLetters()).toMatchObject([{ reason: "no_stream" }]);
  });

  it("passes a year in no time", async () => {
    await using s = await testScheduler();
    await s.create("weekly", { trigger: { type: "rrule", rrule: "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9" }, ...MAIL });
    await s.advanceTo("2027-01-01T00:00:00Z");
    expect(s.fired("weekly")).toHaveLength(52);
  });

  it("takes no length of time or instant that is none", async () => {
    await using s = await testScheduler();
    await expect(s.advance(Number.NaN)).rejects.toBeInstanceOf(RangeError);
    await expect(s.advanceTo("2025-01-01T00:00:00Z")).rejects.toBeInstanceOf(RangeError);
    await expect(testScheduler({ at: "tomorrow" })).rejects.toBeInstanceOf(RangeError);
  });
});
