/*
 * Stored definitions that a worker can read and that no longer compile: a zone that a newer time zone database lacks, a
 * rule that a newer version refuses. Their schedules are disabled and say why, all others fire, and nothing stored is lost.
 */

import {
  type DefinitionRecord,
  type EffectiveTrigger,
  type GetReply,
  names,
  type PreviewReply,
  type ScheduleSummary,
} from "@carillon/contracts";
import { type Client, createClient } from "@carillon/contracts/client";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, every } from "../../support/definition.ts";
import { scheduleKey } from "../../support/schedule-key.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { ask, store } from "../../support/wire.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const { keys, buckets } = names();
const PARTITIONS = 4;
const keyOf = (scheduleId: string): string => scheduleKey(scheduleId, PARTITIONS);

type Bucket = "schedules" | "state";

let stack: Stack;
let client: Client;
let witness: Witness;
let worker: WorkerProcess;

async function read(
  bucket: Bucket,
  scheduleId: string,
): Promise<{ revision: number; value: Record<string, unknown> }> {
  const manager = await jetstreamManager(stack.nc);
  const stored = await manager.streams.getMessage(keys.stream(buckets[bucket]), {
    last_by_subj: keys.subject(buckets[bucket], keyOf(scheduleId)),
  });
  if (stored === null) throw new Error(`${bucket} ${scheduleId}: nothing is stored`);
  return { revision: stored.seq, value: stored.json() };
}

const put = (bucket: Bucket, scheduleId: string, body: unknown): Promise<number> =>
  store(stack.nc, { subject: keys.subject(buckets[bucket], keyOf(scheduleId)), body });

/** As an older version could have stored it. */
async function restore(scheduleId: string, trigger: EffectiveTrigger): Promise<void> {
  const { value: state } = await read("state", scheduleId);
  const record = (await read("schedules", scheduleId)).value as unknown as DefinitionRecord;
  const effective = { ...record.effective, trigger };
  const revision = await put("schedules", scheduleId, { ...record, effective });
  await put("state", scheduleId, { ...state, revision });
}

/** The only worker ends, somebody works on the buckets, and the next worker takes over. */
async function meanwhile(work: () => Promise<unknown>): Promise<void> {
  await worker.end();
  await work();
  worker = stack.worker();
  await worker.settled();
}

const NIGHTLY = { expression: "30 2 * * *", dayMatch: "or", dst: { gap: "next", overlap: "first" } } as const;
const DST = { gap: "shift", overlap: "first" } as const;

/** The stored trigger, and how its fault is told: code, place, words. */
const BROKEN: Record<string, [trigger: EffectiveTrigger, code: string, path: string, words: string]> = {
  zone: [
    { type: "cron", timezone: "Mars/Olympus", ...NIGHTLY },
    "invalid_timezone",
    "/trigger/timezone",
    '"Mars/Olympus": expected an IANA time zone',
  ],
  cron: [
    { type: "cron", timezone: "UTC", ...NIGHTLY, expression: "61 * * * *" },
    "invalid_trigger",
    "/trigger/expression",
    "minute field",
  ],
  rule: [
    {
      type: "rrule",
      rrule: "DTSTART:20260101T000000\nRRULE:FREQ=DAILY;BYEASTER=0",
      timezone: "UTC",
      dst: DST,
    },
    "invalid_trigger",
    "/trigger/rrule",
    'rule part "BYEASTER=0"',
  ],
};
const broken = Object.keys(BROKEN);

const complaints = (scheduleId: string): unknown[] =>
  worker.log.items.filter(
    (line) => line.msg.includes("no longer compiles") && line["scheduleId"] === scheduleId,
  );

const counted = async (): Promise<number> =>
  Number(/^scheduler_records_unreadable_total (\d+)$/m.exec((await worker.page("/metrics")).body)?.[1] ?? 0);

const rpc = async <Reply>(verb: string, scheduleId: string): Promise<Reply> =>
  (await ask(stack.nc, { subject: `rpc.scheduler.default.${verb}.${scheduleId}` })).reply as unknown as Reply;

beforeAll(async () => {
  ({ stack, worker } = await openRunning({ settings: { SCHEDULER_PARTITIONS: String(PARTITIONS) } }));
  witness = await witnessOf(stack.nc);
  client = createClient(stack.nc, { tenant: "default", actor: "test", timeoutMs: 5_000 });
  const nightly = define({ type: "cron", expression: "30 2 * * *" });
  for (const id of [...broken, "quiet"]) await client.create(id, nightly);
  await client.pause("quiet", { reason: "lunch" });
  for (let n = 0; n < 4; n++) await client.create(`sound-${n}`, every(0.5));
  await meanwhile(async () => {
    for (const id of broken) await restore(id, BROKEN[id]?.[0] ?? { type: "manual" });
    await restore("quiet", { type: "cron", timezone: "Mars/Olympus", ...NIGHTLY });
  });
});

