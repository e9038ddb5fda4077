/*
 * Servers of tests in containers, and how they are chosen. No Docker engine is needed: a stand-in for its command runs each container as a
 * process. So it is held what Docker is told and that its servers are waited for, not what Docker makes of it.
 */

import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type NatsServer, redisGreeting } from "@carillon/local";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ownServers, publishTo } from "../support/own-servers.ts";
import { chooseServers, chosen, startTestNats, startTestRedis } from "../support/servers.ts";

const FAKE = new URL("../support/fake-docker.ts", import.meta.url).pathname;

// Said first and so done last: servers are stopped by the stand-in too.
afterEach(() => {
  vi.unstubAllEnvs();
});

const servers = ownServers();

beforeEach(() => {
  vi.stubEnv("FAKE_DOCKER", servers.folder);
  vi.stubEnv("CARILLON_TEST_SERVERS", undefined);
});

/** A command `docker` that comes first on the search path. */
function install(script: string): void {
  const path = join(servers.folder, "docker");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv("PATH", `${servers.folder}${delimiter}${process.env["PATH"]}`);
}

const installFake = (): void => install(`exec "${process.execPath}" "${FAKE}" "$@"`);

async function nats(config?: string): Promise<NatsServer> {
  return servers.keep(
    await startTestNats({ servers: "containers", ...(config === undefined ? {} : { config }) }),
  );
}

const containers = (): string[] => readdirSync(servers.folder).filter((name) => name !== "docker");

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
    const made = JSON.parse(readFileSync(join(servers.folder, id, "create.json"), "utf8"));
    expect(made).toMatchObject({ publish: `127.0.0.1:${port}:4222`, label: "carillon-test" });
    expect(made.image).toMatch(/^nats:2\.1[2-9]/);
  });

  it("keeps its streams over a restart and over a kill, and leaves nothing behind", async () => {
    const server = await nats();
    expect(await publishTo(server.url)).toBe(1);
    await server.restart();
    expect(await publishTo(server.url)).toBe(2);
    await server.kill();
    await server.restart();
    expect(await publishTo(server.url)).toBe(3);
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
    const server = servers.keep(await startTestRedis({ servers: "containers" }));
    await server.kill();
    await server.restart();
    expect((await redisGreeting({ host: "127.0.0.1", port: server.port }))?.version).toMatch(/^\d/);
  });
});
