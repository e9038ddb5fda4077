import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Client } from "@carillon/contracts/client";
import { every } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";

let stack: Stack;
let client: Client;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  client = running.client;
});
afterAll(() => stack?.close());
it("tries", async () => {
  const since = new Date().toISOString();
  for (let n = 0; n < 20; n++) await client.create(`s${n}`, every(0.5));
  await delay(3000);
  await client.pause("s1");
  await client.update("s2", { trigger: { type: "interval", everySeconds: 0.3 } });
  await client.delete("s3");
  await client.trigger("s4");
  await delay(2000);
  await client.resume("s1");
  await delay(6000);
  const t = performance.now();
  const v = await client.verify({ since });
  console.log(performance.now() - t, v.summary, JSON.stringify(v, null, 1).slice(0, 3000));
  const one = await client.verify({ since }, "s1");
  console.log(one.summary);
  expect(v.unexplained.count).toBe(0);
}, 60000);
