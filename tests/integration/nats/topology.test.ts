import type { NatsServer } from "@carillon/local";
import type { StreamInfo } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  captureTargets,
  declareTopology,
  TopologyFault,
} from "../../../services/scheduler/src/adapters/nats/topology.ts";
import { always, makeStream, ownServer, settings, until, type Workbench, workbench } from "./workbench.ts";

let server: NatsServer;
let bench: Workbench;
beforeEach(async () => {
  server = await ownServer();
  bench = await workbench(server);
});
afterEach(async () => {
  await bench.close();
  await server.stop();
});

const info = (name: string): Promise<StreamInfo> => bench.api.ask(`STREAM.INFO.${name}`);
const faults = async (declared: Promise<void>): Promise<readonly string[]> => {
  try {
    await declared;
  } catch (error) {
    if (error instanceof TopologyFault) return error.faults;
    throw error;
  }
  return [];
};

describe("the topology", () => {
  it("is declared by two workers at once, and again, and stays what it was", async () => {
    await Promise.all([declareTopology(bench, settings), declareTopology(bench, settings)]);
    const before = await info("SCHEDULER_COMMANDS");
    await declareTopology(bench, settings);
    expect((await info("SCHEDULER_COMMANDS")).created).toBe(before.created);
    const { streams } = await bench.api.ask<{ streams: string[] }>("STREAM.NAMES", {});
    expect(streams.sort()).toEqual([
      "KV_scheduler_leases",
      "KV_scheduler_schedules",
      "KV_scheduler_state",
      "KV_scheduler_workers",
      "SCHEDULER_AUDIT",
      "SCHEDULER_COMMANDS",
      "SCHEDULER_DEAD_LETTERS",
      "SCHEDULER_EXECUTIONS",
    ]);
    expect(bench.signals).toEqual([]);
  });

  it("files a command under its partition, and a misspelt one under its own subject", async () => {
    await declareTopology(bench, settings);
    const how = { lane: "own", guard: always, patienceMs: null };
    const message = { data: "{}", id: null, headers: {} };
    await bench.publisher.send({ ...message, subject: "cmd.scheduler.acme.create.x" }, how);
    await bench.publisher.send({ ...message, subject: "cmd.scheduler.acme" }, how);
    const { state } = await bench.api.ask<StreamInfo>("STREAM.INFO.SCHEDULER_COMMANDS", {
      subjects_filter: ">",
    });
    const subjects = Object.keys(state.subjects ?? {}).sort();
    expect(subjects[0]).toBe("cmd.scheduler.acme");
    expect(subjects[1]).toMatch(/^scheduler\.inbox\.[0-7]\.acme\.create\.x$/);
  });

  it("keeps the operator's replicas, ages and sizes, and warns", async () => {
    await declareTopology(bench, settings);
    const { config } = await info("SCHEDULER_AUDIT");
    await bench.api.ask("STREAM.UPDATE.SCHEDULER_AUDIT", {
      ...config,
      max_age: 86_400e9,
      max_bytes: 1_000_000,
    });
    await declareTopology(bench, settings);
    expect((await info("SCHEDULER_AUDIT")).config).toMatchObject({ max_age: 86_400e9, max_bytes: 1_000_000 });
    expect(bench.signals).toHaveLength(1);
    expect(bench.signals[0]).toMatchObject({ kind: "warning" });
  });

  it("refuses each difference that correctness needs", async () => {
    await declareTopology(bench, settings);
    for (const name of ["SCHEDULER_AUDIT", "KV_scheduler_state"]) {
      const { config } = await info(name);
      const changed = name === "SCHEDULER_AUDIT" ? { duplicate_window: 60e9 } : { max_age: 86_400e9 };
      await bench.api.ask(`STREAM.UPDATE.${name}`, { ...config, ...changed });
    }
    const found = await faults(declareTopology(bench, settings));
    expect(found.map((line) => line.split(":")[0])).toEqual(["SCHEDULER_AUDIT", "KV_scheduler_state"]);
  });

  it("refuses another number of partitions, whose streams differ too, with the setting that fits", async () => {
    await declareTopology(bench, settings);
    const found = await faults(declareTopology(bench, { ...settings, partitions: 16 }));
    expect(found).toEqual([expect.stringContaining(`set SCHEDULER_PARTITIONS=${settings.partitions}`)]);
  });

  it("refuses another lease adapter", async () => {
    await declareTopology(bench, settings);
    const found = await faults(declareTopology(bench, { ...settings, leases: "redis" }));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/SCHEDULER_LEASES=nats/);
  });

  it("refuses somebody's cmd.> by name, with the ways out", async () => {
    await makeStream(bench.api, "EVERYTHING", { subjects: ["cmd.>"] });
    const found = await faults(declareTopology(bench, settings));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("EVERYTHING");
    expect(found[0]).toContain("cmd.>");
    expect(found[0]).toContain("SCHEDULER_COMMANDS_FROM=EVERYTHING");
  });

  it("sources commands from the named stream, with partitions and with what does not match", async () => {
    await makeStream(bench.api, "EVERYTHING", { subjects: ["cmd.>"] });
    await declareTopology(bench, { ...settings, commandsFrom: "EVERYTHING" });
    for (const subject of ["cmd.scheduler.acme.create.x", "cmd.scheduler.acme", "cmd.other"]) {
      await bench.publisher.send(
        { subject, data: "{}", id: null, headers: {} },
        { lane: "own", guard: always, patienceMs: null },
      );
    }
    await until(async () => (await info("SCHEDULER_COMMANDS")).state.messages === 2);
    const { state } = await bench.api.ask<StreamInfo>("STREAM.INFO.SCHEDULER_COMMANDS", {
      subjects_filter: ">",
    });
    const subjects = Object.keys(state.subjects ?? {}).sort();
    expect(subjects[0]).toBe("cmd.scheduler.acme");
    expect(subjects[1]).toMatch(/^scheduler\.inbox\.[0-7]\.acme\.create\.x$/);
    await declareTopology(bench, { ...settings, commandsFrom: "EVERYTHING" });
  });
});

describe("captured targets", () => {
  it("get one stream, which only ever gains subjects", async () => {
    await captureTargets(bench, { captures: ["cmd.a.*", "cmd.b.x"], replicas: 1 });
    await captureTargets(bench, { captures: ["cmd.b.>"], replicas: 1 });
    expect((await info("SCHEDULER_TARGETS")).config.subjects.sort()).toEqual(["cmd.a.*", "cmd.b.>"]);
  });

  it("are left to a stream that holds them, and refused where it holds a part", async () => {
    await makeStream(bench.api, "MAIL", { subjects: ["cmd.mail.>"], retention: "workqueue" });
    await captureTargets(bench, { captures: ["cmd.mail.send"], replicas: 1 });
    expect(bench.signals.map((signal) => signal.kind)).toEqual(["warning", "warning"]);
    const found = await faults(captureTargets(bench, { captures: ["cmd.>"], replicas: 1 }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("MAIL");
  });
});
