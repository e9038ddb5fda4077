/** What waiting for the outcome of a command promises, and answering it. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcomes, Publisher } from "../../services/scheduler/src/app/ports.ts";
import type { Bench, Open } from "./bench.ts";

const WAIT_MS = 5_000;
const SHORT_MS = 50;

export function outcomesConformance(name: string, open: Open): void {
  describe(`an outcome of ${name}`, () => {
    let bench: Bench;
    let outcomes: Outcomes;
    let owner: Publisher;
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      outcomes = (await bench.worker()).ports.outcomes;
      owner = (await bench.worker()).ports.publisher;
    });
    afterAll(() => bench?.close());

    it("arrives where it is waited for, and nowhere else", async () => {
      const [one, two] = [outcomes.expect(WAIT_MS), outcomes.expect(WAIT_MS)];
      expect(one.subject).not.toBe(two.subject);
      owner.reply(two.subject, "second", {});
      owner.reply(one.subject, "first", {});
      expect(await bench.done(one.answer)).toBe("first");
      expect(await bench.done(two.answer)).toBe("second");
    });

    it("is the first answer that comes", async () => {
      const { subject, answer } = outcomes.expect(WAIT_MS);
      owner.reply(subject, "first", {});
      owner.reply(subject, "again", {});
      await bench.pass(SHORT_MS);
      expect(await bench.done(answer)).toBe("first");
    });

    it("is null once nothing has come in time", async () => {
      const { subject, answer } = outcomes.expect(SHORT_MS);
      await bench.pass(2 * SHORT_MS);
      owner.reply(subject, "late", {});
      expect(await bench.done(answer)).toBeNull();
    });

    it("is null at once where nobody wants to know any more", async () => {
      const { subject, answer, forget } = outcomes.expect(3_600_000);
      forget();
      owner.reply(subject, "unwanted", {});
      expect(await bench.done(answer)).toBeNull();
    });
  });
}
