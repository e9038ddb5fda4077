import { describe, expect, it } from "vitest";
import { wantedFor } from "../domain/rendezvous.ts";
import { SETTINGS } from "../domain/testing/builders.ts";
import { Abandoned, TermOver } from "./ports.ts";
import { aWorker, TTL_MS } from "./testing/a-worker.ts";

const PARTITIONS = 4;
const ALL: number[] = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const wantedOf = (worker: string, ...others: string[]): number[] =>
  ALL.filter((partition) => wantedFor(partition, [worker, ...others]) === worker);

describe("a lease that is given up", () => {
  it("is released after a renewal that was on its way, and never renewed again", async () => {
    const { worker, renewals, taken, log, pass } = aWorker();
    worker.start();
    await pass(TTL_MS / 3);
    expect(log).toEqual(["acquire 0", "renew 0"]);
    taken[0]?.fail(new TermOver("a newer term"));
    await pass(10);
    expect(log).toEqual(["acquire 0", "renew 0"]);
    renewals[0]?.resolve(true);
    await pass(10);
    expect(log).toEqual(["acquire 0", "renew 0", "release 0"]);
    await pass(500);
    expect(log).toEqual(["acquire 0", "renew 0", "release 0", "acquire 0"]);
    expect(renewals).toHaveLength(1);
    await worker.stop();
  });

  it("is waited for by a worker that ends, and given back, where it was asked for and is not answered yet", async () => {
    const answer = Promise.withResolvers<void>();
    const { worker, taken, log, pass } = aWorker({ answer: () => answer.promise });
    worker.start();
    await pass(10);
    let stopped = false;
    const stopping = worker.stop().then(() => {
      stopped = true;
    });
    await pass(900);
    expect([log, stopped]).toEqual([["acquire 0"], false]);
    answer.resolve();
    await pass(10);
    await stopping;
    expect([log, taken]).toEqual([["acquire 0", "release 0", "gone"], []]);
  });

  it("keeps a worker that ends for no longer than a second while nobody answers", async () => {
    const { worker, pass } = aWorker({ answer: () => new Promise(() => {}) });
    worker.start();
    await pass(10);
    const stopping = worker.stop();
    await pass(1_000);
    await stopping;
  });

  it("is asked for again only after a rest, where a bug ended it", async () => {
    const { worker, taken, pass } = aWorker();
    worker.start();
    await pass(10);
    taken[0]?.fail(new TypeError("x is not a function"));
    await pass(900);
    expect(taken).toHaveLength(1);
    await pass(400);
    expect(taken).toHaveLength(2);
    await worker.stop();
  });

  it("is told as lost for what ended it first", async () => {
    const { worker, taken, told, pass } = aWorker();
    worker.start();
    await pass(10);
    taken[0]?.fail(new Abandoned("the lease is over"));
    taken[0]?.fail(new TermOver("a newer term"));
    await pass(10);
    expect(told.filter(({ kind }) => kind === "lease.lost")).toMatchObject([{ reason: "lease_expired" }]);
    await worker.stop();
  });
});

describe("a lease that ran out", () => {
  it("is looked after, since another term may have begun", async () => {
    const { worker, renewals, log, told, pass } = aWorker();
    worker.start();
    await pass(TTL_MS / 3);
    renewals[0]?.resolve(false);
    await pass(10);
    expect(log.filter((line) => line.startsWith("expired"))).toEqual(["expired 0 term 1"]);
    expect(told.filter(({ kind }) => kind === "lease.lost")).toMatchObject([{ reason: "lease_expired" }]);
    await worker.stop();
  });
});

