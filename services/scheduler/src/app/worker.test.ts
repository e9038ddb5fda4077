import { describe, expect, it } from "vitest";
import type { Owner } from "./owner.ts";
import { Abandoned, type Clock, type Lease, TermOver } from "./ports.ts";
import type { Signal } from "./signals.ts";
import { Worker } from "./worker.ts";

const TTL_MS = 3_000;

/** A worker whose clock, lease and takeovers the test plays itself. */
function aWorker(answer = Promise.resolve()) {
  const timers = new Set<{ atMs: number; wake: () => void }>();
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, wake) => {
      const timer = { atMs: nowMs + delayMs, wake };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const told: Signal[] = [];
  const log: string[] = [];
  const renewals: PromiseWithResolvers<boolean>[] = [];
  const lease: Lease = {
    deadlineMs: () => nowMs + TTL_MS,
    renew: () => {
      const renewal = Promise.withResolvers<boolean>();
      renewals.push(renewal);
      log.push("renew");
      return renewal.promise;
    },
    release: async () => void log.push("release"),
  };
  const takeovers: ((error: unknown) => void)[] = [];
  const owner = { close: async () => {}, end: () => {} } as unknown as Owner;
  const worker = new Worker({
    leases: {
      backend: "nats",
      acquire: async () => {
        log.push("acquire");
        await answer;
        return lease;
      },
    },
    leaseName: "lease.all",
    leaseTtlMs: TTL_MS,
    worker: "w",
    clock,
    tell: (signal) => void told.push(signal),
    ground: { firm: () => true, onLost: () => () => {}, spare: () => true },
    takeOver: async (_guard, ended) => {
      takeovers.push((error) => ended(0, error));
      return owner;
    },
  });
  const pass = async (ms: number): Promise<void> => {
    const untilMs = nowMs + ms;
    for (;;) {
      await turns();
      const [next] = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      nowMs = Math.max(nowMs, next.atMs);
      timers.delete(next);
      next.wake();
    }
    nowMs = untilMs;
  };
  return { worker, renewals, takeovers, log, told, pass };
}

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a lease that is given up", () => {
  it("is released after a renewal that was on its way, and never renewed again", async () => {
    const { worker, renewals, takeovers, log, pass } = aWorker();
    worker.start();
    await pass(TTL_MS / 3);
    expect(log).toEqual(["acquire", "renew"]);
    takeovers[0]?.(new TermOver("a newer term"));
    await pass(10);
    expect(log).toEqual(["acquire", "renew"]);
    renewals[0]?.resolve(true);
    await pass(10);
    expect(log).toEqual(["acquire", "renew", "release", "acquire"]);
    await pass(TTL_MS / 3 - 15);
    expect(renewals).toHaveLength(1);
    await worker.stop();
  });

  it("is waited for by a worker that ends, and given back, where it was asked for and is not answered yet", async () => {
    const answer = Promise.withResolvers<void>();
    const { worker, takeovers, log, pass } = aWorker(answer.promise);
    worker.start();
    await pass(10);
    let stopped = false;
    const stopping = worker.stop().then(() => {
      stopped = true;
    });
    await pass(900);
    expect([log, stopped]).toEqual([["acquire"], false]);
    answer.resolve();
    await pass(10);
    await stopping;
    expect([log, takeovers]).toEqual([["acquire", "release"], []]);
  });

  it("keeps a worker that ends for no longer than a second while nobody answers", async () => {
    const { worker, pass } = aWorker(new Promise(() => {}));
    worker.start();
    await pass(10);
    const stopping = worker.stop();
    await pass(1_000);
    await stopping;
  });

  it("is asked for again only after a rest, where a bug ended it", async () => {
    const { worker, takeovers, pass } = aWorker();
    worker.start();
    await pass(10);
    takeovers[0]?.(new TypeError("x is not a function"));
    await pass(900);
    expect(takeovers).toHaveLength(1);
    await pass(200);
    expect(takeovers).toHaveLength(2);
    await worker.stop();
  });

  it("is told as lost for what ended it first", async () => {
    const { worker, takeovers, told, pass } = aWorker();
    worker.start();
    await pass(10);
    takeovers[0]?.(new Abandoned("the lease is over"));
    takeovers[0]?.(new TermOver("a newer term"));
    await pass(10);
    expect(told.filter(({ kind }) => kind === "lease.lost")).toMatchObject([{ reason: "lease_expired" }]);
    await worker.stop();
  });
});
