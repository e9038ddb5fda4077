/*
 * Questions that concern the whole installation, asked while workers come and go: `status` names them all, and `list` says what it
 * cannot know. What workers ask each other is answered to workers only.
 */

import { names } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { every, manual } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const { peers, buckets, keys } = names();
const PARTITIONS = 32;
/** So long that nobody takes over while a test looks, and so short that somebody does while it waits. */
const LONG_LEASE_MS = 60_000;
const SHORT_LEASE_MS = 2_000;
/** What clients are told to wait for an answer, at least. */
const CLIENTS_WAIT_MS = 3_000;

interface Pair {
  stack: Stack;
  active: WorkerProcess;
  standby: WorkerProcess;
}

async function openPair(leaseMs: number): Promise<Pair> {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(leaseMs / 1_000) } });
  const active = stack.worker();
  await active.active();
  const standby = stack.worker();
  await standby.standby();
  return { stack, active, standby };
}

/** For a test that kills one of them. */
async function openOwnPair(leaseMs: number): Promise<Pair> {
  const pair = await openPair(leaseMs);
  onTestFinished(() => pair.stack.close());
  return pair;
}

const nameOf = ({ log }: WorkerProcess): string =>
  String(log.items.find(({ msg }) => msg === "worker started")?.["worker"]);

const allPartitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);

describe("two workers", () => {
  let stack: Stack;
  let active: WorkerProcess;
  let standby: WorkerProcess;
  beforeAll(async () => {
    ({ stack, active, standby } = await openPair(LONG_LEASE_MS));
  });
  afterAll(() => stack?.close());

  it("say who they are and who owns what, and of schedules nothing but totals", async () => {
    const client = stack.client("acme");
    const before = Date.now();
    await client.create("secret-name", every(3_600));
    await client.create("by-hand", manual());
    const status = await stack.client().status();
    const roles = status.workers.map(({ name, role }) => [name, role]);
    const expected = [
      [nameOf(active), "active"],
      [nameOf(standby), "standby"],
    ];
    expect(roles).toEqual(expected.sort());
    for (const { since, version, tzdata } of status.workers) {
      expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      expect(tzdata).toBe(process.versions["tz"]);
    }
    expect(status.partitions.owners).toEqual(
      allPartitions.map((partition) => ({ partition, worker: nameOf(active), term: 1 })),
    );
    expect(status).toMatchObject({
      partitions: { total: PARTITIONS, owned: PARTITIONS },
      schedules: 2,
      backlog: 0,
      oldestOverdueMs: 0,
      leases: { backend: "nats", ttlMs: LONG_LEASE_MS },
      natsServer: stack.nc.info?.version,
    });
    await expect.poll(async () => (await client.status()).inbox.pending, { timeout: 10_000 }).toBe(0);
    const inAnHour = Date.parse(status.nextDueAt ?? "");
    expect(Math.abs(inAnHour - before - 3_600_000)).toBeLessThan(60_000);
    expect(JSON.stringify(status)).not.toMatch(/secret|acme/);

    const { reply } = await ask(stack.nc, { subject: "rpc.scheduler.default.status", body: { all: true } });
    expect(reply).toMatchObject({ ok: false, error: { code: "invalid_body", details: [{ path: "/all" }] } });
  });

  it("answer their peers and nobody else, and no question that is none", async () => {
    const question = JSON.stringify({ v: 1, kind: "page", tenant: "default", body: {} });
    const heard: string[] = [];
    const strangers = ["_INBOX.me", "_INBOX_schedulers.me", "cmd.notification.send"];
    for (const reply of strangers)
      stack.nc.subscribe(reply, { callback: (_, { subject }) => void heard.push(subject) });
    const worker = stack.nc.subscribe("_INBOX_scheduler.test.*");
    for (const reply of strangers) stack.nc.publish(peers, question, { reply });
    for (const [n, nonsense] of ["", "{", "[]", '{"v":2,"kind":"page"}', "x".repeat(100_000)].entries())
      stack.nc.publish(peers, nonsense, { reply: `_INBOX_scheduler.test.${n}` });
    stack.nc.publish(peers, question, { reply: "_INBOX_scheduler.test.last" });
    for await (const message of worker) {
      expect(message.subject).toBe("_INBOX_scheduler.test.last");
      expect(message.json<{ partitions: unknown[] }>().partitions).toHaveLength(PARTITIONS);
      break;
    }
    expect(heard).toEqual([]);
  });

  it("hand over so that no list fails", async () => {
    const client = stack.client("acme");
    const whole = await client.list();
    let [over, lists] = [false, 0];
    const next = standby.active().then(() => {
      over = true;
    });
    const ended = active.end("SIGTERM");
    while (!over) {
      expect(await client.list()).toEqual(whole);
      lists++;
    }
    await Promise.all([next, ended]);
    expect(await client.list()).toEqual(whole);
    say(`${lists} lists over a planned handover`);
  });
});

describe("when the owner is killed,", () => {
  it("lists are refused for now, and what is known is told", async () => {
    const { stack, active, standby } = await openOwnPair(LONG_LEASE_MS);
    const client = stack.client();
    await active.end("SIGKILL");
    const startedAt = performance.now();
    await expect(client.list()).rejects.toMatchObject({ code: "partition_unavailable", retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(CLIENTS_WAIT_MS);
    const status = await client.status();
    expect(status.workers.map(({ name }) => name)).toEqual([nameOf(standby)]);
    expect(status.partitions).toEqual({ total: PARTITIONS, owned: 0, owners: [] });

    const owned = allPartitions.slice(1).map((partition) => ({ partition, term: 1 }));
    stack.nc.subscribe(peers, {
      callback: (_, message) =>
        void message.respond(JSON.stringify({ v: 1, partitions: owned, entries: [], more: false })),
    });
    await stack.nc.flush();
    expect(await client.list()).toMatchObject({ items: [], cursor: null, complete: false });
  });

  it("a walk waits for the next one, and what cannot be read is left out with a warning", {
    timeout: 60_000,
  }, async () => {
    const { stack, active, standby } = await openOwnPair(SHORT_LEASE_MS);
    const client = stack.client();
    for (const id of ["one", "three", "two"]) await client.create(id, manual());
    await spoil(stack, "two");
    await active.end("SIGKILL");
    const walked: string[] = [];
    for await (const { scheduleId } of client.each({ limit: 1 })) walked.push(scheduleId);
    expect(walked).toEqual(["one", "three"]);
    await standby.active();
    const page = await client.list();
    expect(page.complete).toBe(true);
    expect(page.warnings).toMatchObject([{ code: "definition_unavailable" }]);
    expect(page.warnings[0]?.message).toContain('"two"');
    expect((await client.status()).partitions.owners[0]).toMatchObject({ worker: nameOf(standby), term: 2 });
  });
});

/** Puts something in the place of a schedule's state that no worker can read. */
async function spoil(stack: Stack, scheduleId: string): Promise<void> {
  const subject = keys.subject(buckets.state, keys.schedule.filter({ tenant: "default", scheduleId }));
  const stream = keys.stream(buckets.state);
  const found = await stack.nc.request(
    `$JS.API.STREAM.MSG.GET.${stream}`,
    JSON.stringify({ seq: 1, next_by_subj: subject }),
  );
  await stack.nc.request(found.json<{ message: { subject: string } }>().message.subject, '{"v":99}');
}
