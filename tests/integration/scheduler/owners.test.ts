/*
 * Questions that concern the whole installation, asked while workers come and go: `status` names them all, and `list` says what it
 * cannot know. What workers ask each other is answered to workers only.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { names } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WAIT_MS } from "../../support/board.ts";
import { every, manual } from "../../support/definition.ts";
import { percentile, percentiles, say } from "../../support/measure.ts";
import { ownerOf, ownersOf, PARTITIONS, partitionOfId, shared } from "../../support/sharing.ts";
import { openStack, type Stack, TENANTS } from "../../support/stack.ts";
import { until } from "../../support/until.ts";
import { ask } from "../../support/wire.ts";
import type { LogLine, WorkerProcess } from "../../support/worker-process.ts";

const { peers, buckets, keys } = names();
/** So long that nobody takes over while a test looks, and so short that somebody does while it waits. */
const LONG_LEASE_MS = 60_000;
const SHORT_LEASE_MS = 2_000;
/** Half of what `status` waits for a worker that does not answer. */
const STATUS_MS_MAX = 250;
/** Several workers start in a test. */
const STARTS_MS_MAX = 60_000;
const DIFFER = "settings in which workers differ";
/** What clients are told to wait for an answer, at least. */
const CLIENTS_WAIT_MS = 3_000;

interface Pair {
  stack: Stack;
  workers: [WorkerProcess, WorkerProcess];
}

async function openPair(leaseMs: number): Promise<Pair> {
  const stack = await openStack({ settings: { LOCK_TIMEOUT_SECONDS: String(leaseMs / 1_000) } });
  const [one, two] = [stack.worker(), stack.worker()];
  await shared([one, two]);
  return { stack, workers: [one, two] };
}

/** For a test that kills one of them. */
async function openOwnPair(leaseMs: number): Promise<Pair> {
  const pair = await openPair(leaseMs);
  onTestFinished(() => pair.stack.close());
  return pair;
}

const namesOf = async (workers: readonly WorkerProcess[]): Promise<string[]> =>
  (await Promise.all(workers.map((worker) => worker.name()))).sort();

/** The server has noticed that the other one's connection is gone, and gives it no requests any more. */
async function untilAlone(stack: Stack): Promise<void> {
  const alone = async (): Promise<boolean> =>
    (
      await stack
        .client()
        .status()
        .catch(() => null)
    )?.workers.length === 1;
  expect(await until(alone, WAIT_MS)).toBe(true);
}

const allPartitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);

