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
