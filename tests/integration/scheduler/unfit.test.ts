/*
 * Servers, accounts and users of NATS that cannot carry a worker, and installations that it does not fit: each ends its
 * start, or is waited out, with a line that says what to change.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { names } from "@carillon/contracts";
import { findNatsServer } from "@carillon/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookInDistribution } from "../../../services/local/src/distribution.ts";
import { cacheFolder } from "../../../services/local/src/environment.ts";
import { readRelease } from "../../../services/local/src/newer-suite.ts";
import { NATS_SERVER } from "../../../services/local/src/server-kind.ts";
import { runBare } from "../../support/bare-server.ts";
import { openRunning, openStack, type Stack } from "../../support/stack.ts";
import { store } from "../../support/wire.ts";
import { startWorker, type WorkerProcess } from "../../support/worker-process.ts";

const UNAVAILABLE = 69;
const CONFIGURATION = 78;
const PASSWORD = "pw";

/** Denied to a user of the same name. */
const DENIED = {
  info: { publish: "$JS.API.INFO" },
  create: { publish: "$JS.API.STREAM.CREATE.KV_scheduler_state" },
  write: { publish: "$KV.scheduler_state.installation" },
  inbox: { subscribe: "_INBOX_scheduler.>" },
  lease: { publish: "$KV.scheduler_leases.>" },
  consumer: { publish: "$JS.API.CONSUMER.CREATE.SCHEDULER_COMMANDS.>" },
} as const;

const users = Object.entries(DENIED).map(([user, denied]) => {
  const [[operation, subject] = []] = Object.entries(denied);
  return `{ user: ${user}, password: ${PASSWORD}, permissions: { ${operation}: { deny: ["${subject}"] } } }`;
});
const CONFIG = `
jetstream: enabled
accounts {
  WITH: { jetstream: enabled, users: [{ user: all, password: ${PASSWORD} }, ${users.join(", ")}] }
  WITHOUT: { users: [{ user: poor, password: ${PASSWORD} }] }
}`;

const linesOf = async (worker: WorkerProcess): Promise<[code: number | null, lines: string[]]> => {
  const { code, stderr } = await worker.exited;
  return [code, stderr.trim().split("\n")];
};
const one = (text: string): unknown[] => [expect.stringContaining(text)];

const debian = (await readRelease()) !== null;

let stack: Stack;
const as = (user: string, settings = {}): WorkerProcess => stack.worker({ NATS_USER: user, ...settings });

beforeAll(async () => {
  stack = await openStack({ config: CONFIG, login: { user: "all", password: PASSWORD } });
});
afterAll(() => stack.close());

describe("a server", () => {
  // Debian and Ubuntu ship one that is too old; elsewhere there is none to try.
  it.runIf(debian)("that is too old ends the start", async () => {
    const kind = { ...NATS_SERVER, minimum: "2.0.0" };
    const finding = await lookInDistribution(kind, join(cacheFolder(), "distribution"), () => {});
    if (!("found" in finding)) throw new Error(`no old nats-server to try: ${finding.missing}`);
    const { path, version } = finding.found;
    const server = await runBare(path, { jetStream: true });
    try {
      const worker = startWorker({ NATS_URL: server.url });
      expect(await linesOf(worker)).toEqual([
        UNAVAILABLE,
        one(`nats-server ${version} is too old: Carillon needs 2.12.0`),
      ]);
    } finally {
      await server.stop();
    }
  });

  it("without JetStream ends the start", async () => {
    const server = await runBare((await findNatsServer()).path, { jetStream: false });
    try {
      const worker = startWorker({ NATS_URL: server.url });
      expect(await linesOf(worker)).toEqual([UNAVAILABLE, one("Start nats-server with -js")]);
    } finally {
      await server.stop();
    }
  });
});

describe("an account without JetStream", () => {
  it("ends the start", async () => {
    expect(await linesOf(as("poor"))).toEqual([UNAVAILABLE, one("enable JetStream for this account")]);
  });
});

describe("a user of NATS", () => {
  it("that is refused is waited for, without a word of its password", async () => {
    const worker = as("all", { NATS_PASSWORD: "n0t-this" });
    const complaint = await worker.log.nth(1, ({ status }) => status === "login_refused", 10_000, "that");
    expect(complaint).toMatchObject({ level: "warn", detail: "Authorization Violation" });
    expect([(await worker.page("/live")).status, (await worker.page("/ready")).status]).toEqual([200, 503]);
    const { code, stderr } = await worker.end();
    expect(code).toBe(0);
    expect(stderr + JSON.stringify(worker.log.items)).not.toContain("n0t-this");
  });

  it("whose password is changed while it works is waited for in the same way, and works again", async () => {
    const login = { user: "worker", password: "th3-first" };
    const config = `authorization { users: [{ user: worker, password: ${login.password} }] }`;
    // Its configuration file is changed.
    const { stack: own, worker } = await openRunning({ config, login, servers: "processes" });
    try {
      const file = join(own.server.storeDir, "local-stack.conf");
      await writeFile(file, config.replace(login.password, "th3-second"));
      await own.server.restart();
      await worker.log.nth(1, ({ status }) => status === "login_refused", 15_000, "that it is refused");
      expect((await worker.page("/ready")).status).toBe(503);
      expect(worker.log.items.filter(({ status }) => status === "disconnect")).toHaveLength(1);
      await writeFile(file, config);
      await own.server.restart();
      await expect.poll(async () => (await worker.page("/ready")).status, { timeout: 15_000 }).toBe(200);
      expect(JSON.stringify(worker.log.items)).not.toContain(login.password);
    } finally {
      await own.close();
    }
  });

  it.each([
    ["info", "may not publish to $JS.API.INFO"],
    ["create", "may not publish to $JS.API.STREAM.CREATE.KV_scheduler_state"],
    ["write", "the installation record cannot be written"],
    ["inbox", "may not subscribe to _INBOX_scheduler."],
  ])("without a right that the start needs (%s) ends it, with the right", async (user, words) => {
    expect(await linesOf(as(user))).toEqual([CONFIGURATION, one(words)]);
  });

  it.each([
    ["lease", "may not publish to $KV.scheduler_leases.lease."],
    ["consumer", "may not publish to $JS.API.CONSUMER.CREATE.SCHEDULER_COMMANDS."],
  ])("without a right that a takeover needs (%s) never gets ready, and says why", async (user, words) => {
    const worker = as(user);
    const complaint = await worker.log.nth(1, ({ level }) => level === "error", 10_000, "an error line");
    expect(complaint.msg).toBe("partitions cannot be taken over; nothing fires");
    expect(String(complaint["detail"])).toContain(words);
    expect(worker.log.items.filter(({ msg }) => /a bug|standing by/.test(msg))).toEqual([]);
    expect((await worker.page("/ready")).status).toBe(503);
    expect((await worker.end()).code).toBe(0);
  });
});

describe("an installation", () => {
  const { keys, buckets } = names();
  const record = (body: unknown): Promise<number> =>
    store(stack.nc, { subject: keys.subject(buckets.state, keys.installation), body });

  it("that keeps its leases elsewhere, or whose record cannot be read, is not joined", async () => {
    await as("all").settled();
    await record({ v: 1, partitions: 32, leases: "redis" });
    expect(await linesOf(as("all"))).toEqual([CONFIGURATION, one("set SCHEDULER_LEASES=redis")]);
    await record("no record");
    expect(await linesOf(as("all"))).toEqual([CONFIGURATION, one('"partitions":32,"leases":"nats"')]);
  });
});
