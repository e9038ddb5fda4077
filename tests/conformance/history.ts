/** What reading the past of a stream promises. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { History, PastMessage } from "../../services/scheduler/src/app/history.ts";
import { OWN_LANE, type Publisher, type Store } from "../../services/scheduler/src/app/ports.ts";
import { always, type Bench, count, type Open, textOf, type Worker } from "./bench.ts";

export function historyConformance(name: string, open: Open): void {
  describe(`the history of ${name}`, () => {
    let bench: Bench;
    let worker: Worker;
    let history: History;
    let publisher: Publisher;
    let store: Store;
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      worker = await bench.worker();
      ({ history, publisher, store } = worker.ports);
      await bench.addStream({ name: "MAIL", subjects: ["cmd.mail.>"] });
      await bench.addStream({ name: "WORK", subjects: ["cmd.work"], workQueue: true });
    });
    afterAll(() => bench?.close());

    const put = (subject: string, data: string, headers: Record<string, string> = {}) =>
      bench.done(
        publisher.send(
          { subject, data, id: `${subject} ${data}`, headers },
          { lane: OWN_LANE, guard: always, patienceMs: null },
        ),
      );
    const now = () => bench.done(store.serverNow());
    const readAll = async (
      passage: Parameters<History["read"]>[0],
      enough: (message: PastMessage) => boolean = () => false,
    ): Promise<PastMessage[]> => {
      const read: PastMessage[] = [];
      const each = (message: PastMessage): boolean => {
        read.push(message);
        return enough(message);
      };
      await bench.done(history.read(passage, each, () => read.splice(0)));
      return read;
    };
    const texts = (messages: readonly PastMessage[]): string[] => messages.map(({ data }) => textOf(data));

    it("reads what some subjects hold, in the order of the stream, and where and when it was stored", async () => {
      const since = await now();
      await put("cmd.mail.a", "one", { "Scheduler-Attempt": "1" });
      await put("cmd.mail.b.c", "two");
      await put("cmd.mail.d", "three");
      const all = await readAll({ stream: "MAIL", subjects: ["cmd.mail.>"], since: null });
      expect(texts(all)).toEqual(["one", "two", "three"]);
      expect(all.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
      expect(all[0]?.storedAt).toBeGreaterThanOrEqual(since);
      expect(all[0]?.header("Scheduler-Attempt")).toBe("1");
      expect(all[0]?.header("Nats-Msg-Id")).toBe("cmd.mail.a one");
      expect(all[0]?.header("Scheduler-Cause")).toBeNull();
      const some = await readAll({ stream: "MAIL", subjects: ["cmd.mail.*", "cmd.mail.b.*"], since: null });
      expect(texts(some)).toEqual(["one", "two", "three"]);
      expect(texts(await readAll({ stream: "MAIL", subjects: ["cmd.mail.d"], since: null }))).toEqual([
        "three",
      ]);
      expect(await readAll({ stream: "MAIL", subjects: ["cmd.mail.none"], since: null })).toEqual([]);
    });

    it("begins at an instant, ends where somebody has enough, and leaves bodies out where nobody wants them", async () => {
      await bench.pass(20);
      const since = await now();
      await bench.pass(20);
      for (const n of count(100)) await put("cmd.mail.later", `${n}`);
      const passage = { stream: "MAIL", subjects: ["cmd.mail.>"], since };
      expect(texts(await readAll(passage))).toEqual(count(100).map(String));
      const first = await readAll({ ...passage, headersOnly: true }, () => true);
      expect(first.slice(0, 1).map(({ data, header }) => [data.length, header("Nats-Msg-Id")])).toEqual([
        [0, "cmd.mail.later 0"],
      ]);
      await bench.pass(20);
      expect(await readAll({ ...passage, since: await now() })).toEqual([]);
    });

    it("names subjects under a pattern, each once", async () => {
      expect([...(await bench.done(history.subjects("MAIL", "cmd.mail.*")))].sort()).toEqual([
        "cmd.mail.a",
        "cmd.mail.d",
        "cmd.mail.later",
      ]);
      expect(await bench.done(history.subjects("MAIL", "cmd.other.*"))).toEqual([]);
    });

    it("gives one message, or says that it is not there", async () => {
      const one = await bench.done(history.at("MAIL", 1));
      expect([textOf(one?.data), one?.header("Scheduler-Attempt")]).toEqual(["one", "1"]);
      expect(await bench.done(history.at("MAIL", 1_000))).toBeNull();
    });

    it("says since when a stream holds everything", async () => {
      const whole = await bench.done(history.reach("MAIL"));
      const first = await bench.done(history.at("MAIL", 1));
      expect(whole?.wholeSince ?? Number.NaN).toBeLessThanOrEqual(first?.storedAt ?? 0);
      expect(whole?.firstSequence).toBe(1);
      expect(await bench.done(history.reach("WORK"))).toMatchObject({ wholeSince: null });
      expect(await bench.done(history.reach("NONE"))).toBeNull();
    });

    it("sees a whole pass although the link drops in between", async () => {
      const read: string[] = [];
      let restarts = 0;
      const pass = history.read(
        { stream: "MAIL", subjects: ["cmd.mail.later"], since: null },
        ({ data }) => {
          read.push(textOf(data));
          if (read.length === 10 && restarts === 0) void worker.cut().then(() => worker.mend());
          return false;
        },
        () => {
          restarts++;
          read.length = 0;
        },
      );
      await bench.done(pass);
      expect(read).toEqual(count(100).map(String));
    });

    it("reaches no further back than the first message that is left", async () => {
      await bench.empty("MAIL");
      expect(await bench.done(history.reach("MAIL"))).toMatchObject({
        wholeSince: Number.POSITIVE_INFINITY,
        firstSequence: 104,
      });
      await put("cmd.mail.a", "four");
      const [left] = await readAll({ stream: "MAIL", subjects: ["cmd.mail.>"], since: null });
      const reach = await bench.done(history.reach("MAIL"));
      expect(reach).toEqual({ wholeSince: left?.storedAt, firstSequence: 104 });
    });
  });
}