describe("two workers", { timeout: STARTS_MS_MAX }, () => {
  let stack: Stack;
  let workers: WorkerProcess[];
  beforeAll(async () => {
    ({ stack, workers } = await openPair(LONG_LEASE_MS));
  });
  afterAll(() => stack?.close());

  it("say who they are and who owns what, and of schedules nothing but totals", async () => {
    const client = stack.client("acme");
    const before = Date.now();
    await client.create("secret-name", every(3_600));
    await client.create("by-hand", manual());
    const status = await stack.client().status();
    const roles = status.workers.map(({ name, role }) => [name, role]);
    expect(roles).toEqual((await namesOf(workers)).map((name) => [name, "active"]));
    for (const { since, version, tzdata } of status.workers) {
      expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      expect(tzdata).toBe(process.versions["tz"]);
    }
    expect(status.partitions.owners.map(({ partition }) => partition)).toEqual(allPartitions);
    for (const worker of workers) {
      const name = await worker.name();
      const its = status.partitions.owners.filter((owner) => owner.worker === name);
      expect([its.length, its.length > 0]).toEqual([(await worker.standing())?.owned, true]);
    }
    expect(status).toMatchObject({
      partitions: { total: PARTITIONS, owned: PARTITIONS },
      differences: [],
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

  it("know how many they are, and wait for nobody else", async () => {
    const tookMs: number[] = [];
    for (let n = 0; n < 20; n++) {
      const askedMs = performance.now();
      expect((await stack.client().status()).workers).toHaveLength(2);
      tookMs.push(performance.now() - askedMs);
    }
    say(`status of two workers: ${percentiles(tookMs)}`);
    expect(percentile(tookMs, 0.5)).toBeLessThan(STATUS_MS_MAX);
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
    const named: number[] = [];
    for await (const message of worker) {
      expect(message.subject).toBe("_INBOX_scheduler.test.last");
      const { partitions } = message.json<{ partitions: { partition: number }[] }>();
      named.push(...partitions.map(({ partition }) => partition));
      if (named.length >= PARTITIONS) break;
    }
    expect(named.sort((one, two) => one - two)).toEqual(allPartitions);
    expect(heard).toEqual([]);
  });

  it("hand over so that no list fails", async () => {
    const client = stack.client("acme");
    const whole = await client.list();
    const [leaver, stayer] = workers as [WorkerProcess, WorkerProcess];
    let [over, lists] = [false, 0];
    const next = shared([stayer]).then(() => {
      over = true;
    });
    const ended = leaver.end("SIGTERM");
    while (!over) {
      expect(await client.list()).toEqual(whole);
      lists++;
    }
    await Promise.all([next, ended]);
    expect(await client.list()).toEqual(whole);
    say(`${lists} lists over a planned handover`);
  });
});

describe("when an owner is killed,", { timeout: STARTS_MS_MAX }, () => {
  it("lists say that they lack what it owned, and what is known is told", async () => {
    const { stack, workers } = await openOwnPair(LONG_LEASE_MS);
    const client = stack.client();
    await Promise.all(allPartitions.map((n) => client.create(`x-${n}`, manual())));
    const { owner, others } = await ownerOf(stack, workers, "x-0");
    const owners = await ownersOf(stack);
    const [survivor] = await namesOf(others);
    const kept = allPartitions.filter((partition) => owners.get(partition) === survivor);
    await owner.end("SIGKILL");
    await untilAlone(stack);
    const startedAt = performance.now();
    const page = await client.list();
    expect(performance.now() - startedAt).toBeLessThan(CLIENTS_WAIT_MS);
    expect(page.complete).toBe(false);
    const ids = allPartitions.map((n) => `x-${n}`).filter((id) => kept.includes(partitionOfId(id)));
    expect(page.items.map(({ scheduleId }) => scheduleId)).toEqual(ids.sort());
    const status = await client.status();
    expect(status.workers.map(({ name }) => name)).toEqual([survivor]);
    expect(status.partitions.owners.map(({ partition }) => partition)).toEqual(kept);
  });

  it("and it owned everything, lists are refused for now", async () => {
    const settings = { LOCK_TIMEOUT_SECONDS: String(LONG_LEASE_MS / 1_000), SCHEDULER_PARTITIONS: "1" };
    const stack = await openStack({ settings });
    onTestFinished(() => stack.close());
    const workers = [stack.worker(), stack.worker()];
    await shared(workers, { partitions: 1 });
    const owned = await Promise.all(workers.map(async (worker) => (await worker.standing())?.owned));
    await workers[owned.indexOf(1)]?.end("SIGKILL");
    await untilAlone(stack);
    const startedAt = performance.now();
    const refused = expect(stack.client().list()).rejects;
    await refused.toMatchObject({ code: "partition_unavailable", retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(CLIENTS_WAIT_MS);
    expect((await stack.client().status()).partitions).toEqual({ total: 1, owned: 0, owners: [] });
  });

  it("a list is whole again once another one has taken over, and leaves out with a warning what cannot be read", async () => {
    const { stack, workers } = await openOwnPair(SHORT_LEASE_MS);
    const client = stack.client();
    for (const id of ["one", "three", "two"]) await client.create(id, manual());
    await spoil(stack, "two");
    const { owner, others } = await ownerOf(stack, workers, "two");
    await owner.end("SIGKILL");
    await shared(others);
    const walked: string[] = [];
    for await (const { scheduleId } of client.each({ limit: 1 })) walked.push(scheduleId);
    expect(walked).toEqual(["one", "three"]);
    const page = await client.list();
    expect(page.complete).toBe(true);
    expect(page.warnings).toMatchObject([{ code: "definition_unavailable" }]);
    expect(page.warnings[0]?.message).toContain('"two"');
    const [heir] = await namesOf(others);
    expect(new Set((await ownersOf(stack)).values())).toEqual(new Set([heir]));
  });
});

describe("workers that are not alike", { timeout: STARTS_MS_MAX }, () => {
  it("say so, in their logs, their metrics and the status, until they are", async () => {
    const { stack, workers } = await openOwnPair(SHORT_LEASE_MS);
    const other = join(stack.folder, "other.json");
    await writeFile(other, JSON.stringify({ tenants: { ...TENANTS, more: { targets: [] } } }));
    const odd = stack.worker({ SERVICE_VERSION: "9.9.9", SCHEDULER_TENANTS_FILE: other });
    await shared([...workers, odd]);
    const differing = ["tenantsFile", "version"];
    const warned = ({ level, msg }: LogLine): boolean => level === "warn" && msg === DIFFER;
    for (const worker of [...workers, odd]) {
      const { lines } = await worker.log.nth(1, warned, WAIT_MS, "that they differ");
      expect([...(lines as string[])].sort()).toEqual(differing);
      const { body } = await worker.page("/metrics");
      for (const setting of ["version", "tenantsFile", "partitions", "leases", "tzdata"])
        expect(body).toContain(
          `scheduler_worker_differences{setting="${setting}"} ${differing.includes(setting) ? 1 : 0}`,
        );
    }
    const status = await stack.client().status();
    expect([...status.differences].sort()).toEqual(differing);
    const versions = status.workers.map(({ version }) => version).sort();
    expect([new Set(versions).size, versions.at(-1)]).toEqual([2, "9.9.9"]);

    await odd.end();
    await shared(workers);
    for (const worker of workers)
      await worker.log.nth(1, ({ level, msg }) => level === "info" && msg === DIFFER, WAIT_MS, "they agree");
    expect((await stack.client().status()).differences).toEqual([]);
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
