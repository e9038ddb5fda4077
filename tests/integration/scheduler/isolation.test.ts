/*
 * Tenants do not meet, and ids of different causes do not either: nothing that one sends can swallow what is another's.
 */

import { executionIdAt, messageId } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ahead, define, every, manual, once, UNCAPTURED } from "../../support/definition.ts";
import { openRunning, type Stack } from "../../support/stack.ts";
import { nominals, type Witness, whatOf, witnessOf } from "../../support/witness.ts";

let stack: Stack;
let witness: Witness;
beforeAll(async () => {
  const running = await openRunning();
  stack = running.stack;
  witness = await witnessOf(stack.nc);
});
afterAll(() => stack?.close());

describe("two tenants", () => {
  it("with the same scheduleId, instant and target give two commands", async () => {
    const at = ahead(1);
    const [one, two] = [stack.client("default"), stack.client("acme")];
    await Promise.all([one.create("x", once(at)), two.create("x", once(at))]);
    await witness.targets.until(
      () => witness.commands("x", "default").length + witness.commands("x", "acme").length >= 2,
      "the commands of both tenants",
    );
    await witness.settled("x");
    await witness.caughtUp();
    for (const tenant of ["default", "acme"]) {
      const commands = witness.commands("x", tenant);
      expect(nominals(commands)).toEqual([at]);
      expect(commands[0]?.headers["Nats-Msg-Id"]).toBe(messageId(tenant, executionIdAt("x", at), 1));
      expect(witness.story("x", tenant).map(whatOf)).toEqual(["dispatched"]);
    }
  });

  it("do not see each other's schedules", async () => {
    await stack.client("acme").create("private", manual());
    await expect(stack.client("default").get("private")).rejects.toMatchObject({ code: "not_found" });
    await expect(stack.client("default").delete("private")).rejects.toMatchObject({ code: "not_found" });
    expect((await stack.client("acme").get("private")).version).toBe(1);
  });

  it("have targets of their own", async () => {
    const elsewhere = define({ type: "manual" }, { target: { subject: UNCAPTURED } });
    await expect(stack.client("acme").create("foreign", elsewhere)).rejects.toMatchObject({
      code: "target_not_allowed",
    });
    expect((await stack.client("default").create("own", elsewhere)).version).toBe(1);
  });
});

describe.concurrent("a trigger whose command id looks like an id", () => {
  it.each([
    ["message", (executionId: string) => messageId("default", executionId, 1)],
    ["event", (executionId: string) => `${messageId("default", executionId, 1)}.dispatched`],
    ["execution", (executionId: string) => `default.${executionId}`],
  ])("of its %s swallows nothing", async (kind, idOf) => {
    const scheduleId = `alike-${kind}`;
    const client = stack.client();
    const at = ahead(1.5);
    await client.create(scheduleId, once(at));
    const commandId = idOf(executionIdAt(scheduleId, at));
    await client.trigger(scheduleId, {}, { commandId });
    await client.durable.trigger(scheduleId, {}, { commandId: `${commandId}.again` });
    await witness.settled(scheduleId, 3);
    await witness.caughtUp();
    const commands = witness.commands(scheduleId);
    const causes = commands.map(({ headers }) => headers["Scheduler-Cause"]);
    expect(causes).toEqual(["trigger", "trigger", "schedule"]);
    expect(nominals(commands).at(-1)).toBe(at);
    expect(witness.story(scheduleId).map(whatOf)).toEqual(["dispatched", "dispatched", "dispatched"]);
  });

  it("given to the durable verb, leaves the occurrence of that id alone", async () => {
    const at = ahead(1);
    const client = stack.client();
    await client.create("durable-alike", once(at));
    const commandId = messageId("default", executionIdAt("durable-alike", at), 1);
    await client.durable.trigger("durable-alike", {}, { commandId });
    await witness.settled("durable-alike", 2);
    expect(witness.commands("durable-alike")).toHaveLength(2);
  });
});

describe("schedules of one tenant", () => {
  it("that fire at one instant at one target all do", async () => {
    const at = ahead(1);
    const ids = Array.from({ length: 40 }, (_, n) => `crowd-${n}`);
    await Promise.all(ids.map((id) => stack.client().create(id, once(at))));
    for (const id of ids) await witness.settled(id);
    await witness.caughtUp();
    expect(ids.map((id) => witness.commands(id).length)).toEqual(ids.map(() => 1));
  });

  it("may be as many in one partition as they like", async () => {
    const client = stack.client("acme");
    await Promise.all(Array.from({ length: 64 }, (_, n) => client.create(`many-${n}`, every(3_600))));
    expect((await client.get("many-63")).status).toBe("active");
  });
});
