import type { NatsServer } from "@carillon/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { always, makeStream, ownServer, until, type Workbench, workbench } from "./workbench.ts";

let server: NatsServer;
let bench: Workbench;
beforeAll(async () => {
  server = await ownServer();
  bench = await workbench(server);
  await makeStream(bench.api, "MAIL", { subjects: ["cmd.mail.>"], duplicate_window: 60e9 });
  await makeStream(bench.api, "WORK", { subjects: ["cmd.work"], retention: "workqueue" });
});
afterAll(async () => {
  await bench.close();
  await server.stop();
});

const put = (subject: string, id: string) =>
  bench.publisher.send(
    { subject, data: "{}", id, headers: {} },
    { lane: "own", guard: always, patienceMs: null },
  );

describe("the stream of a subject", () => {
  it("is named with its window and kind, and remembered", async () => {
    expect(bench.finder.known("cmd.mail.send")).toBeUndefined();
    expect(await bench.finder.streamOf("cmd.mail.send")).toEqual({
      name: "MAIL",
      duplicateWindowMs: 60_000,
      workQueue: false,
    });
    expect(bench.finder.known("cmd.mail.send")).toMatchObject({ name: "MAIL" });
    expect(await bench.finder.streamOf("cmd.work")).toMatchObject({ workQueue: true });
  });

  it("is found as soon as somebody asks afresh", async () => {
    expect(await bench.finder.streamOf("cmd.later")).toBeNull();
    await makeStream(bench.api, "LATER", { subjects: ["cmd.later"] });
    expect(await bench.finder.streamOf("cmd.later")).toBeNull();
    expect(await bench.finder.streamOf("cmd.later", true)).toMatchObject({ name: "LATER" });
    expect(bench.finder.known("cmd.later")).toMatchObject({ name: "LATER" });
  });
});

describe("a search for message ids", () => {
  it("finds those that are there, and says that it saw everything", async () => {
    const since = Date.now() - 1_000;
    const ids = Array.from({ length: 200 }, (_, n) => `id-${n}`);
    await Promise.all(ids.map((id) => put("cmd.mail.send", id)));
    await put("cmd.mail.other", "elsewhere");
    const search = { stream: "MAIL", subject: "cmd.mail.send", since: since - 60_000 };
    const tooEarly = await bench.finder.find({ ...search, ids: new Set(["id-7", "elsewhere"]) });
    expect([...tooEarly.found.keys()]).toEqual(["id-7"]);
    expect(tooEarly.complete).toBe(false);
    await until(() => Date.now() > since + 1_100);
    const after = await bench.finder.find({ ...search, since: Date.now(), ids: new Set(["id-7"]) });
    expect([after.found.size, after.complete]).toEqual([0, true]);
    const all = await bench.finder.find({ ...search, ids: new Set(["id-7", "id-199"]) });
    expect([all.found.size, all.complete]).toEqual([2, true]);
  });

  it("proves nothing where a stream forgets", async () => {
    const search = { stream: "WORK", subject: "cmd.work", since: Date.now(), ids: new Set(["x"]) };
    expect((await bench.finder.find(search)).complete).toBe(false);
    expect((await bench.finder.find({ ...search, stream: "NONE" })).complete).toBe(false);
  });
});
