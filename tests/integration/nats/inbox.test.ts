import type { NatsServer } from "@carillon/local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openInbox } from "../../../services/scheduler/src/adapters/nats/inbox.ts";
import { declareTopology } from "../../../services/scheduler/src/adapters/nats/topology.ts";
import { type Inbox, type InboxMessage, TermOver } from "../../../services/scheduler/src/app/ports.ts";
import { ownServer, settings, until, type Workbench, workbench } from "./workbench.ts";

let server: NatsServer;
let bench: Workbench;
let inbox: Inbox;
beforeEach(async () => {
  server = await ownServer();
  bench = await workbench(server);
  await declareTopology(bench, { ...settings, partitions: 1 });
  inbox = await openInbox(bench);
});
afterEach(async () => {
  await bench.close();
  await server.stop();
});

const idOf = (message: InboxMessage): number => Number(message.subject.split(".").at(-1));
const post = (id: number): Promise<number> =>
  inbox.post(`cmd.scheduler.acme.create.${id}`, new Uint8Array(), { "Scheduler-Actor": "ann" });
async function postAll(from: number, to: number): Promise<void> {
  for (let id = from; id < to; id++) await post(id);
}
const nothing = (): void => {};
const count = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

describe("a reader", () => {
  it("delivers in stream order with headers and storage time, and what is acknowledged is gone", async () => {
    await postAll(0, 50);
    const reader = await inbox.open(0, 1);
    const seen: InboxMessage[] = [];
    reader.start(
      (message) => {
        seen.push(message);
        message.ack();
      },
      nothing,
      nothing,
    );
    await until(() => seen.length === 50);
    expect(seen.map(idOf)).toEqual(count(50));
    expect(seen[0]?.header("Scheduler-Actor")).toBe("ann");
    expect(seen[0]?.header("Scheduler-Reason")).toBeNull();
    expect(Math.abs((seen[0]?.storedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await until(async () => (await inbox.pending()) === 0);
    await reader.close();
  });

  it("keeps more messages than it may hold unacknowledged in order", async () => {
    await postAll(0, 2_500);
    const reader = await inbox.open(0, 1);
    const seen: number[] = [];
    reader.start(
      (message) => {
        seen.push(idOf(message));
        setTimeout(() => message.ack(), 1);
      },
      nothing,
      nothing,
    );
    await until(() => seen.length === 2_500);
    expect(seen).toEqual(count(2_500));
    await reader.close();
  });

  it("waits, and does not begin anew, while it holds as many as it may", async () => {
    await postAll(0, 1_100);
    const reader = await inbox.open(0, 1);
    const held: InboxMessage[] = [];
    let restarts = 0;
    reader.start(
      (message) => held.push(message),
      () => restarts++,
      nothing,
    );
    await until(() => held.length === 1_000);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect([held.length, restarts]).toEqual([1_000, 0]);
    for (const message of held.slice(0, 200)) message.ack();
    await until(() => held.length === 1_100);
    expect(held.map(idOf)).toEqual(count(1_100));
    await reader.close();
  }, 15_000);

  it("begins again at the first unacknowledged message after a reconnect, in order", async () => {
    await postAll(0, 300);
    const reader = await inbox.open(0, 1);
    let seen: number[] = [];
    let restarts = 0;
    const acked = new Set<number>();
    reader.start(
      (message) => {
        seen.push(idOf(message));
        // Every other one stays unacknowledged before the drop.
        if (restarts > 0 || idOf(message) % 2 === 0) {
          message.ack();
          acked.add(idOf(message));
        }
      },
      () => {
        restarts++;
        seen = [];
      },
      nothing,
    );
    await until(() => seen.length === 300);
    await bench.link.nc.flush();
    await bench.link.nc.reconnect();
    await until(() => restarts > 0 && acked.size === 300);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[0]).toBe(1);
    await until(async () => (await inbox.pending()) === 0);
    await reader.close();
  });

  it("says with the reconnect, and not after it, that what is not begun comes again", async () => {
    const reader = await inbox.open(0, 1);
    let restarts = 0;
    reader.start(nothing, () => restarts++, nothing);
    const { promise, resolve } = Promise.withResolvers<number>();
    bench.link.onReconnect(() => resolve(restarts));
    await bench.link.nc.reconnect();
    expect(await promise).toBe(1);
    await reader.close();
  });

  it("goes on after the server was killed", async () => {
    const reader = await inbox.open(0, 1);
    const seen = new Set<number>();
    reader.start(
      (message) => {
        seen.add(idOf(message));
        message.ack();
      },
      nothing,
      nothing,
    );
    await postAll(0, 20);
    await server.kill();
    await server.restart();
    await until(() => bench.link.up());
    await postAll(20, 40);
    await until(() => seen.size === 40);
    await reader.close();
  });

  it("goes on after somebody deleted its consumer", async () => {
    const reader = await inbox.open(0, 3);
    const seen: number[] = [];
    reader.start(
      (message) => {
        seen.push(idOf(message));
        message.ack();
      },
      nothing,
      nothing,
    );
    await postAll(0, 5);
    await until(() => seen.length === 5);
    await bench.api.ask("CONSUMER.DELETE.SCHEDULER_COMMANDS.p0-t3-1");
    await postAll(5, 10);
    // Its last acknowledgements may have gone with it, so a message may come twice.
    await until(() => new Set(seen).size === 10);
    await reader.close();
  });
});

describe("terms", () => {
  it("a higher one takes the consumer over, and the lower one hears that it is lost", async () => {
    await postAll(0, 10);
    const old = await inbox.open(0, 1);
    const held: InboxMessage[] = [];
    let lost = false;
    old.start(
      (message) => held.push(message),
      nothing,
      () => {
        lost = true;
      },
    );
    await until(() => held.length === 10);
    const fresh = await inbox.open(0, 2);
    // A zombie's acknowledgement counts for nothing.
    for (const message of held) message.ack();
    await until(() => lost);
    const seen: number[] = [];
    fresh.start(
      (message) => {
        seen.push(idOf(message));
        message.ack();
      },
      nothing,
      nothing,
    );
    await until(() => seen.length === 10);
    expect(seen).toEqual(count(10));
    await fresh.close();
  });

  it("a lower one is over and deletes nothing", async () => {
    const reader = await inbox.open(0, 5);
    await expect(inbox.open(0, 4)).rejects.toBeInstanceOf(TermOver);
    const { consumers } = await bench.api.ask<{ consumers: string[] }>(
      "CONSUMER.NAMES.SCHEDULER_COMMANDS",
      {},
    );
    expect(consumers).toEqual(["p0-t5-1"]);
    await reader.close();
  });
});

describe("what fits no form", () => {
  it("comes to the reader of the unmatched, and to no partition", async () => {
    await inbox.post("cmd.scheduler.acme", new Uint8Array(), {});
    await post(1);
    const reader = await inbox.open(null, 1);
    const seen: string[] = [];
    reader.start(
      (message) => {
        seen.push(message.subject);
        message.ack();
      },
      nothing,
      nothing,
    );
    await until(() => seen.length === 1);
    expect(seen).toEqual(["cmd.scheduler.acme"]);
    await until(async () => (await inbox.pending()) === 1);
    await reader.close();
  });

  it.each(["a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c.d.e.f"])(
    "reaches that reader as cmd.scheduler.%s",
    async (rest) => {
      const reader = await inbox.open(null, 1);
      const seen: string[] = [];
      reader.start((message) => seen.push(message.subject), nothing, nothing);
      await inbox.post(`cmd.scheduler.${rest}`, new Uint8Array(), {});
      await until(() => seen.length === 1);
      expect(seen).toEqual([`cmd.scheduler.${rest}`]);
      await reader.close();
    },
  );

  it("keeps no acknowledged command of a partition in the inbox", async () => {
    const readers = [await inbox.open(0, 1), await inbox.open(null, 1)];
    for (const reader of readers) reader.start((message) => message.ack(), nothing, nothing);
    await postAll(0, 3);
    await until(async () => (await inbox.pending()) === 0);
    await Promise.all(readers.map((reader) => reader.close()));
  });
});

describe("opening", () => {
  it("32 partitions replaces the consumers of the term before within a second", async () => {
    const partitions = count(32);
    await Promise.all(partitions.map((partition) => inbox.open(partition, 1)));
    const startedAt = performance.now();
    const readers = await Promise.all(partitions.map((partition) => inbox.open(partition, 2)));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await Promise.all(readers.map((reader) => reader.close()));
  });
});
