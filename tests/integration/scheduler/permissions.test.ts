/*
 * Workers and a service under the permissions of deploy/nats/users.conf: what they need works, and what a service may not see of other
 * tenants it does not see.
 */

import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { names } from "@carillon/contracts";
import { createClient } from "@carillon/contracts/client";
import { type NatsServer, startNats } from "@carillon/local";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, manual } from "../../support/definition.ts";
import { runRepartition } from "../../support/repartition-process.ts";
import { shared } from "../../support/sharing.ts";
import { TENANTS } from "../../support/stack.ts";
import { startWorker, type WorkerProcess } from "../../support/worker-process.ts";

const USERS = new URL("../../../deploy/nats/users.conf", import.meta.url);
const PASSWORD = "no-secret";
const CONFIG = readFileSync(USERS, "utf8").replaceAll(/\$[A-Z]+_PASSWORD/g, PASSWORD);
/** With the lines that are comments until they are needed. */
const WHOLE_CONFIG = CONFIG.replaceAll(/^( +)# (?=")/gm, "$1");

const loginAt = ({ url }: NatsServer) => ({
  NATS_URL: url,
  NATS_USER: "scheduler",
  NATS_PASSWORD: PASSWORD,
});

let server: NatsServer;
let folder: string;
let billing: NatsConnection;
let operator: NatsConnection;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  server = await startNats({ ignoreEnvironment: true, config: CONFIG });
  folder = await mkdtemp(join(tmpdir(), "carillon-test-"));
  const tenantsFile = join(folder, "tenants.json");
  await writeFile(tenantsFile, JSON.stringify({ tenants: TENANTS }));
  const start = (): WorkerProcess =>
    startWorker({ ...loginAt(server), SCHEDULER_TENANTS_FILE: tenantsFile, SCHEDULER_WARM_MAX: "0" });
  workers.push(start(), start());
  await shared(workers);
  const dial = (user: string): Promise<NatsConnection> =>
    connect({ servers: server.url, user, pass: PASSWORD, inboxPrefix: `_INBOX_${user}` });
  billing = await dial("billing");
  operator = await connect({ servers: server.url, user: "operator", pass: PASSWORD });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
  await billing?.close();
  await operator?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe("a service with the permissions of users.conf", () => {
  it("makes schedules, lists them from whichever worker, and sees both workers", async () => {
    const client = createClient(billing);
    await client.create("daily", manual());
    const pages = await Promise.all(Array.from({ length: 20 }, () => client.list()));
    for (const { items, complete } of pages)
      expect([items.map(({ scheduleId }) => scheduleId), complete]).toEqual([["daily"], true]);
    expect((await client.status()).workers.map(({ role }) => role)).toEqual(["active", "active"]);
  });

  it("hears its events as they come, and may not make consumers to read past ones", async () => {
    const client = createClient(billing);
    const live = client.events({ entity: "execution" });
    await client.create("once", define({ type: "immediate" }));
    const { value: heard } = await live.next();
    await live.return?.();
    expect(heard).toMatchObject({ subject: "once", data: { final: true } });
    const past = client.events({ entity: "execution", since: new Date(0) });
    await expect(past.next()).rejects.toThrow(/permission/i);
    const trusted = createClient(operator).events({ entity: "execution", since: new Date(0) });
    expect((await trusted.next()).value).toMatchObject({ id: heard?.id, sequence: 1 });
    await trusted.return?.();
  });

  it("hears nothing of other tenants, nor what workers ask each other", async () => {
    const foreign = createClient(billing, { tenant: "acme" });
    await expect(foreign.list()).rejects.toThrow(/permission/i);
    await expect(foreign.events().next()).rejects.toThrow(/permission/i);
    await expect(billing.request(names().peers, "{}")).rejects.toThrow(/permission/i);
  });
});

it("workers were refused nothing", () => {
  const refused = workers.flatMap(({ log }) =>
    log.items.filter((line) => /permission/i.test(JSON.stringify(line))),
  );
  expect(refused).toEqual([]);
});

it("the worker's user changes the number of partitions once the lines for it are no comments", async ({
  onTestFinished,
}) => {
  const own = await startNats({ ignoreEnvironment: true, config: WHOLE_CONFIG });
  onTestFinished(() => own.stop());
  const settings = { ...loginAt(own), SCHEDULER_TENANTS_FILE: join(folder, "tenants.json") };
  const worker = startWorker(settings);
  await worker.settled();
  const service = await connect({ servers: own.url, user: "operator", pass: PASSWORD });
  onTestFinished(() => service.close());
  const client = createClient(service);
  await client.create("daily", manual());
  await worker.end();
  await client.durable.update("daily", { description: "unread" });
  expect(await runRepartition(["--to", "7"], { settings })).toMatchObject({ code: 0, stderr: "" });
  const next = startWorker({ ...settings, SCHEDULER_PARTITIONS: "7" });
  await next.settled();
  await expect.poll(async () => (await client.get("daily")).version).toBe(2);
  await next.end();
});
