/**
 * The local stack with real servers: they serve, keep their store over a restart and a kill, and are gone
 * after `stop` or with the process that started them.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { LocalStackError, type NatsServer, startNats, startRedis } from "@carillon/local";
import { connect } from "@nats-io/transport-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ownServers, publishTo } from "../support/own-servers.ts";

const servers = ownServers();

describe("a local nats-server", () => {
  it("keeps its streams over a restart and over a kill, and leaves nothing behind", async () => {
    const server = await nats();
    await publishTo(server.url);
    await server.restart();
    await publishTo(server.url);
    await server.kill();
    expect(server.pid).toBeNull();
    await server.restart();
    expect(await publishTo(server.url)).toBe(3);
    await server.stop();
    await server.stop();
    expect(existsSync(server.storeDir)).toBe(false);
    expect(await serves(server.url)).toBe(false);
    await expect(server.restart()).rejects.toMatchObject({ code: "server_stopped" });
  });

  it("answers nothing while paused and goes on when resumed", async () => {
    const server = await nats();
    const connection = await connect({ servers: server.url });
    await connection.flush();
    server.pause();
    // The signal takes a moment to stop a process: asks until nothing answers.
    const asked: Promise<boolean>[] = [];
    const answered = (): Promise<boolean> => {
      const answer = connection.flush().then(() => true);
      asked.push(answer);
      return Promise.race([answer, delay(50).then(() => false)]);
    };
    while (await answered());
    server.resume();
    await expect(Promise.all(asked)).resolves.toContain(true);
    await connection.close();
  });

  it("reads extra configuration, but not in place of its own address and store", async () => {
    const server = await nats("max_payload: 2048\nhost: 0.0.0.0\njetstream { max_mem: 1M }\n");
    const connection = await connect({ servers: server.url });
    expect(connection.info?.max_payload).toBe(2048);
    expect(connection.info?.host).toBe("127.0.0.1");
    await connection.close();
    expect(await publishTo(server.url)).toBe(1);
    expect(existsSync(`${server.storeDir}/jetstream`)).toBe(true);
  });

  it("says why it did not start, with its own last words", async () => {
    const error = await nats("nonsense: }\n").catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(LocalStackError);
    expect(error).toMatchObject({
      code: "server_did_not_start",
      message: expect.stringContaining("local-stack.conf:1"),
    });
  });

  it("does not take another server at its port for itself", async () => {
    const other = createServer((socket) => socket.end('INFO {"server_name":"x","version":"2.15.1"}\r\n'));
    const port = await listen(other);
    const error = await startNats({ port, ignoreEnvironment: true }).catch((cause: unknown) => cause);
    other.close();
    expect(error).toMatchObject({ code: "server_did_not_start" });
  });
});

describe("a server that the environment names", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("is used as it is, and never ended", async () => {
    const theirs = await nats();
    vi.stubEnv("CARILLON_NATS_URL", theirs.url);
    const server = await startNats();
    expect(server).toMatchObject({ url: theirs.url, port: theirs.port, pid: null });
    await server.stop();
    await expect(server.kill()).rejects.toMatchObject({ code: "server_not_ours" });
    expect(await serves(theirs.url)).toBe(true);
  });

  it("is reported when it does not answer, or has no JetStream", async () => {
    vi.stubEnv("CARILLON_NATS_URL", "nats://127.0.0.1:1");
    await expect(startNats()).rejects.toMatchObject({ code: "server_unreachable" });
    const old = createServer((socket) => socket.end('INFO {"server_name":"x","version":"2.9.10"}\r\n'));
    const port = await listen(old);
    vi.stubEnv("CARILLON_NATS_URL", `nats://127.0.0.1:${port}`);
    await expect(startNats()).rejects.toMatchObject({ code: "server_unsuitable" });
    old.close();
  });
});

describe("a local redis-server", () => {
  it("serves, and again after a kill", async () => {
    const server = servers.keep(await startRedis({ ignoreEnvironment: true }));
    await server.kill();
    await server.restart();
    expect(server.pid).not.toBeNull();
  });
});

describe("a process that started a server", () => {
  const signals: NodeJS.Signals[] = process.platform === "linux" ? ["SIGTERM", "SIGKILL"] : ["SIGTERM"];

  it.each(signals)("takes it along when it ends by %s", async (signal) => {
    const parent = startParent("setInterval(() => {}, 1000);");
    const url = await parent.serverUrl;
    parent.process.kill(signal);
    await once(parent.process, "exit");
    expect(parent.process.signalCode).toBe(signal);
    await expect.poll(() => serves(url)).toBe(false);
  });

  it("takes it along when it dies of an uncaught exception", async () => {
    const parent = startParent("setTimeout(() => { throw new Error('bug'); }, 1);");
    const url = await parent.serverUrl;
    await once(parent.process, "exit");
    await expect.poll(() => serves(url)).toBe(false);
  });
});

async function nats(config?: string): Promise<NatsServer> {
  return servers.keep(
    await startNats({ ignoreEnvironment: true, ...(config === undefined ? {} : { config }) }),
  );
}

/** A process of its own that starts a server in the folder of the test, prints its address and goes on with `then`. */
function startParent(then: string) {
  const source = `
    import { startNats } from "@carillon/local";
    const server = await startNats({ ignoreEnvironment: true, storeDir: ${JSON.stringify(servers.folder)} });
    console.log(server.url);
    ${then}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const firstLine = once(createInterface({ input: child.stdout }), "line");
  return { process: child, serverUrl: firstLine.then(([line]) => String(line)) };
}

/** Listens on a free port of loopback and returns it. */
async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function serves(url: string): Promise<boolean> {
  try {
    await (await connect({ servers: url, reconnect: false })).close();
    return true;
  } catch {
    return false;
  }
}
