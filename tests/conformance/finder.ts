/** What looking into streams promises. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finder, OWN_LANE, type Publisher, type Store } from "../../services/scheduler/src/app/ports.ts";
import { always, type Bench, count, type Open, WINDOW_MS } from "./bench.ts";

export function finderConformance(name: string, open: Open): void {
  describe(`the finder of ${name}`, () => {
    let bench: Bench;
    let finder: Finder;
    let publisher: Publisher;
    let store: Store;
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      ({ finder, publisher, store } = (await bench.worker()).ports);
      await bench.addStream({ name: "MAIL", subjects: ["cmd.mail.>"] });
      await bench.addStream({ name: "WORK", subjects: ["cmd.work"], workQueue: true });
    });
    afterAll(() => bench?.close());

    const put = (subject: string, id: string) =>
      bench.done(
        publisher.send(
          { subject, data: "{}", id, headers: {} },
          { lane: OWN_LANE, guard: always, patienceMs: null },
        ),
      );
    const streamOf = (subject: string, fresh?: boolean) => bench.done(finder.streamOf(subject, fresh));
    const now = () => bench.done(store.serverNow());
    const find = (stream: string, subject: string, since: number, ids: readonly string[]) =>
      bench.done(finder.find({ stream, subject, since, ids: new Set(ids) }));

    it("names the stream of a subject with its window and kind, and remembers it", async () => {
      expect(finder.known("cmd.mail.send")).toBeUndefined();
      const mail = { name: "MAIL", duplicateWindowMs: WINDOW_MS, workQueue: false };
      expect(await streamOf("cmd.mail.send")).toEqual(mail);
      expect(finder.known("cmd.mail.send")).toEqual(mail);
      // One that was never asked for belongs to the same stream.
      expect(finder.known("cmd.mail.other")).toEqual(mail);
      expect(await streamOf("cmd.work")).toMatchObject({ workQueue: true });
    });

    it("knows after a while what somebody wanted to know at once", async () => {
      await bench.addStream({ name: "SOON", subjects: ["cmd.soon"] });
      expect(finder.known("cmd.soon")).toBeUndefined();
      await bench.until(() => finder.known("cmd.soon") !== undefined);
      expect(finder.known("cmd.soon")).toMatchObject({ name: "SOON" });
    });

    it("finds a new stream as soon as somebody asks afresh", async () => {
      expect(await streamOf("cmd.later")).toBeNull();
      await bench.addStream({ name: "LATER", subjects: ["cmd.later"] });
      expect(await streamOf("cmd.later")).toBeNull();
      expect(await streamOf("cmd.later", true)).toMatchObject({ name: "LATER" });
      expect(finder.known("cmd.later")).toMatchObject({ name: "LATER" });
    });

    it("finds the ids that are there, and says whether it saw everything", async () => {
      const beganAt = await now();
      await bench.pass(20);
      await bench.addStream({ name: "NEWS", subjects: ["cmd.news.>"] });
      await bench.pass(20);
      const since = await now();
      await bench.pass(20);
      const ids = count(100).map((n) => `id-${n}`);
      await Promise.all(ids.map((id) => put("cmd.news.send", id)));
      await put("cmd.news.other", "elsewhere");
      await bench.pass(20);
      const later = await now();

      const all = await find("NEWS", "cmd.news.send", since, ["id-7", "id-99"]);
      expect([[...all.found.keys()], all.complete]).toEqual([["id-7", "id-99"], true]);
      const some = await find("NEWS", "cmd.news.send", since, ["id-7", "elsewhere"]);
      expect([[...some.found.keys()], some.complete]).toEqual([["id-7"], true]);
      const none = await find("NEWS", "cmd.news.send", later, ["id-7"]);
      expect([none.found.size, none.complete]).toEqual([0, true]);
      // Another stream may have had the subject before this one was made.
      const early = await find("NEWS", "cmd.news.send", beganAt, ["id-7", "elsewhere"]);
      expect([[...early.found.keys()], early.complete]).toEqual([["id-7"], false]);
    });

    it("proves nothing where a stream does not reach back, forgets, or is not there", async () => {
      const since = await now();
      await bench.pass(20);
      await put("cmd.mail.send", "gone");
      await bench.empty("MAIL");
      const complete = async (...search: Parameters<typeof find>): Promise<boolean> =>
        (await find(...search)).complete;
      expect(await complete("MAIL", "cmd.mail.send", since, ["gone"])).toBe(false);
      await put("cmd.mail.send", "later");
      await bench.pass(20);
      expect(await complete("MAIL", "cmd.mail.send", since, ["gone"])).toBe(false);
      expect(await complete("MAIL", "cmd.mail.send", await now(), ["gone"])).toBe(true);
      expect(await complete("WORK", "cmd.work", await now(), ["gone"])).toBe(false);
      expect(await complete("NONE", "cmd.none", await now(), ["gone"])).toBe(false);
    });
  });
}
