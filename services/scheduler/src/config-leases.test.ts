import { describe, expect, it } from "vitest";
import { leaseAccess } from "./config-leases.ts";

const accessOf = (settings: Record<string, string>) => leaseAccess(settings);
const nodesOf = (url: string) => accessOf({ REDIS_URL: url }).access.nodes;

describe("leases", () => {
  it("are kept in Redis where its address is given, and else in NATS", () => {
    expect(accessOf({})).toEqual({ access: { backend: "nats", nodes: [] }, faults: [], warnings: [] });
    expect(accessOf({ REDIS_URL: "redis://r" }).access.backend).toBe("redis");
    expect(accessOf({ REDIS_URL: "redis://r", SCHEDULER_LEASES: "redis" }).faults).toEqual([]);
  });

  it("are kept in NATS where that is asked for, and it is said that Redis is not used", () => {
    expect(accessOf({ REDIS_URL: "redis://r,redis://s", SCHEDULER_LEASES: "nats" })).toEqual({
      access: { backend: "nats", nodes: [] },
      faults: [],
      warnings: ["REDIS_URL is not used: SCHEDULER_LEASES=nats keeps leases in NATS"],
    });
  });

  it("cannot be kept in Redis without its address", () => {
    expect(accessOf({ SCHEDULER_LEASES: "redis" }).faults).toEqual([
      'SCHEDULER_LEASES: "redis"; expected REDIS_URL beside it',
    ]);
  });
});

describe("REDIS_URL", () => {
  it.each([
    ["host", [["host", 6379]]],
    ["redis://[::1]:7000/", [["::1", 7000]]],
    [
      "redis://a, redis://b:1,c",
      [
        ["a", 6379],
        ["b", 1],
        ["c", 6379],
      ],
    ],
  ])("names the nodes of %s", (url, nodes) => {
    expect(nodesOf(url).map(({ host, port }) => [host, port])).toEqual(nodes);
  });

  it("gives each node its user, password, database and TLS", () => {
    expect(nodesOf("rediss://a%40b:p%3Aw%2C@h/3")).toEqual([
      { host: "h", port: 6379, username: "a@b", password: "p:w,", db: 3, tls: true },
    ]);
    expect(nodesOf("redis://:secret@h")).toEqual([
      { host: "h", port: 6379, username: null, password: "secret", db: 0, tls: false },
    ]);
  });

  it.each([
    "http://h",
    "redis://",
    "a,,b",
    "redis://h:99999",
    "redis://h/path",
    "/run/redis.sock",
    "redis://h?db=1",
  ])("that is %s is refused", (url) => {
    expect(accessOf({ REDIS_URL: url }).faults).toEqual([
      expect.stringContaining("expected redis://host:port"),
    ]);
  });

  it.each(["a,b", "a,b,c,d"])("of an even number of nodes is refused: %s", (url) => {
    expect(accessOf({ REDIS_URL: url }).faults).toEqual([
      `REDIS_URL: ${JSON.stringify(url)}; expected one node or an odd number of them, of which a majority decides`,
    ]);
  });

  it("of the same node again is refused, since it would have two votes", () => {
    expect(accessOf({ REDIS_URL: "a,b,redis://x:y@a:6379/1" }).faults).toEqual([
      'REDIS_URL: "a,b,redis://***@a:6379/1"; expected different nodes, each with one vote',
    ]);
  });
});
