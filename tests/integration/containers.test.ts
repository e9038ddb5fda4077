/*
 * Servers of tests in containers, and how they are chosen. No Docker engine is needed: a stand-in for its command runs each container as a
 * process. So it is held what Docker is told and that its servers are waited for, not what Docker makes of it.
 */

import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  findNatsServer,
  findRedisServer,
  type NatsServer,
  type RedisServer,
  redisGreeting,
} from "@carillon/local";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseServers, chosen, startTestNats, startTestRedis } from "../support/servers.ts";

const FAKE = new URL("../support/fake-docker.ts", import.meta.url).pathname;

const running: (NatsServer | RedisServer)[] = [];
let folder: string;

/** On a fresh machine the binaries are fetched first. */
const FETCH_MS_MAX = 300_000;

beforeAll(async () => {
  await findNatsServer();
  await findRedisServer();
}, FETCH_MS_MAX);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carillon-docker-"));
  vi.stubEnv("FAKE_DOCKER", folder);
  vi.stubEnv("CARILLON_TEST_SERVERS", undefined);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A command `docker` that comes first on the search path. */
function install(script: string): void {
  const path = join(folder, "docker");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
}

const installFake = (): void => install(`exec "${process.execPath}" "${FAKE}" "$@"`);

async function nats(config?: string): Promise<NatsServer> {
  const server = await startTestNats({ servers: "containers", ...(config === undefined ? {} : { config }) });
  running.push(server);
  return server;
}

const containers = (): string[] => readdirSync(folder).filter((name) => name !== "docker");

/** Publishes into a stream, which it makes when there is none, and returns the sequence. */
async function publish({ url }: NatsServer): Promise<number> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "KEPT", subjects: ["kept"] });
  const { seq } = await jetstream(connection).publish("kept");
  await connection.close();
  return seq;
}

describe("servers of the tests", () => {
  it("are processes where Docker has no engine, as where there is no Docker", async () => {
    install("echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    expect(await chooseServers()).toBe("local processes (no Docker engine answers)");
    expect(chosen()).toBe("processes");
  });

  it("are containers where an engine answers", async () => {
    installFake();
    expect(await chooseServers()).toBe("containers (Docker 0.0.0-fake)");
    expect(chosen()).toBe("containers");
  });

  it("are what a person says, and nothing that is none of the two", async () => {
    vi.stubEnv("CARILLON_TEST_SERVERS", "processes");
    installFake();
    expect(await chooseServers()).toBe("processes (CARILLON_TEST_SERVERS)");
    vi.stubEnv("CARILLON_TEST_SERVERS", "clouds");
    expect(() => chosen()).toThrow("CARILLON_TEST_SERVERS: clouds; expected containers or processes");
  });
});

describe("a nats-server in a container", () => {
  beforeEach(installFake);

  it("is published on loopback only, under a label by which it can be found", async () => {
    const { port } = await nats();
    const [id = ""] = containers();
    const made = JSON.parse(readFileSync(join(folder, id, "create.json"), "utf8"));
    expect(made).toMatchObject({ publish: `127.0.0.1:${port}:4222`, label: "carillon-test" });
    expect(made.image).toMatch(/^nats:2\.1[2-9]/);
  });

  it("keeps its streams over a restart and over a kill, and leaves nothing behind", async () => {
    const server = await nats();
    expect(await publish(server)).toBe(1);
    await server.restart();
    expect(await publish(server)).toBe(2);
    await server.kill();
    await server.restart();
    expect(await publish(server)).toBe(3);
    await server.stop();
    await server.stop();
    expect(containers()).toEqual([]);
    await expect(server.restart()).rejects.toThrow();
  });

  it("answers nothing while paused and goes on when resumed", async () => {
    const server = await nats();
    const connection = await connect({ servers: server.url });
    server.pause();
    const answer = connection.flush().then(() => "answered");
    const silence = new Promise((resolve) => setTimeout(() => resolve("silent"), 100));
    expect(await Promise.race([answer, silence])).toBe("silent");
    server.resume();
    expect(await answer).toBe("answered");
    await connection.close();
  });

  it("reads its configuration", async () => {
    const server = await nats("max_payload: 2048\n");
    const connection = await connect({ servers: server.url });
    expect(connection.info?.max_payload).toBe(2048);
    await connection.close();
  });

  it("says why it did not start, and is removed", async () => {
    await expect(nats("nonsense: }\n")).rejects.toThrow(
      /nats:\S+ did not start:\n[\s\S]*carillon-test\.conf:1/,
    );
    expect(containers()).toEqual([]);
  });
});

describe("a redis-server in a container", () => {
  it("serves, and again after a kill", async () => {
    installFake();
    const server = await startTestRedis({ servers: "containers" });
    running.push(server);
    await server.kill();
    await server.restart();
    expect((await redisGreeting({ host: "127.0.0.1", port: server.port }))?.version).toMatch(/^\d/);
  });
});