afterAll(() => stack?.close());

describe("a stored definition that no longer compiles", () => {
  it.each(broken)("(%s) disables its schedule, once, and says why to all who ask", async (id) => {
    const [trigger, code, path, words] = BROKEN[id] ?? [];
    const { data } = await witness.recorded(id, "disabled");
    expect(data).toMatchObject({ status: "disabled", actor: "scheduler", version: 1 });
    expect(data.reason).toContain("the stored definition no longer compiles: ");
    expect(data.reason).toContain(words);
    expect(complaints(id)).toEqual([expect.objectContaining({ code, tenant: "default" })]);

    const { schedule, warnings } = await rpc<GetReply>("get", id);
    expect(schedule).toMatchObject({ status: "disabled", statusReason: data.reason, nextFireAt: null });
    expect(schedule.effective.trigger).toEqual(trigger);
    expect(schedule.definition.trigger).toEqual({ type: "cron", expression: "30 2 * * *" });
    expect(schedule.text).not.toBe("");
    expect(warnings).toEqual([{ code, path, message: expect.stringContaining(words ?? "") }]);

    const preview = await rpc<PreviewReply>("preview", id);
    expect(preview.times).toEqual([]);
    expect(preview.warnings.map((warning) => warning.code)).toEqual(["schedule_not_active", code]);

    const { items } = await client.list({ status: "disabled" });
    const found = (items as readonly ScheduleSummary[]).find(({ scheduleId }) => scheduleId === id);
    expect(found).toMatchObject({ statusReason: data.reason, nextFireAt: null });
  });

  it("is counted, and keeps no other schedule from firing", async () => {
    expect(await counted()).toBe(broken.length);
    expect((await worker.page("/ready")).status).toBe(200);
    const sound = Array.from({ length: 4 }, (_, n) => `sound-${n}`);
    await Promise.all(sound.map((id) => witness.sent(id, witness.commands(id).length + 2)));
  });

  it("is not resumed or triggered, and no update leaves it as it is", async () => {
    await expect(client.resume("zone")).rejects.toMatchObject({
      code: "schedule_not_active",
      message: expect.stringContaining('"Mars/Olympus"'),
    });
    await expect(client.trigger("zone")).rejects.toMatchObject({ code: "schedule_not_active" });
    await expect(client.update("zone", { name: "still broken" })).rejects.toMatchObject({
      code: "invalid_timezone",
      details: [{ path: "/trigger/timezone" }],
    });
    expect((await client.get("zone")).version).toBe(1);
  });

  it("under a pause stays paused, and is not resumed until it compiles", async () => {
    expect((await client.get("quiet")).status).toBe("paused");
    expect((await rpc<GetReply>("get", "quiet")).warnings).toMatchObject([{ code: "invalid_timezone" }]);
    await expect(client.resume("quiet")).rejects.toMatchObject({ code: "schedule_not_active" });
    const updated = await client.update("quiet", { trigger: { type: "interval", everySeconds: 0.5 } });
    expect(updated.status).toBe("paused");
    await client.resume("quiet");
    await witness.sent("quiet", 2);
  });

  it("gives way to one that does: the schedule fires again, with all that it was", async () => {
    const before = await client.get("cron");
    const updated = await client.update("cron", { trigger: { type: "interval", everySeconds: 0.5 } });
    expect(updated).toMatchObject({
      status: "active",
      statusReason: null,
      version: 2,
      createdAt: before.createdAt,
      stats: before.stats,
    });
    expect((await client.apply("rule", every(0.5))).status).toBe("active");
    await Promise.all(["cron", "rule"].map((id) => witness.sent(id, 2)));
  });

  it("is told no second time by the next worker, and can be resumed once it compiles again", async () => {
    const sound = (await read("schedules", "zone")).value as unknown as DefinitionRecord;
    await meanwhile(() =>
      restore("zone", { ...sound.effective.trigger, timezone: "Europe/Vienna" } as EffectiveTrigger),
    );
    expect(await counted()).toBe(0);
    expect(witness.record("zone").filter(({ type }) => type.includes("disabled"))).toHaveLength(1);
    expect((await client.get("zone")).status).toBe("disabled");
    const resumed = await client.resume("zone");
    expect([resumed.status, resumed.statusReason, resumed.version]).toEqual(["active", null, 1]);
    expect(Date.parse(resumed.nextFireAt ?? "")).toBeGreaterThan(Date.now());
  });

  it("of a type that this version does not know is set aside instead, as it does not read it", async () => {
    await client.create("newer", define({ type: "manual" }));
    const moon = { type: "moon", phase: "full" } as unknown as EffectiveTrigger;
    await meanwhile(() => restore("newer", moon));
    await witness.recorded("newer", "set_aside");
    await expect(client.get("newer")).rejects.toMatchObject({ code: "definition_unavailable" });
  });
});
