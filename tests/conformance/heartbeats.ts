/** What heartbeats promise. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bench, Open, Worker } from "./bench.ts";

const TTL_MS = 2_000;
const LONG_MS = 60_000;

export function heartbeatsConformance(name: string, open: Open): void {
  describe(`a heartbeat of ${name}`, () => {
    let bench: Bench;
    let [one, other]: Worker[] = [];
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      one = await bench.worker();
      other = await bench.worker();
    });
    afterAll(() => bench?.close());

    const beat = (worker: string, heartbeat: string, ttlMs = LONG_MS): Promise<boolean> =>
      bench.done(one?.ports.heartbeats.beat(worker, heartbeat, ttlMs) ?? Promise.reject());
    const end = (worker: string): Promise<void> =>
      bench.done(one?.ports.heartbeats.end(worker) ?? Promise.reject());

    /** What `watcher` is told of workers whose names begin with `prefix`, in order. */
    async function heardBy(watcher: Worker | undefined, prefix: string) {
      const heard: string[] = [];
      const watching = watcher?.ports.heartbeats.watch((worker, heartbeat) => {
        if (worker.startsWith(prefix)) heard.push(`${worker} ${heartbeat}`);
      });
      const forget = await bench.done(watching ?? Promise.reject());
      return { heard, forget };
    }

    it("that is there is told before the watch is set up, and then each change", async () => {
      expect(await beat("a1", "hello")).toBe(true);
      expect(await beat("a2", "gone soon")).toBe(true);
      await end("a2");
      const { heard, forget } = await heardBy(other, "a");
      expect(heard).toEqual(["a1 hello"]);
      await beat("a1", "hello again");
      await beat("a3", "me too");
      await bench.until(() => heard.length === 3);
      expect(heard.slice(1)).toEqual(["a1 hello again", "a3 me too"]);
      forget();
      await beat("a1", "unheard");
      await bench.pass(100);
      expect(heard).toHaveLength(3);
    });

    it("is gone once it is withdrawn, and can come back", async () => {
      const { heard, forget } = await heardBy(other, "b");
      await beat("b", "here");
      await end("b");
      await beat("b", "here again");
      await bench.until(() => heard.length === 3);
      expect(heard).toEqual(["b here", "b null", "b here again"]);
      forget();
    });

    it("is gone once it is not repeated in time, and not before", async () => {
      const { heard, forget } = await heardBy(other, "c");
      await beat("c", "1", TTL_MS);
      await bench.pass(TTL_MS / 2);
      await beat("c", "2", TTL_MS);
      await bench.pass(TTL_MS * 0.75);
      expect(heard).toEqual(["c 1", "c 2"]);
      await bench.until(() => heard.length === 3);
      expect(heard[2]).toBe("c null");
      forget();
    });

    it("that came or went while the link was down is told once it is back", async () => {
      const { heard, forget } = await heardBy(other, "d");
      await beat("d1", "stays");
      await beat("d2", "goes");
      await bench.until(() => heard.length === 2);
      await other?.cut();
      await end("d2");
      await beat("d3", "comes");
      await other?.mend();
      await bench.until(() => heard.includes("d2 null") && heard.includes("d3 comes"));
      forget();
    });

    it("is not confirmed while the link is down", async () => {
      await one?.cut();
      expect(await beat("e", "unheard")).toBe(false);
      await one?.mend();
    });
  });
}
