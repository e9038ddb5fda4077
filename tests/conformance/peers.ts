/** What questions among workers promise. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, count, type Open, type Worker } from "./bench.ts";

const WAIT_MS = 5_000;
/** Long enough for an answer that should not come to have come. */
const SILENCE_MS = 100;

export function peersConformance(name: string, open: Open): void {
  describe(`a question among workers of ${name}`, () => {
    let bench: Bench;
    let workers: Worker[];
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      workers = await Promise.all(count(3).map(() => bench.worker()));
      for (const [n, { ports }] of workers.entries())
        ports.peers.answer(async (question) => answerOf(question, n));
      await bench.until(async () => (await heardOf("who?", 2, SILENCE_MS)).length === 2);
    });
    afterAll(() => bench?.close());

    function answerOf(question: string, n: number): string | null {
      if (question === "who?") return `worker ${n}`;
      const bytesMax = workers[n]?.ports.peers.messageBytesMax() ?? 0;
      return question === "how long?" ? "x".repeat(bytesMax + 1) : null;
    }

    /** What the first one hears until it has heard `enough` answers. */
    async function heardOf(question: string, enough: number, waitMs: number): Promise<string[]> {
      const heard: string[] = [];
      const asked = workers[0]?.ports.peers.ask(question, waitMs, (answer) => heard.push(answer) === enough);
      await bench.done(asked ?? Promise.reject(new Error("no worker")));
      return heard.sort();
    }

    it("is answered by all others, and not by whoever asks", async () => {
      expect(await heardOf("who?", 2, WAIT_MS)).toEqual(["worker 1", "worker 2"]);
      expect(await heardOf("who?", 3, SILENCE_MS)).toEqual(["worker 1", "worker 2"]);
    });

    it("is over as soon as enough has been heard, and hears nothing afterwards", async () => {
      const heard: string[] = [];
      const asked = workers[0]?.ports.peers.ask("who?", WAIT_MS, (answer) => heard.push(answer) === 1);
      await bench.done(asked ?? Promise.reject(new Error("no worker")));
      await heardOf("who?", 2, WAIT_MS);
      expect(heard).toHaveLength(1);
    });

    it("is over in time where nobody has anything to say, or says too much", async () => {
      expect(await heardOf("what?", 1, SILENCE_MS)).toEqual([]);
      expect(await heardOf("how long?", 1, SILENCE_MS)).toEqual([]);
      expect(await heardOf("who?", 2, WAIT_MS)).toHaveLength(2);
    });

    it("is no statement: that is told to all others, and waits for no answer", async () => {
      const heard: string[] = [];
      for (const [n, { ports }] of workers.entries())
        ports.peers.hear((statement) => void heard.push(`${n} ${statement}`));
      // Whoever answers listens by now.
      await heardOf("who?", 2, WAIT_MS);
      workers[0]?.ports.peers.tell("good morning");
      await bench.until(() => heard.length === 2);
      expect(heard.sort()).toEqual(["1 good morning", "2 good morning"]);
    });

    it("is lost while the link is down, and over in time all the same", async () => {
      await workers[0]?.cut();
      expect(await heardOf("who?", 1, SILENCE_MS)).toEqual([]);
      await workers[0]?.mend();
      await bench.until(async () => (await heardOf("who?", 2, SILENCE_MS)).length === 2);
    });
  });
}
