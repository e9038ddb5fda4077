/*
 * How a worker starts, or refuses to: exit codes with a line for each fault, patience with a server that is not there,
 * and the pages that an operator reads.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { manual } from "../../support/definition.ts";
import { openRunning, openStack, type Stack } from "../../support/stack.ts";
import { store } from "../../support/wire.ts";
import { startWorker, type WorkerProcess } from "../../support/worker-process.ts";

const CONFIGURATION = 78;
/** Many workers start side by side. */
const STARTS_MS_MAX = 60_000;

type Finish = (close: () => Promise<void>) => void;

async function openEmpty(finish: Finish): Promise<Stack> {
  const stack = await openStack();
  finish(() => stack.close());
  return stack;
}

/** Lines that the worker left when it ended by itself. */
async function linesOf(worker: WorkerProcess): Promise<{ code: number | null; lines: string[] }> {
  const { code, stderr } = await worker.exited;
  return { code, lines: stderr.trim().split("\n") };
}

/** A tenants file with one target, and these fields of its entry. */
const targeting = (entry: object): object => ({
  tenants: { default: { targets: [{ subject: "cmd.a.>", ...entry }] } },
});

describe.concurrent("bad configuration", { timeout: STARTS_MS_MAX }, () => {
  it("ends the worker before it connects, with one line for each fault", async () => {
    const { code, lines } = await linesOf(
      startWorker({
        NATS_URL: "nats://127.0.0.1:1",
        LOCK_TIMEOUT_SECONDS: "1",
        SCHEDULER_PARTITIONS: "many",
        SCHEDULER_TIMEZONE: "Mars/Olympus",
        LOG_LEVEL: "loud",
        NATS_CREDS_FILE: "/nowhere/at.all",
      }),
    );
    expect(code).toBe(CONFIGURATION);
    const names = lines.map((line) => line.split(":")[0]).sort();
    expect(names).toEqual([
      "LOCK_TIMEOUT_SECONDS",
      "LOG_LEVEL",
      "NATS_CREDS_FILE",
      "SCHEDULER_PARTITIONS",
      "SCHEDULER_TIMEZONE",
    ]);
  });

  it.each([
    ["a tenants file that is not there", "/nowhere/tenants.json", "/nowhere/tenants.json"],
    ["a tenants file that is no JSON", import.meta.filename, "start.test.ts"],
  ])("is %s", async (_what, path, shown) => {
    const { code, lines } = await linesOf(startWorker({ SCHEDULER_TENANTS_FILE: path }));
    expect(code).toBe(CONFIGURATION);
    expect(lines).toEqual([expect.stringContaining(shown)]);
  });

  it.each([
    ["has a field of no use", { tenants: { default: { targets: [], limit: 1 } } }, "/tenants/default/limit"],
    ["names a schema that is not there", targeting({ payloadSchema: "./gone.json" }), "gone.json: ENOENT"],
    [
      "names a schema that is no JSON",
      targeting({ payloadSchema: "./words.txt" }),
      "words.txt: it is not JSON",
    ],
    ["names a schema that is none", targeting({ payloadSchema: "./none.json" }), "none.json: "],
  ])("is a tenants file that %s", async (_what, file, shown) => {
    const folder = await mkdtemp(join(tmpdir(), "carillon-test-"));
    const path = join(folder, "tenants.json");
    await writeFile(path, JSON.stringify(file));
    await writeFile(join(folder, "words.txt"), "no schema");
    await writeFile(join(folder, "none.json"), '{"type":"nothing"}');
    const { code, lines } = await linesOf(startWorker({ SCHEDULER_TENANTS_FILE: path }));
    await rm(folder, { recursive: true });
    expect(code).toBe(CONFIGURATION);
    expect(lines).toEqual([expect.stringContaining(shown)]);
  });

  it("is a port that another process has", async ({ onTestFinished }) => {
    const { stack, worker } = await openRunning();
    onTestFinished(() => stack.close());
    const line = worker.log.items.find(({ msg }) => msg === "health and metrics are served");
    const port = String(line?.["address"]).split(":").at(-1) ?? "";
    const { code, lines } = await linesOf(stack.worker({ API_PORT: port }));
    expect(code).toBe(CONFIGURATION);
    expect(lines).toEqual([expect.stringContaining(`:${port} is in use`)]);
  });
});

