/* Who a holder is to a Redis node: users and their rights, passwords, TLS, and nodes that may not be written to. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import type { RedisServer } from "@carillon/local";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Refused } from "../../../services/scheduler/src/app/ports.ts";
import { connectedTo, eventually, type Holder, holderOn, startNodes, urlOf } from "../../support/redis.ts";

const TTL_MS = 2_000;
const PASSWORD = "s3cret/p@ss";
const OPERATING = new URL("../../../services/scheduler/docs/operating.md", import.meta.url);

/** The rights that the manual names for a worker. */
const rights = /^user carillon (.*)$/m
  .exec(await readFile(OPERATING, "utf8"))?.[1]
  ?.replace(/>\S+/, `>${PASSWORD}`);

const acquire = ({ leases }: Holder) => leases.acquire("lease.0", "owner", TTL_MS);
const as = (user: string, { port }: RedisServer, path = ""): string =>
  `redis://${user}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}${path}`;
const statusOf = ({ told }: Holder): unknown[] =>
  told.map((signal) => ("status" in signal ? signal.status : signal.kind));

describe("a user", () => {
  let server: RedisServer;
  beforeAll(async () => {
    [server] = (await startNodes(
      1,
      [
        `user carillon ${rights}`,
        `user poor on >${PASSWORD} ~other:* +@all`,
        "user default on nopass ~* +@all",
      ].join("\n"),
    )) as [RedisServer];
  });
  afterAll(() => server.stop());

  it.each(["", "/3"])("with the rights of the manual can do all of it in database %j", async (path) => {
    await using holder = await connectedTo(as("carillon", server, path));
    const lease = await acquire(holder);
    expect(await lease?.renew()).toBe(true);
    expect(await acquire(holder)).toBeNull();
    await lease?.release();
    expect(await acquire(holder)).not.toBeNull();
    expect(statusOf(holder)).toEqual(["connect"]);
    const redis = new Redis(server.port, { db: Number(path.slice(1)) });
    expect(await redis.keys("*")).toEqual(["scheduler:lease.0"]);
    redis.disconnect();
  });

  it("without a right to the keys is refused, and operators are told why", async () => {
    await using holder = await connectedTo(as("poor", server));
    await expect(acquire(holder)).rejects.toThrow(Refused);
    await expect(acquire(holder)).rejects.toThrow(/^Redis: NOPERM /);
    expect(statusOf(holder)).toEqual(["connect", "failed"]);
  });

  it("whose password is wrong is waited for, without a word of the password", async () => {
    await using holder = holderOn(as("carillon", server).replace("s3cret", "wr0ng"));
    await eventually(() => holder.told.length > 0);
    expect(holder.told).toEqual([
      {
        kind: "redis.status",
        status: "login_refused",
        detail: expect.stringMatching(/^127\.0\.0\.1:\d+: WRONGPASS /),
      },
    ]);
    expect(JSON.stringify(holder.told)).not.toContain("wr0ng");
    await expect(acquire(holder)).rejects.toThrow("too few Redis nodes answered");
    const redis = new Redis(server.port);
    await redis.call("ACL", "SETUSER", "carillon", `>${PASSWORD.replace("s3cret", "wr0ng")}`);
    await eventually(() => holder.link.up());
    redis.disconnect();
  });
});

describe("a replica", () => {
  it("grants nothing, and operators are told", async () => {
    const [server] = (await startNodes(1)) as [RedisServer];
    await using holder = await connectedTo(urlOf([server]));
    const redis = new Redis(server.port);
    await redis.replicaof("127.0.0.1", 1);
    await expect(acquire(holder)).rejects.toThrow("too few Redis nodes answered");
    expect(holder.told).toContainEqual({
      kind: "redis.status",
      status: "failed",
      detail: expect.stringContaining("READONLY"),
    });
    await redis.replicaof("NO", "ONE");
    // Its name may lead to another node by now.
    await eventually(() => statusOf(holder).length === 4);
    expect(statusOf(holder)).toEqual(["connect", "failed", "disconnect", "connect"]);
    expect(await acquire(holder)).not.toBeNull();
    redis.disconnect();
    await server.stop();
  });
});

describe("TLS", () => {
  /** What the first handshake begins with: type 22, and the name of the host in clear. */
  const HANDSHAKE = 0x16;

  it("is spoken to a node of rediss://, which learns by what name it was asked for", async () => {
    let hello = Buffer.alloc(0);
    const node = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk: Buffer) => {
        hello = Buffer.concat([hello, chunk]);
      });
    });
    node.listen(0, "localhost");
    await once(node, "listening");
    const { port } = node.address() as AddressInfo;
    await using holder = holderOn(`rediss://:${encodeURIComponent(PASSWORD)}@localhost:${port}`);
    await eventually(() => hello.length > 0);
    expect(hello[0]).toBe(HANDSHAKE);
    expect(hello.includes("localhost")).toBe(true);
    expect(hello.includes(PASSWORD)).toBe(false);
    expect(holder.link.up()).toBe(false);
    node.close();
  });
});
