/** What every clock promises. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../../services/scheduler/src/app/ports.ts";
import type { Bench, Open } from "./bench.ts";

export function clockConformance(name: string, open: Open): void {
  describe(`the clock of ${name}`, () => {
    let bench: Bench;
    let clock: Clock;
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      clock = (await bench.worker()).ports.clock;
    });
    afterAll(() => bench?.close());

    it.each([0, 0.4, 1, 7.5, 30])("wakes once, and not before %d ms are over", async (delayMs) => {
      const askedMs = clock.monotonicMs();
      const wokenMs: number[] = [];
      clock.after(delayMs, () => wokenMs.push(clock.monotonicMs()));
      expect(wokenMs).toEqual([]);
      await bench.until(() => wokenMs.length > 0);
      await bench.pass(50);
      expect(wokenMs).toHaveLength(1);
      expect((wokenMs[0] ?? 0) - askedMs).toBeGreaterThanOrEqual(delayMs);
    });

    it("wakes in the order of the moments, and not of the requests", async () => {
      const woken: string[] = [];
      clock.after(40, () => woken.push("late"));
      clock.after(5, () => woken.push("early"));
      await bench.until(() => woken.length === 2);
      expect(woken).toEqual(["early", "late"]);
    });

    it("wakes nobody who called it off, before or after", async () => {
      let woken = 0;
      const cancel = clock.after(10, () => woken++);
      cancel();
      const late = clock.after(1, () => woken++);
      await bench.until(() => woken > 0);
      late();
      await bench.pass(50);
      expect(woken).toBe(1);
    });

    it("goes on, and its monotonic time never goes back", async () => {
      const [wallAt, startMs] = [clock.now(), clock.monotonicMs()];
      let [lastMs, steps] = [startMs, 0];
      await bench.until(() => {
        const nowMs = clock.monotonicMs();
        expect(nowMs).toBeGreaterThanOrEqual(lastMs);
        lastMs = nowMs;
        return ++steps > 5 && nowMs >= startMs + 30;
      });
      expect(clock.now()).toBeGreaterThan(wallAt);
    });
  });
}
