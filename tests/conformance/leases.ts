/** What leases promise. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lease } from "../../services/scheduler/src/app/ports.ts";
import type { LeaseBench, LeaseWorker, OpenLeases } from "./bench.ts";

const TTL_MS = 2_000;
const RENEW_MS = 300;

export function leasesConformance(name: string, open: OpenLeases): void {
  describe(`a lease of ${name}`, () => {
    let bench: LeaseBench;
    let [one, other]: LeaseWorker[] = [];
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      one = await bench.worker();
      other = await bench.worker();
    });
    afterAll(() => bench?.close());

    const tried = async (
      worker: LeaseWorker | undefined,
      name: string,
      ttlMs = TTL_MS,
    ): Promise<Lease | null> => {
      if (worker === undefined) throw new Error("no worker");
      return bench.done(worker.ports.leases.acquire(name, "owner", ttlMs));
    };
    async function taken(worker: LeaseWorker | undefined, name: string, ttlMs = TTL_MS): Promise<Lease> {
      const lease = await tried(worker, name, ttlMs);
      if (lease === null) throw new Error(`${name} is held`);
      return lease;
    }
    const nowMs = (): number => one?.ports.clock.monotonicMs() ?? 0;

    it("is held by one, believed for less than its time to live, and free at once when given up", async () => {
      const askedMs = nowMs();
      const lease = await taken(one, "one");
      expect(lease.deadlineMs()).toBeGreaterThan(askedMs);
      expect(lease.deadlineMs()).toBeLessThan(nowMs() + TTL_MS);
      expect(await tried(other, "one")).toBeNull();
      expect(await tried(one, "one")).toBeNull();
      expect(await tried(other, "another")).not.toBeNull();
      await bench.done(lease.release());
      expect(lease.deadlineMs()).toBeLessThan(nowMs());
      expect(await bench.done(lease.renew())).toBe(false);
      expect(await tried(other, "one")).not.toBeNull();
    });

    it("is held beyond its time to live while it is renewed", async () => {
      const lease = await taken(one, "renewed");
      const endsMs = nowMs() + TTL_MS * 1.5;
      while (nowMs() < endsMs) {
        const beforeMs = lease.deadlineMs();
        await bench.pass(RENEW_MS);
        expect(await bench.done(lease.renew())).toBe(true);
        expect(lease.deadlineMs()).toBeGreaterThan(beforeMs);
      }
      expect(await tried(other, "renewed")).toBeNull();
    });

    it("goes to another once it expired, and the stale holder can neither renew nor release it", async () => {
      const stale = await taken(one, "expiring");
      let next: Lease | null = null;
      await bench.until(async () => {
        next = await tried(other, "expiring");
        return next !== null;
      });
      expect(nowMs()).toBeGreaterThan(stale.deadlineMs());
      expect(await bench.done(stale.renew())).toBe(false);
      await bench.done(stale.release());
      expect(await tried(one, "expiring")).toBeNull();
    });

    it("survives a renewal whose answer was lost", async () => {
      const lease = await taken(one, "half-heard", 2 * TTL_MS);
      one?.deafen();
      const renewing = lease.renew();
      await bench.pass(RENEW_MS);
      await one?.cut();
      await one?.mend();
      expect(await bench.done(renewing)).toBe(true);
      expect(await bench.done(lease.renew())).toBe(true);
      expect(await tried(other, "half-heard")).toBeNull();
    });

    it("is lost at its deadline, and no earlier, while the link is down", async () => {
      const lease = await taken(one, "unreachable");
      await one?.cut();
      const renewed = await bench.done(lease.renew());
      const lateMs = nowMs() - lease.deadlineMs();
      await one?.mend();
      expect(renewed).toBe(false);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(1_000);
    });
  });
}
