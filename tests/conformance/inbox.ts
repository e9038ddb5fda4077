/** What the inbox promises: commands in the order of the stream, and again for the next term until they are acknowledged. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InboxMessage, type InboxReader, TermOver } from "../../services/scheduler/src/app/ports.ts";
import { type Bench, count, type Open, type Worker } from "./bench.ts";

/** Delivered and unacknowledged; at the limit the server waits. */
const PENDING_MAX = 1_000;

const PARTITIONS = 1;

interface Reading {
  readonly reader: InboxReader;
  /** Of this consumer; a fresh one begins anew. */
  messages: InboxMessage[];
  restarts: number;
  lost: boolean;
}

export function inboxConformance(name: string, open: Open): void {
  describe(`the inbox of ${name}`, () => {
    let bench: Bench;
    let one: Worker;
    let other: Worker;
    let term = 0;
    beforeAll(async () => {
      bench = await open({ partitions: PARTITIONS });
      one = await bench.worker();
      other = await bench.worker();
    });
    afterAll(() => bench?.close());

    const idOf = ({ subject }: InboxMessage): number => Number(subject.split(".").at(-1));
    const post = (id: number | string): Promise<number> =>
      bench.done(
        one.ports.inbox.post(`cmd.scheduler.acme.create.${id}`, new Uint8Array(), {
          "Scheduler-Actor": "ann",
        }),
      );
    const postAll = async (from: number, to: number): Promise<void> => {
      for (let id = from; id < to; id++) await post(id);
    };
    const pending = (): Promise<number> => bench.done(one.ports.inbox.pending());

    async function read(
      worker: Worker,
      take: (message: InboxMessage) => void,
      partition: number | null = 0,
    ): Promise<Reading> {
      const reader = await bench.done(worker.ports.inbox.open(partition, ++term));
      const reading: Reading = { reader, messages: [], restarts: 0, lost: false };
      reader.start(
        (message) => {
          reading.messages.push(message);
          take(message);
        },
        () => {
          reading.restarts++;
          reading.messages = [];
        },
        () => {
          reading.lost = true;
        },
      );
      return reading;
    }
    const ack = (message: InboxMessage): void => message.ack();
    const nothing = (): void => {};
    /** Nothing is left for whoever comes next. */
    async function emptied(reading: Reading): Promise<void> {
      await bench.until(async () => (await pending()) === 0);
      await bench.done(reading.reader.close());
    }

    it("delivers in stream order with headers and the time of storage, and what is acknowledged is gone", async () => {
      await postAll(0, 50);
      const now = await bench.done(one.ports.store.serverNow());
      const reading = await read(one, ack);
      await bench.until(() => reading.messages.length === 50);
      expect(reading.messages.map(idOf)).toEqual(count(50));
      const [first] = reading.messages;
      expect([first?.header("Scheduler-Actor"), first?.header("Scheduler-Reason")]).toEqual(["ann", null]);
      expect(Math.abs((first?.storedAt ?? 0) - now)).toBeLessThan(60_000);
      await emptied(reading);
    });

    it("delivers what comes later too, and only what nobody has acknowledged is pending", async () => {
      const reading = await read(one, nothing);
      await postAll(0, 3);
      await bench.until(() => reading.messages.length === 3);
      expect(await pending()).toBe(3);
      for (const message of reading.messages) message.ack();
      await emptied(reading);
    });

    it(`waits, and begins nothing anew, while ${PENDING_MAX} are unacknowledged`, async () => {
      await postAll(0, PENDING_MAX + 100);
      const reading = await read(one, nothing);
      await bench.until(() => reading.messages.length === PENDING_MAX);
      await bench.pass(500);
      expect([reading.messages.length, reading.restarts]).toEqual([PENDING_MAX, 0]);
      for (const message of [...reading.messages]) message.ack();
      await bench.until(() => reading.messages.length === PENDING_MAX + 100);
      expect(reading.messages.map(idOf)).toEqual(count(PENDING_MAX + 100));
      for (const message of reading.messages.slice(PENDING_MAX)) message.ack();
      await emptied(reading);
    });

    it("begins again at the first unacknowledged message after the link was down, and says so at once", async () => {
      await postAll(0, 20);
      const reading = await read(one, (message) => {
        if (reading.restarts > 0 || idOf(message) % 2 === 0) message.ack();
      });
      await bench.until(() => reading.messages.length === 20);
      await bench.until(async () => (await bench.done(other.ports.inbox.pending())) === 10);
      await one.cut();
      await one.mend();
      await bench.until(() => reading.restarts > 0 && reading.messages.length === 10);
      expect(reading.messages.map(idOf)).toEqual(count(10).map((n) => 2 * n + 1));
      await emptied(reading);
    });

    it("gives a higher term what the lower has not acknowledged, in order, and the lower hears that it is lost", async () => {
      await postAll(0, 10);
      const old = await read(one, nothing);
      await bench.until(() => old.messages.length === 10);
      const held = [...old.messages];
      const fresh = await read(other, nothing);
      // A zombie's acknowledgement counts for nothing.
      for (const message of held) message.ack();
      await bench.until(() => old.lost);
      await bench.until(() => fresh.messages.length === 10);
      expect(fresh.messages.map(idOf)).toEqual(count(10));
      expect(await pending()).toBe(10);
      for (const message of fresh.messages) message.ack();
      await emptied(fresh);
    });

    it("tells a lower term that it is over, and leaves the higher one alone", async () => {
      const reading = await read(one, ack);
      await expect(bench.done(other.ports.inbox.open(0, term - 1))).rejects.toBeInstanceOf(TermOver);
      await postAll(0, 3);
      await bench.until(() => reading.messages.length === 3);
      expect(reading.lost).toBe(false);
      await emptied(reading);
    });

    it("delivers nothing once it is closed", async () => {
      const reading = await read(one, ack);
      await bench.done(reading.reader.close());
      await post(1);
      await bench.pass(300);
      expect(reading.messages).toEqual([]);
      await emptied(await read(one, ack));
    });

    it.each(["a", "a.b", "a.b.c.d", "a.b.c.d.e"])(
      "gives cmd.scheduler.%s, which fits no form, to its reader alone",
      async (rest) => {
        const formed = await read(one, ack);
        const unmatched = await read(one, ack, null);
        await bench.done(one.ports.inbox.post(`cmd.scheduler.${rest}`, new Uint8Array(), {}));
        await bench.until(() => unmatched.messages.length === 1);
        expect(unmatched.messages.map(({ subject }) => subject)).toEqual([`cmd.scheduler.${rest}`]);
        expect(formed.messages).toEqual([]);
        await bench.done(formed.reader.close());
        await emptied(unmatched);
      },
    );
  });
}
