import { FIRE_HEADERS, type TenantsFile } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { testScheduler } from "../../../testing/src/index.ts";

const BEGIN = "2026-01-01T00:00:00Z";
const TARGET = { subject: "cmd.mail.send" };
const tenants: TenantsFile = {
  tenants: { default: { targets: [{ subject: "cmd.>" }], maxSchedules: 2_000 } },
};

const codeOf = (question: Promise<unknown>): Promise<unknown> =>
  question.then(
    () => "answered",
    ({ code, details }) => [code, details[0]?.path],
  );

describe("verify", () => {
  it("accounts for two hours of one fire a second in one line", async () => {
    await using scheduler = await testScheduler({ at: BEGIN, tenants });
    const trigger = { type: "cron", expression: "* * * * * *" } as const;
    await scheduler.create("secondly", {
      trigger,
      target: TARGET,
      misfire: { policy: "skip", graceSeconds: 0 },
    });
    await scheduler.advance("1h");
    await scheduler.outage("3s");
    await scheduler.advance("3610s");
    const account = await scheduler.client.verify({ since: BEGIN, until: "2026-01-01T02:00:00Z" });
    expect(account.planned).toBe(7_200);
    expect(account).toMatchObject({ open: 0, unexplained: { count: 0 }, partial: [] });
    expect(account.summary).toMatch(
      /^planned 7,200, fired 7,19\d, missed \d \(misfire_grace\), unexplained 0$/,
    );
  }, 60_000);

  it("is asked for group by group, and the groups add up to the whole", async () => {
    await using scheduler = await testScheduler({ at: BEGIN, tenants });
    for (let n = 0; n < 510; n++) {
      const trigger = { type: "interval", everySeconds: 60 } as const;
      await scheduler.create(`s${n}`, { trigger, target: TARGET });
    }
    await scheduler.advance("3m");
    const account = await scheduler.client.verify({ since: BEGIN });
    const nominals = scheduler
      .fired()
      .map(({ headers }) => Date.parse(headers[FIRE_HEADERS.nominalAt] ?? ""));
    const judged = nominals.filter((at) => at < Date.parse(account.until)).length;
    expect(account).toMatchObject({ planned: judged, fired: judged, unexplained: { count: 0 } });
  }, 60_000);

  it("knows schedules that are gone, and none that never was", async () => {
    await using scheduler = await testScheduler({ at: BEGIN, tenants });
    await scheduler.create("gone", { trigger: { type: "interval", everySeconds: 60 }, target: TARGET });
    await scheduler.advance("5m");
    await scheduler.delete("gone");
    await scheduler.advance("10s");
    expect(await scheduler.client.verify({ since: BEGIN }, "gone")).toMatchObject({ planned: 5, fired: 5 });
    expect(await codeOf(scheduler.client.verify({ since: BEGIN }, "never"))).toEqual([
      "not_found",
      undefined,
    ]);
  });

  it.each([
    [{ since: "yesterday" }, "/since"],
    [{ since: "2026-01-01T01:00:00Z" }, "/since"],
    [{ since: BEGIN, until: "2026-01-01T02:00:00Z" }, "/until"],
    [{ since: BEGIN, until: BEGIN }, "/until"],
    [{ since: BEGIN, until: "2025-12-31T00:00:00Z" }, "/until"],
    [{}, "/since"],
  ])("refuses %j at %s", async (body, path) => {
    await using scheduler = await testScheduler({ at: BEGIN, tenants });
    await scheduler.advance("1m");
    expect(await codeOf(scheduler.client.verify(body as never))).toEqual(["invalid_body", path]);
  });

  it("judges nothing that is younger than five seconds", async () => {
    await using scheduler = await testScheduler({ at: BEGIN, tenants });
    await scheduler.create("young", { trigger: { type: "interval", everySeconds: 1 }, target: TARGET });
    await scheduler.advance("60s");
    const account = await scheduler.client.verify({ since: BEGIN });
    expect([account.until, account.planned]).toEqual(["2026-01-01T00:00:55.000Z", 54]);
    expect(scheduler.fired()[0]?.headers[FIRE_HEADERS.scheduleId]).toBe("young");
  });
});
