/** What the publisher promises. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPEN_MAX } from "../../services/scheduler/src/adapters/nats/lanes.ts";
import {
  Abandoned,
  type Message,
  OWN_LANE,
  type Publisher,
  type Receipt,
} from "../../services/scheduler/src/app/ports.ts";
import { always, type Bench, count, type Open, type Worker } from "./bench.ts";

const STREAM = "ORDERS";
const POOL_SIZE = 4_096;
const TARGET_PLACES = POOL_SIZE / 8;
const WAIT_MS = 5_000;
const message = (id: string | null, subject = "cmd.orders.place"): Message => ({
  subject,
  data: "{}",
  id,
  headers: {},
});
type How = Parameters<Publisher["send"]>[1];
const target: How = { lane: STREAM, guard: always, patienceMs: null };

export function publisherConformance(name: string, open: Open): void {
  describe(`the publisher of ${name}`, () => {
    let bench: Bench;
    let worker: Worker;
    let publisher: Publisher;
    beforeAll(async () => {
      bench = await open({ partitions: 1 });
      worker = await bench.worker();
      publisher = worker.ports.publisher;
      await bench.addStream({ name: STREAM, subjects: ["cmd.orders.>"] });
      await bench.addStream({ name: "FULL", subjects: ["cmd.full"] });
    });
    afterAll(() => bench?.close());

    const send = (sent: Message, how: Partial<How> = {}) =>
      bench.done<Receipt>(publisher.send(sent, { ...target, ...how }));

    it("stores a message once under one id, and each that has none", async () => {
      const first = await send(message("once"));
      const second = await send(message("once"));
      expect(first).toMatchObject({ kind: "stored", stream: STREAM, duplicate: false });
      expect(second).toEqual({ ...first, duplicate: true });
      for (const _ of count(2)) expect(await send(message(null))).toMatchObject({ duplicate: false });
    });

    it("is refused where no stream listens, where the message is too large, and by a full stream", async () => {
      const nowhere = await send(message("x", "cmd.nowhere"), { lane: "none" });
      expect(nowhere).toMatchObject({ kind: "refused", code: "no_stream" });
      const large = await send({ ...message("large"), data: "x".repeat(1_100_000) });
      expect(large).toMatchObject({ kind: "refused", code: "too_large" });
      await send(message(null, "cmd.full"), { lane: "FULL" });
      await bench.fill("FULL");
      const full = await send(message(null, "cmd.full"), { lane: "FULL" });
      expect(full).toMatchObject({ kind: "refused", code: "stream_full" });
    });

    it("never sends once the guard is false", async () => {
      const before = await bench.count(STREAM);
      await expect(send(message("guarded"), { guard: () => false })).rejects.toBeInstanceOf(Abandoned);
      expect(publisher.inflight()).toBe(0);
      expect(await bench.count(STREAM)).toBe(before);
    });

    it("does not know after its patience, and abandons what its guard forbids, while the link is down", async () => {
      let may = true;
      await worker.cut();
      const abandoned = publisher.send(message("held"), { ...target, guard: () => may });
      const over = expect(abandoned).rejects.toBeInstanceOf(Abandoned);
      expect(await send(message("patient"), { patienceMs: 200 })).toEqual({ kind: "unknown" });
      may = false;
      await bench.done(over);
      expect(publisher.inflight()).toBe(0);
      await worker.mend();
    });

    it("sends everything open again after a reconnect, and all of it is stored once", async () => {
      const before = await bench.count(STREAM);
      worker.deafen();
      const sent = count(100).map((n) => publisher.send(message(`again-${n}`), target));
      await bench.until(async () => (await bench.count(STREAM)) === before + 100);
      await worker.cut();
      sent.push(...count(100).map((n) => publisher.send(message(`down-${n}`), target)));
      await worker.mend();
      const receipts = await bench.done(Promise.all(sent));
      const duplicates = receipts.map((receipt) => receipt.kind === "stored" && receipt.duplicate);
      expect(receipts.every(({ kind }) => kind === "stored")).toBe(true);
      expect(duplicates).toEqual(count(200).map((n) => n < 100));
      expect(await bench.count(STREAM)).toBe(before + 200);
    });

    it("gives a target stream an eighth of the pool, and leaves the others theirs", async () => {
      await worker.cut();
      const sent = count(TARGET_PLACES + 5).map((n) => publisher.send(message(`lane-${n}`), target));
      expect(publisher.room(STREAM)).toBe(0);
      expect(publisher.inflight()).toBe(TARGET_PLACES);
      expect(publisher.room("OTHER")).toBe(TARGET_PLACES);
      expect(publisher.room(OWN_LANE)).toBe(Math.min(POOL_SIZE, OPEN_MAX - TARGET_PLACES));
      await worker.mend();
      const receipts = await bench.done(Promise.all(sent));
      expect(receipts.every(({ kind }) => kind === "stored")).toBe(true);
      expect([publisher.room(STREAM), publisher.inflight()]).toEqual([TARGET_PLACES, 0]);
    });

    it("confirms a core message whether or not somebody listens, and waits for the link", async () => {
      const { subject, answer } = (await bench.worker()).ports.outcomes.expect(WAIT_MS);
      const core = (sent: Message) => bench.done(publisher.sendCore(sent, always));
      expect(await core({ ...message(null, subject), data: "heard" })).toMatchObject({ kind: "stored" });
      expect(await bench.done(answer)).toBe("heard");
      expect(await core(message(null, "core.void"))).toMatchObject({ kind: "stored" });
      await worker.cut();
      const waiting = publisher.sendCore(message(null, "core.void"), always);
      expect(publisher.inflight()).toBe(1);
      await worker.mend();
      expect(await bench.done(waiting)).toMatchObject({ kind: "stored" });
      const forbidden = publisher.sendCore(message(null, "core.void"), () => false);
      await expect(bench.done(forbidden)).rejects.toBeInstanceOf(Abandoned);
    });
  });
}
