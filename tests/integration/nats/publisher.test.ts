import type { NatsServer } from "@carillon/local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Abandoned, type Message, type Receipt } from "../../../services/scheduler/src/app/ports.ts";
import { always, makeStream, ownServer, paused, until, type Workbench, workbench } from "./workbench.ts";

const STREAM = "ORDERS";
const message = (id: string | null, subject = "cmd.orders.place"): Message => ({
  subject,
  data: "{}",
  id,
  headers: {},
});
const target = { lane: STREAM, guard: always, patienceMs: null };

let server: NatsServer;
let bench: Workbench;
beforeAll(async () => {
  server = await ownServer();
  bench = await workbench(server);
  await makeStream(bench.api, STREAM, { subjects: ["cmd.orders.>"], duplicate_window: 600e9 });
  await bench.close();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await workbench(server);
});
afterEach(() => bench.close());

describe("a message to a stream", () => {
  it("carries its headers, and loses what would break the protocol", async () => {
    const headers = { "X-Text": "grüß\r\nX-Evil: 1", "bad name": "x", "Scheduler-Attempt": "1" };
    const subscription = bench.link.nc.subscribe("cmd.orders.headers");
    await bench.publisher.send({ subject: "cmd.orders.headers", data: "{}", id: "h-1", headers }, target);
    for await (const received of subscription) {
      expect(received.headers?.get("X-Text")).toBe("grüß X-Evil: 1");
      expect(received.headers?.get("Nats-Msg-Id")).toBe("h-1");
      expect(received.headers?.keys()).toEqual(["Nats-Msg-Id", "X-Text", "Scheduler-Attempt"]);
      break;
    }
  });

  it("is not acknowledged by a service that answers on the subject", async () => {
    const service = bench.link.nc.subscribe("cmd.orders.>", {
      callback: (_, request) => {
        request.respond("ok");
        request.respond('{"ok":true}');
        request.respond('{"error":{"code":"bad"}}');
      },
    });
    const receipt = await bench.publisher.send(message("answered"), target);
    service.unsubscribe();
    expect(receipt).toMatchObject({ kind: "stored", stream: STREAM });
  });

  it("is refused where only a service listens", async () => {
    const service = bench.link.nc.subscribe("cmd.lonely", {
      callback: (_, request) => void request.respond("ok"),
    });
    const receipt = await bench.publisher.send(message("x", "cmd.lonely"), { ...target, lane: "none" });
    service.unsubscribe();
    expect(receipt).toMatchObject({ kind: "refused", code: "no_stream" });
  });

  it("is refused where only a silent subscriber listens", async () => {
    const service = bench.link.nc.subscribe("cmd.silent", { callback: () => {} });
    const receipt = await bench.publisher.send(message("x", "cmd.silent"), { ...target, lane: "none" });
    service.unsubscribe();
    expect(receipt).toMatchObject({ kind: "refused", code: "no_stream" });
  });

  it("is refused by a stream with as many messages as it may have, and by one that takes no such size", async () => {
    await makeStream(bench.api, "FULL", { subjects: ["full"], max_msgs: 1, discard: "new" });
    await makeStream(bench.api, "SMALL", { subjects: ["small"], max_msg_size: 10 });
    await bench.publisher.send(message(null, "full"), { ...target, lane: "FULL" });
    const full = await bench.publisher.send(message(null, "full"), { ...target, lane: "FULL" });
    const small = await bench.publisher.send(
      { ...message(null, "small"), data: "x".repeat(50) },
      { ...target, lane: "SMALL" },
    );
    expect(full).toMatchObject({ kind: "refused", code: "stream_full" });
    expect(small).toMatchObject({ kind: "refused", code: "too_large" });
  });

  it("is unknown after its patience, and abandoned when its guard turns false, while the server is stuck", async () => {
    let may = true;
    await paused(bench);
    const unknown = bench.publisher.send(message("patient"), { ...target, patienceMs: 200 });
    const abandoned = bench.publisher.send(message("held"), { ...target, guard: () => may });
    expect(await unknown).toEqual({ kind: "unknown" });
    may = false;
    await expect(abandoned).rejects.toBeInstanceOf(Abandoned);
    server.resume();
  });
});

describe("after the server was killed", () => {
  it("sends everything open again, and each message is stored once", async () => {
    const before = (await bench.api.ask<{ state: { messages: number } }>(`STREAM.INFO.${STREAM}`)).state
      .messages;
    const sent: Promise<Receipt>[] = [];
    for (let count = 0; count < 600; count++)
      sent.push(bench.publisher.send(message(`kill-${count}`), target));
    await sent[0];
    await server.kill();
    for (let count = 600; count < 900; count++)
      sent.push(bench.publisher.send(message(`kill-${count}`), target));
    await server.restart();
    const receipts = await Promise.all(sent);
    expect(receipts.every(({ kind }) => kind === "stored")).toBe(true);
    const after = (await bench.api.ask<{ state: { messages: number } }>(`STREAM.INFO.${STREAM}`)).state
      .messages;
    expect(after - before).toBe(900);
  });
});

describe("a core message", () => {
  it("carries its id", async () => {
    const received: string[] = [];
    bench.link.nc.subscribe("core.news", {
      callback: (_, news) => void received.push(news.headers?.get("Nats-Msg-Id") ?? ""),
    });
    await bench.link.nc.flush();
    await bench.publisher.sendCore(message("core-1", "core.news"), always);
    await until(() => received.includes("core-1"));
  });

  it("waits for the server to come back", async () => {
    await server.kill();
    await until(() => !bench.link.up());
    const sent = bench.publisher.sendCore(message("core-3", "core.news"), always);
    await server.restart();
    expect(await sent).toMatchObject({ kind: "stored" });
  });
});

describe("a user without the permission", () => {
  it("gets a refusal for streams and for core messages", async () => {
    const strict = await ownServer(
      `authorization { users: [
        { user: root, password: root },
        { user: limited, password: limited, permissions: { publish: { deny: ["cmd.>"] } } } ] }`,
    );
    const limited = await workbench(strict, { user: "limited" });
    const stream = await limited.publisher.send(message("p-1"), target);
    const core = await limited.publisher.sendCore(message("p-2"), always);
    expect(stream).toMatchObject({ kind: "refused", code: "permission" });
    expect(core).toMatchObject({ kind: "refused", code: "permission" });
    await limited.close();
    await strict.stop();
  });
});
