/*
 * What is refused: each command durably and over rpc, with its code and the place that is wrong, an event
 * `command.rejected` that names the sender, nothing created, and a worker that is unharmed and was not held up. The run
 * ends with the table of all of them.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { define, manual, TARGET } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import {
  CHECKED,
  HEADERS,
  PAYLOAD_BYTES_MAX,
  PAYLOADS,
  SHAPES,
  TARGETS,
  to,
} from "../../support/refused-definitions.ts";
import { TIMES } from "../../support/refused-times.ts";
import { openStack, type Stack, TENANTS } from "../../support/stack.ts";
import { witnessOf } from "../../support/witness.ts";

let stack: Stack;
let refusals: Refusals;
beforeAll(async () => {
  const { default: standard, ...others } = TENANTS;
  const checked = { subject: CHECKED, capture: true, payloadSchema: "./payload.schema.json" };
  const targets = [
    ...(standard?.targets ?? []),
    checked,
    // However much a file allows: what is reserved stays so, and a command only where it is named literally.
    { subject: ">" },
    { subject: "cmd.scheduler.default.trigger.other" },
  ];
  stack = await openStack({
    tenants: {
      ...others,
      default: { targets, maxPayloadBytes: PAYLOAD_BYTES_MAX },
      narrow: { targets: [{ subject: TARGET, capture: true }] },
    },
  });
  await writeFile(
    join(stack.folder, "payload.schema.json"),
    JSON.stringify({ type: "object", required: ["user"], properties: { user: { type: "string" } } }),
  );
  const worker = stack.worker();
  await worker.settled();
  refusals = await refusalsOf(stack, worker, await witnessOf(stack.nc));
});
afterAll(() => stack?.close());

describe.each([
  ["a definition with", SHAPES],
  ["a trigger with", TIMES],
  ["a target that is or has", TARGETS],
  ["a target's header", HEADERS],
  ["a payload", PAYLOADS],
])("%s", (title, rows) => {
  it.each(rows)("%s is refused: %s at %j", async (what, code, path, body) => {
    const refused = await refusals.both(`${title} ${what}`, { verb: "create", body });
    expect(refused).toEqual({ code, paths: expect.arrayContaining([path]) });
  });
});

describe.concurrent("a target that the tenants file does not name", () => {
  it("is refused with the line to add", async () => {
    const sent = { subject: "cmd.scheduler.narrow.create.x", body: to("cmd.billing.charge") };
    const error = await refusals.durably(sent);
    expect([error.code, pathsOf(error)]).toEqual(["target_not_allowed", ["/target/subject"]]);
    expect(error.message).toContain("tenants.narrow.targets");
    expect(error.message).toContain('{ "subject": "cmd.billing.charge" }');
  });

  it.each([
    "cmd.notification.send.more",
    "cmd.notification",
    "cmd.notification.sender",
    "CMD.notification.send",
  ])("is compared token by token: %s", async (subject) => {
    const error = await refusals.overRpc({ subject: "rpc.scheduler.narrow.create.x", body: to(subject) });
    expect(error.code).toBe("target_not_allowed");
  });
});

describe.concurrent("a command of the scheduler that an entry names literally", () => {
  it("is allowed in the tenant's own name", async () => {
    const target = { subject: "cmd.scheduler.default.trigger.other", delivery: "core" } as const;
    expect((await stack.client().create("chained", define({ type: "manual" }, { target }))).version).toBe(1);
  });
});

describe.concurrent("a body", () => {
  it.each([
    ["pause", { until: "later" }, "/until"],
    ["delete", [], ""],
    ["resume", { from: "yesterday" }, "/from"],
    ["trigger", { payloads: 1 }, "/payloads"],
    ["update", {}, ""],
    ["update", { everySeconds: 1 }, "/everySeconds"],
  ])("of %s that is %j is refused at %j", async (verb, body, path) => {
    const scheduleId = refusals.nextId();
    await stack.client().create(scheduleId, manual());
    const error = await refusals.overRpc({ subject: `rpc.scheduler.default.${verb}.${scheduleId}`, body });
    expect([error.code, pathsOf(error)]).toEqual(["invalid_body", [path]]);
  });
});

describe("after all of that", () => {
  it("the worker is unharmed", () => refusals.harmNobody());
});