describe("partitions", () => {
  it("are all taken by a worker that is alone", async () => {
    const { worker, held, pass } = aWorker({ partitions: PARTITIONS });
    worker.start();
    await pass(10);
    expect(held()).toEqual(ALL);
    expect(worker.role.role).toBe("active");
  });

  it("are handed on where another worker that came is wanted for them, and only those", async () => {
    const { worker, log, held, pass, hear } = aWorker({ partitions: PARTITIONS });
    worker.start();
    await pass(10);
    hear("other", {});
    await pass(10);
    expect(held()).toEqual(wantedOf("w", "other"));
    expect(log.filter((line) => line.startsWith("release"))).toEqual(
      wantedOf("other", "w").map((partition) => `release ${partition}`),
    );
  });

  it("are handed on a few at a time, while the others go on", async () => {
    const closing: PromiseWithResolvers<void>[] = [];
    const close = (): Promise<void> => {
      const closed = Promise.withResolvers<void>();
      closing.push(closed);
      return closed.promise;
    };
    const { worker, pass } = aWorker({ partitions: 32, close });
    worker.start();
    await pass(10);
    const stopping = worker.stop();
    await pass(10);
    expect(closing).toHaveLength(4);
    for (let over = 0; over < 32; over++) {
      closing[over]?.resolve();
      await pass(1);
      expect(closing.length - over - 1).toBeLessThanOrEqual(4);
    }
    await stopping;
    expect(closing).toHaveLength(32);
  });

  it("are taken the moment whoever had them says that it has let go", async () => {
    const { worker, held, pass, hear } = aWorker({ partitions: PARTITIONS });
    worker.start();
    hear("other", { partitions: ALL });
    await pass(1_000);
    expect(held()).toEqual([]);
    hear("other", { partitions: wantedOf("other", "w") });
    await pass(0);
    expect(held()).toEqual(wantedOf("w", "other"));
  });

  it("of a worker that leaves are taken as it lets go of them", async () => {
    const { worker, held, pass, hear } = aWorker({ partitions: PARTITIONS });
    worker.start();
    hear("other", { partitions: ALL, state: "leaving" });
    await pass(100);
    expect(held()).toEqual([]);
    hear("other", { partitions: [1, 2, 3], state: "leaving" });
    await pass(0);
    expect(held()).toEqual([0]);
    hear("other", null);
    await pass(0);
    expect(held()).toEqual(ALL);
  });

  it("of a worker whose heartbeat is gone wait a moment, since after an outage all come back", async () => {
    const { worker, held, pass, hear } = aWorker({ partitions: PARTITIONS });
    const others = wantedOf("other", "w");
    worker.start();
    hear("other", { partitions: others });
    await pass(10);
    hear("other", null);
    await pass(900);
    hear("other", { partitions: others });
    await pass(5_000);
    expect(held()).toEqual(wantedOf("w", "other"));
    hear("other", null);
    await pass(1_500);
    expect(held()).toEqual(ALL);
  });

  it("are not wanted of a worker that cannot reach the leases, which says so, and asks on", async () => {
    let reached = false;
    const { worker, beats, held, log, pass, hear } = aWorker({
      partitions: PARTITIONS,
      acquire: () => (reached ? "ours" : "unreachable"),
    });
    worker.start();
    await pass(1_000);
    expect(beats.at(-1)?.state).toBe("unfit");
    expect(worker.role.role).toBe("starting");
    hear("other", { partitions: ALL });
    const before = log.length;
    await pass(1_000);
    expect(log.length).toBeGreaterThan(before);
    reached = true;
    await pass(1_000);
    expect(beats.at(-1)?.state).toBe("ready");
    expect(held()).toEqual(wantedOf("w", "other"));
  });

  it("are asked for by a worker that could not reach them until it can, though it misses none any more", async () => {
    let reached = false;
    const { worker, beats, log, pass, hear } = aWorker({
      partitions: 1,
      acquire: () => (reached ? "ours" : "unreachable"),
    });
    const others = Array.from({ length: 100 }, (_, n) => `other-${n}`);
    const preferred = others.find((other) => wantedFor(0, [other, "w"]) === other) ?? "";
    worker.start();
    await pass(1_000);
    hear(preferred, { partitions: [0] });
    await pass(1_000);
    expect(beats.at(-1)?.state).toBe("unfit");
    reached = true;
    await pass(1_000);
    expect(beats.at(-1)).toMatchObject({ state: "ready", partitions: [] });
    expect(worker.role.role).toBe("standby");
    expect(log.at(-1)).toBe("release probe");
  });

  it("are asked for by a worker that holds all of its own when it could not reach one that it needs no more", async () => {
    const late = Promise.withResolvers<void>();
    let reached = true;
    const { worker, beats, pass, hear } = aWorker({
      partitions: PARTITIONS,
      answer: async () => (reached ? undefined : late.promise),
      acquire: () => (reached ? "ours" : "unreachable"),
    });
    worker.start();
    hear("other", { partitions: wantedOf("other", "w") });
    await pass(10);
    reached = false;
    hear("other", { partitions: [], state: "leaving" });
    await pass(10);
    hear("other", { partitions: wantedOf("other", "w") });
    await pass(10);
    late.resolve();
    await pass(10);
    expect(beats.at(-1)?.state).toBe("unfit");
    reached = true;
    await pass(1_000);
    expect(beats.at(-1)).toMatchObject({ state: "ready", partitions: wantedOf("w", "other") });
  });

  it("are none of a worker for which nothing is wanted: it stands by", async () => {
    const { worker, pass, hear } = aWorker({ partitions: 1 });
    worker.start();
    const other = Array.from({ length: 99 }, (_, index) => `other-${index}`).find(
      (name) => wantedFor(0, ["w", name]) === name,
    );
    hear(other ?? "", { partitions: [0] });
    await pass(300);
    expect(worker.role.role).toBe("standby");
  });
});

describe("a worker that ends", () => {
  it("says at once that it leaves, lets go of everything, and is gone", async () => {
    const { worker, beats, log, pass } = aWorker({ partitions: 2 });
    worker.start();
    await pass(10);
    const before = beats.length;
    const stopping = worker.stop();
    await pass(10);
    await stopping;
    expect(beats[before]?.state).toBe("leaving");
    expect(log.slice(-3).sort()).toEqual(["gone", "release 0", "release 1"]);
  });

  it("says that it leaves though another heartbeat is on its way, so that nobody takes it for dead and waits", async () => {
    const late = Promise.withResolvers<void>();
    let wait = Promise.resolve();
    const { worker, beats, log, pass } = aWorker({ stored: () => wait });
    worker.start();
    await pass(10);
    wait = late.promise;
    await pass(TTL_MS / 5);
    const stopping = worker.stop();
    await pass(10);
    wait = Promise.resolve();
    late.resolve();
    await pass(10);
    await stopping;
    expect(beats.at(-1)).toMatchObject({ state: "leaving", partitions: [] });
    expect(log.at(-1)).toBe("gone");
  });
});

describe("settings in which workers differ", () => {
  it("are told when they begin to differ, and when they no longer do", async () => {
    const { worker, told, pass, hear } = aWorker();
    worker.start();
    await pass(10);
    hear("other", { settings: { ...SETTINGS, version: "0.0.1" } });
    hear("other", { settings: { ...SETTINGS, version: "0.0.1" } });
    hear("other", {});
    expect(told.filter(({ kind }) => kind === "workers.differ")).toEqual([
      { kind: "workers.differ", fields: ["version"] },
      { kind: "workers.differ", fields: [] },
    ]);
    await worker.stop();
  });
});
