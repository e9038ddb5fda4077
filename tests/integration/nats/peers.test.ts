import type { NatsServer } from "@carillon/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NatsPeers } from "../../../services/scheduler/src/adapters/nats/peers.ts";
import { ownServer, type Workbench, workbench } from "./workbench.ts";

/** Long enough for an answer that should not come to have come. */
const SILENCE_MS = 100;

let server: NatsServer;
const benches: Workbench[] = [];
let peers: NatsPeers[];
beforeAll(async () => {
  server = await ownServer();
  for (let n = 0; n < 3; n++) benches.push(await workbench(server));
  peers = benches.map((bench) => new NatsPeers(bench));
  for (const [n, one] of peers.entries()) one.answer(async (question) => answerOf(question, n));
  for (const { link } of benches) await link.nc.flush();
});
afterAll(async () => {
  for (const bench of benches) await bench.close();
  await server?.stop();
});

async function answerOf(question: string, n: number): Promise<string | null> {
  return question === "who?" ? `worker ${n}` : null;
}

/** What the first one hears until it has heard `enough` answers. */
async function heardOf(question: string, enough: number, waitMs: number): Promise<string[]> {
  const heard: string[] = [];
  await peers[0]?.ask(question, waitMs, (answer) => heard.push(answer) === enough);
  return heard.sort();
}

describe("a question", () => {
  it("is lost while the server is away, and over in time all the same", async () => {
    await server.kill();
    expect(await heardOf("who?", 1, SILENCE_MS)).toEqual([]);
    await server.restart();
    while ((await heardOf("who?", 2, SILENCE_MS)).length < 2);
  });

  it("is over in time on a connection that is closed", async () => {
    await benches[0]?.link.close();
    expect(await heardOf("who?", 1, SILENCE_MS)).toEqual([]);
  });
});