describe.concurrent("an installation", { timeout: STARTS_MS_MAX }, () => {
  it("keeps the number of partitions that it began with", async ({ onTestFinished }) => {
    const { stack, worker } = await openRunning({ settings: { SCHEDULER_PARTITIONS: "4" } });
    onTestFinished(() => stack.close());
    const { code, lines } = await linesOf(stack.worker({ SCHEDULER_PARTITIONS: "8" }));
    expect(code).toBe(CONFIGURATION);
    expect(lines).toEqual([expect.stringContaining("set SCHEDULER_PARTITIONS=4")]);
    expect((await worker.page("/ready")).status).toBe(200);
  });

  it("works with one partition, and with another number that is no power of two", async ({
    onTestFinished,
  }) => {
    for (const partitions of ["1", "7"]) {
      const { stack, client } = await openRunning({ settings: { SCHEDULER_PARTITIONS: partitions } });
      onTestFinished(() => stack.close());
      const views = await Promise.all(Array.from({ length: 20 }, (_, n) => client.create(`x${n}`, manual())));
      expect(views.map(({ version }) => version)).toEqual(views.map(() => 1));
    }
  });

  it.for([
    ["the scheduler's commands", "GREEDY", ["cmd.>"], "set SCHEDULER_COMMANDS_FROM=GREEDY"],
    ["the scheduler's events", "EAR", ["evt.>"], "narrow its subjects"],
    [
      "part of a captured target",
      "PARTLY",
      ["cmd.notification.*.bulk"],
      "capture only what it does not hold",
    ],
  ] as const)(
    "does not start where somebody's stream holds %s, and says whose, and the ways out",
    async ([, name, subjects, way], { onTestFinished }) => {
      const stack = await openEmpty(onTestFinished);
      const { streams } = await jetstreamManager(stack.nc);
      await streams.add({ name, subjects: [...subjects] });
      const { code, lines } = await linesOf(stack.worker());
      expect(code).toBe(CONFIGURATION);
      for (const words of [name, subjects[0], way]) expect(lines.join("\n")).toContain(words);
    },
  );

  it("takes its commands from the stream that SCHEDULER_COMMANDS_FROM names", async ({ onTestFinished }) => {
    const stack = await openEmpty(onTestFinished);
    const { streams } = await jetstreamManager(stack.nc);
    await streams.add({ name: "EVERYTHING", subjects: ["cmd.>"] });
    await stack.worker({ SCHEDULER_COMMANDS_FROM: "EVERYTHING" }).settled();
    const sent = stack.nc.subscribe("cmd.notification.send", { max: 1 });
    const client = stack.client();
    const { stream } = await client.durable.create("sourced", manual());
    expect(stream).toBe("EVERYTHING");
    await client.durable.trigger("sourced");
    for await (const message of sent) expect(message.headers?.get("Scheduler-Schedule-Id")).toBe("sourced");
    const misspelt = stack.nc.subscribe("evt.scheduler.default.command.rejected.sourced", { max: 1 });
    await store(stack.nc, { subject: "cmd.scheduler.default.craete.sourced" });
    for await (const message of misspelt) expect(message.string()).toContain("bad_subject");
    expect((await client.pause("sourced")).status).toBe("paused");
  });

  it("leaves targets to a stream that holds all of them", async ({ onTestFinished }) => {
    const stack = await openEmpty(onTestFinished);
    const { streams } = await jetstreamManager(stack.nc);
    await streams.add({ name: "NOTIFICATIONS", subjects: ["cmd.notification.>"] });
    await stack.worker().settled();
    await stack.client().create("led", manual());
    const sent = stack.nc.subscribe("cmd.notification.send", { max: 1 });
    await stack.client().trigger("led");
    for await (const message of sent) expect(message.headers?.get("Scheduler-Schedule-Id")).toBe("led");
    const { state } = await streams.info("NOTIFICATIONS");
    expect(state.messages).toBe(1);
    await expect(streams.info("SCHEDULER_TARGETS")).rejects.toThrow("stream not found");
  });
});

describe.concurrent("a worker that finds no NATS", { timeout: STARTS_MS_MAX }, () => {
  it("waits, alive and not ready, and starts when it comes", async ({ onTestFinished }) => {
    const stack = await openEmpty(onTestFinished);
    await stack.server.kill();
    const worker = stack.worker();
    await worker.log.nth(1, ({ msg }) => msg === "connection to NATS", 10_000, "that NATS is not there");
    expect((await worker.page("/live")).status).toBe(200);
    expect((await worker.page("/ready")).status).toBe(503);
    expect((await worker.page("/health")).status).toBe(503);
    await stack.server.restart();
    await worker.settled();
    expect((await worker.page("/ready")).status).toBe(200);
  });
});

describe.concurrent("a running worker", { timeout: STARTS_MS_MAX }, () => {
  it("shows health, readiness and metrics", async ({ onTestFinished }) => {
    const { stack, worker, client } = await openRunning();
    onTestFinished(() => stack.close());
    await client.create("shown", manual());
    await client.trigger("shown");
    await expect(client.create("shown", manual({ name: "b" }))).rejects.toThrow("schedule_exists");
    const pages = await Promise.all(
      ["/live", "/ready", "/health", "/health/detailed"].map((path) => worker.page(path)),
    );
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(pages.map(({ body }) => JSON.parse(body).status)).toEqual([
      "alive",
      "ready",
      "healthy",
      "healthy",
    ]);
    expect((await worker.page("/nowhere")).status).toBe(404);
    const { status, body } = await worker.page("/metrics");
    expect(status).toBe(200);
    for (const line of [
      /^schedules_total\{type="manual",status="active"\} 1$/m,
      /^schedule_executions_total\{schedule_type="manual",status="dispatched"\} 1$/m,
      /^schedule_fire_lag_seconds_count 1$/m,
      /^scheduler_commands_total\{verb="create",result="accepted"\} 1$/m,
      /^scheduler_commands_total\{verb="create",result="schedule_exists"\} 1$/m,
      /^scheduler_partitions_owned 32$/m,
      /^scheduler_partitions_unowned 0$/m,
      /^distributed_locks_acquired_total\{backend="nats"\} 32$/m,
      /^scheduler_build_info\{version="[^"]+",nats_server="2\.[^"]+"\} 1$/m,
      /^process_cpu_seconds_total /m,
    ]) {
      expect(body).toMatch(line);
    }
    expect(body).not.toContain("shown");
  });

  it("is not ready while NATS is away, and ready again after", async ({ expect, onTestFinished }) => {
    const { stack, worker } = await openRunning();
    onTestFinished(() => stack.close());
    await stack.server.kill();
    await expect.poll(async () => (await worker.page("/ready")).status, { timeout: 10_000 }).toBe(503);
    expect((await worker.page("/live")).status).toBe(200);
    const reconnected = stack.nc.status();
    await stack.server.restart();
    for await (const { type } of reconnected) if (type === "reconnect") break;
    await expect.poll(async () => (await worker.page("/ready")).status, { timeout: 15_000 }).toBe(200);
    expect((await stack.client().create("after", manual())).version).toBe(1);
  });
});
